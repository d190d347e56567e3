package campus_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// What a plain client reads of media and events is the truth, in every profile, also when the campus moves on.
func TestMiVideoIsTheTruth(t *testing.T) {
	for _, p := range []campus.Profile{campus.Clean, campus.Throttled, campus.Flaky, campus.Hostile} {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			s := campustest.Start(t, campus.Options{Seed: 4, Courses: 24, Date: monday, Profile: p, Stall: 1, Latency: 1})
			r := newReader(t, s)
			for date := monday; date.Before(monday.AddDate(0, 0, 3)); date = date.AddDate(0, 0, 1) {
				if err := s.SetDay(t.Context(), date); err != nil {
					t.Fatal(err)
				}
				tables, err := s.Truth(date, time.Time{}, university.JobMiVideo)
				if err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(counts(tables[0]), eventCounts(r, date)); diff != "" {
					t.Errorf("events of %s (-truth +read): %s", date, diff)
				}
				want := map[string]string{}
				for _, row := range tables[1].Rows {
					want[row[0].(string)] = fmt.Sprint(row[1:]...)
				}
				if diff := gocmp.Diff(want, mediaRead(r)); diff != "" {
					t.Errorf("media of %s (-truth +read): %s", date, diff)
				}
			}
			met := s.Stats().Faults
			expired := met["kaltura-session-expired"]
			t.Logf("faults %v", met)
			if unkind := p == campus.Flaky || p == campus.Hostile; unkind != (r.retried > 0) || expired != map[campus.Profile]int{campus.Hostile: 3}[p] {
				t.Errorf("%d requests retried, faults %v", r.retried, met)
			}
		})
	}
}

// A hostile campus lets sessions of Kaltura end early and refuses by rate limits, whatever the seed.
func TestHostileServices(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(6) {
		s := campustest.Start(t, campus.Options{Seed: seed, Courses: 12, Date: monday, Profile: campus.Hostile, Stall: 1})
		r := newReader(t, s)
		mediaRead(r)
		eventCounts(r, monday)
		if len(s.Stats().Faults) == 0 {
			t.Errorf("seed %d: nothing went wrong", seed)
		}
		for k, n := range s.Stats().Faults {
			met[k] += n
		}
	}
	for _, k := range []string{"kaltura-session-expired", "bigquery-rate-limit", "bigquery-backend"} {
		if met[k] == 0 {
			t.Errorf("%s never happened: %v", k, met)
		}
	}
}

func TestServicesCanBreak(t *testing.T) {
	s := campustest.Start(t, campus.Options{Seed: 1, Courses: 5, Date: monday, Breaks: []campus.Break{{Prefix: "/kaltura", Status: 503}, {Prefix: "/bigquery/v2", Status: 500}}})
	for target, want := range map[string]int{s.KalturaURL + "/api_v3/service/system/action/ping": 503, s.UDPEndpoint + "/bigquery/v2/projects/udp-umich-prod/queries/x": 500, s.ZoomURL + "/api/v1/lti/rich/meeting/history/COURSE/all": 401} {
		resp, err := http.Get(target)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if broken := want != 401; broken != (resp.StatusCode == want) {
			t.Errorf("%s: %s", target, resp.Status)
		}
	}
}

// counts returns the number of events by hour and course.
func counts(hours university.Table) map[string]int64 {
	all := map[string]int64{}
	for _, row := range hours.Rows {
		all[fmt.Sprint(row[0], " ", row[1])] = row[3].(int64)
	}
	return all
}

// eventCounts reads the events page by page and counts each once.
func eventCounts(r *reader, date time.Time) map[string]int64 {
	type answer struct {
		JobComplete  bool
		JobReference struct{ JobID string }
		PageToken    string
		Rows         []struct{ F []struct{ V *string } }
	}
	base := r.s.UDPEndpoint + "/bigquery/v2/projects/udp-umich-prod/queries"
	body, err := json.Marshal(map[string]any{
		"useLegacySql": false, "maxResults": 1000, "parameterMode": "NAMED",
		"query": "SELECT id, FORMAT_TIMESTAMP('%F %H', event_time), JSON_EXTRACT_SCALAR(event, '$.object.extensions.kaf:course_id') FROM " +
			"event_store.events WHERE event_time < @to AND type = 'MediaEvent' AND action = 'Started' AND ed_app IN ('" + university.EdAppCanvas + "', '" + university.EdAppDirect + "')",
		"queryParameters": []any{map[string]any{
			"name": "to", "parameterType": map[string]any{"type": "TIMESTAMP"}, "parameterValue": map[string]any{"value": date.Format("2006-01-02 15:04:05+00:00")},
		}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	all, met := map[string]int64{}, map[string]bool{}
	method, target := http.MethodPost, base
	for target != "" {
		var page answer
		r.try(method, target, body, false, func(b []byte) error {
			page = answer{}
			return json.Unmarshal(b, &page)
		})
		for _, row := range page.Rows {
			id, hour, course := *row.F[0].V, *row.F[1].V, row.F[2].V
			if met[id] || course == nil || *course == "" || strings.Trim(*course, "0123456789") != "" {
				continue
			}
			if n, err := strconv.ParseInt(*course, 10, 64); err == nil {
				met[id] = true
				all[fmt.Sprint(hour, " ", n)]++
			}
		}
		method, target = http.MethodGet, ""
		if !page.JobComplete || page.PageToken != "" {
			target = base + "/" + page.JobReference.JobID + "?" + url.Values{"pageToken": {page.PageToken}, "maxResults": {"1000"}}.Encode()
			if page.PageToken == "" {
				target = base + "/" + page.JobReference.JobID + "?maxResults=1000"
			}
		}
	}
	return all
}

// mediaRead reads the media under the root.
func mediaRead(r *reader) map[string]string {
	r.t.Helper()
	type answer struct {
		Code    string
		Objects []struct {
			ID, Name string
			Created  json.RawMessage `json:"createdAt"`
			Duration json.RawMessage
		}
	}
	call := func(path string, params map[string]any, check func([]byte) error) {
		params["format"] = 1
		body, err := json.Marshal(params)
		if err != nil {
			r.t.Fatal(err)
		}
		r.try(http.MethodPost, r.s.KalturaURL+"/api_v3/service/"+path, body, false, check)
	}
	number := func(raw json.RawMessage) int64 { return number(strings.Trim(string(raw), `"`)) }
	all := map[string]string{}
	for sessions := 1; ; sessions++ {
		var ks string
		call("session/action/start", map[string]any{"partnerId": r.s.KalturaPartner, "secret": r.s.KalturaSecret, "type": 2}, func(b []byte) error {
			return json.Unmarshal(b, &ks) // an error is an object, not text
		})
		var page answer
		call("media/action/list", map[string]any{
			"ks": ks, "filter": map[string]any{"categoriesFullNameIn": university.MediaRoot}, "pager": map[string]any{"pageSize": 500},
		}, func(b []byte) error {
			page = answer{}
			if err := json.Unmarshal(b, &page); err != nil {
				return err
			}
			if page.Code != "" && page.Code != "INVALID_KS" {
				return fmt.Errorf("%s", b)
			}
			return nil
		})
		if page.Code != "" {
			if sessions > 1 {
				r.t.Fatal("a second session was refused too")
			}
			continue
		}
		for _, o := range page.Objects {
			all[o.ID] = fmt.Sprint(time.Unix(number(o.Created), 0).UTC().Format(time.DateTime), o.Name, number(o.Duration))
		}
		return all
	}
}
