package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

const (
	project = "udp-umich-prod"
	kaf     = "https://aakaf.mivideo.it.umich.edu/caliper/info/app/KafEdApp"
)

var day = time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC)

// sample returns one event an hour over three days, and some odd ones at the edges.
func sample() []Event {
	var all []Event
	add := func(at time.Time, course string, form Form) {
		e := Event{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", len(all)), Type: "MediaEvent", Action: "Started", EdApp: kaf,
			Time: at, Stored: at.Add(time.Second), Actor: "someone", Media: "1_u5xer7qs", Form: form,
		}
		if course != "" {
			e.Course = &course
		}
		all = append(all, e)
	}
	for h := range 72 {
		add(day.Add(time.Duration(h)*time.Hour+time.Duration(h)*time.Millisecond), "213167", Form(h%4))
	}
	add(day.AddDate(0, 0, 1).Add(-time.Microsecond), "213168", Current)
	add(day.AddDate(0, 0, 1).Add(time.Hour/2), "abc", Current)
	add(day.AddDate(0, 0, 1).Add(time.Hour/2), "", Current)
	add(day.AddDate(0, 0, 1).Add(time.Hour/2), "213169", Torn)
	all[len(all)-1].Stored = day.AddDate(0, 0, 6)
	return all
}

// connect starts a server and the official client.
func connect(t *testing.T, change func(*Options)) (*bq.Client, context.Context) {
	t.Helper()
	events := sample()
	o := Options{Events: func() []Event { return events }, Now: func() time.Time { return day.AddDate(0, 0, 3) }}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	c, err := bq.NewClient(ctx, project, option.WithEndpoint(h.URL+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, ctx
}

// rows reads a result to its end.
func rows(it *bq.RowIterator) ([][]bq.Value, error) {
	var all [][]bq.Value
	for {
		var row []bq.Value
		if err := it.Next(&row); errors.Is(err, iterator.Done) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
}

// ask runs a query with the interval of the second day.
func ask(t *testing.T, c *bq.Client, ctx context.Context, sql string) ([][]bq.Value, error) {
	t.Helper()
	q := c.Query(sql)
	q.Parameters = []bq.QueryParameter{
		{Name: "from", Value: day.AddDate(0, 0, 1)}, {Name: "to", Value: day.AddDate(0, 0, 2)}, {Name: "apps", Value: []string{kaf, "other"}},
	}
	it, err := q.Read(ctx)
	if err != nil {
		return nil, err
	}
	return rows(it)
}

const wholeDay = `
SELECT id, event_time, store_time, JSON_EXTRACT_SCALAR(event, '$.object.extensions.kaf:course_id') AS course,
  REGEXP_EXTRACT(JSON_EXTRACT_SCALAR(event, "$['object']['id']"), r'([^/]+)$') AS media
FROM ` + "`udp-umich-prod.event_store.events`" + `
WHERE event_time >= @from AND event_time < @to AND type = 'MediaEvent' AND ed_app IN UNNEST(@apps)
ORDER BY event_time, id`

func TestPagesAndWaiting(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"one page":       nil,
		"pages":          func(o *Options) { o.PageRows = 4 },
		"waiting":        func(o *Options) { o.Pending = 3 },
		"pages, waiting": func(o *Options) { o.Pending, o.PageRows = 1, 10 },
	} {
		c, ctx := connect(t, change)
		got, err := ask(t, c, ctx, wholeDay)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got) != 27 {
			t.Errorf("%s: %d rows, want 24 and 3 odd ones", name, len(got))
		}
		if at := got[0][1].(time.Time); !at.Equal(day.AddDate(0, 0, 1).Add(24 * time.Millisecond)) {
			t.Errorf("%s: first event at %v", name, at)
		}
		odd := map[bq.Value]int{}
		for _, r := range got {
			odd[r[3]]++
		}
		// Events written the old way have no plain object.id, those torn have nothing.
		if diff := cmp.Diff(map[bq.Value]int{"213167": 24, "abc": 1, nil: 2}, odd); diff != "" {
			t.Errorf("%s: courses: %s", name, diff)
		}
	}
}

func TestJobPath(t *testing.T) {
	c, ctx := connect(t, func(o *Options) { o.Pending, o.PageRows = 2, 5 })
	q := c.Query("SELECT id FROM event_store.events")
	q.JobID = "mine"
	job, err := q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	it, err := job.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rows(it); err != nil || len(got) != 76 {
		t.Errorf("%d rows, %v", len(got), err)
	}
	again, err := c.JobFromID(ctx, "mine")
	if err != nil || !again.LastStatus().Done() {
		t.Errorf("job from id: %v", err)
	}
	var e *googleapi.Error
	if _, err := q.Run(ctx); err != nil && (!errors.As(err, &e) || e.Code != 409) {
		t.Errorf("same id again: %v", err)
	}
}

// TestLegacyQuery runs the grouping that the original program sent.
func TestLegacyQuery(t *testing.T) {
	c, ctx := connect(t, nil)
	q := c.Query(`
SELECT FORMAT_TIMESTAMP('%F %H', event_time) AS hour,
  SAFE_CAST(JSON_EXTRACT_SCALAR(event, '$.object.extensions.kaf:course_id') AS INT64) AS course_id,
  MAX(event_time) AS latest, COUNT(*) AS n
FROM event_store.events
WHERE type = 'MediaEvent' AND event_time > TIMESTAMP(@startTime) AND event_time < TIMESTAMP(CURRENT_DATE())
GROUP BY hour, course_id ORDER BY hour, course_id LIMIT 3`)
	q.Parameters = []bq.QueryParameter{{Name: "startTime", Value: bq.NullDateTime{Valid: true}.DateTime}}
	q.Parameters[0].Value = &bq.QueryParameterValue{Type: bq.StandardSQLDataType{TypeKind: "DATETIME"}, Value: "2026-09-10T23:00:00.022999"}
	it, err := q.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got, err := rows(it)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]bq.Value{
		{"2026-09-10 23", int64(213167), day.Add(23*time.Hour + 23*time.Millisecond), int64(1)},
		{"2026-09-10 23", int64(213168), day.AddDate(0, 0, 1).Add(-time.Microsecond), int64(1)},
		{"2026-09-11 00", nil, day.AddDate(0, 0, 1).Add(time.Hour / 2), int64(3)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestExpanded(t *testing.T) {
	c, ctx := connect(t, nil)
	got, err := ask(t, c, ctx, `SELECT e.id, object.id AS object_id, JSON_VALUE(object.extensions, '$."kaf:course_id"') AS course
FROM udp-umich-prod.event_store.expanded AS e WHERE ed_app.id IN UNNEST(@apps) AND e.event_time >= @from AND event_time < @to AND action = 'Started'`)
	if err != nil || len(got) != 27 {
		t.Errorf("project without quotes: %d rows, %v", len(got), err)
	}
	got, err = ask(t, c, ctx, "SELECT e.id, object.id AS object_id, JSON_VALUE(object.extensions, '$.\"kaf:course_id\"') AS course\n"+
		"FROM `udp-umich-prod`.event_store.expanded AS e WHERE ed_app.id IN UNNEST(@apps) AND @from <= e.event_time AND event_time < @to AND action = 'Started'")
	if err != nil || len(got) != 27 || got[0][1] != "https://aakaf.mivideo.it.umich.edu/caliper/info/media/1_u5xer7qs" {
		t.Errorf("%d rows, %v", len(got), err)
	}
	for _, where := range []string{"", "WHERE type = 'MediaEvent'", "WHERE event_time > @from OR type = 'x'", "WHERE NOT event_time > @from"} {
		if _, err := ask(t, c, ctx, "SELECT id FROM event_store.expanded "+where); reason(err) != "invalidQuery" || !strings.Contains(err.Error(), "partition elimination") {
			t.Errorf("%s: %v", where, err)
		}
	}
	for _, where := range []string{"DATE(event_time) = '2026-09-11'", "event_time BETWEEN @from AND @to", "(event_time >= '2026-09-11' AND TRUE)"} {
		if _, err := ask(t, c, ctx, "SELECT id FROM event_store.expanded WHERE "+where); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}

// reason returns the reason of an API error, or its text.
func reason(err error) string {
	var e *googleapi.Error
	if errors.As(err, &e) && len(e.Errors) > 0 {
		return e.Errors[0].Reason
	}
	var j *bq.Error
	if errors.As(err, &j) {
		return j.Reason
	}
	return fmt.Sprint(err)
}

func TestRefusals(t *testing.T) {
	for name, tc := range map[string]struct{ sql, want string }{
		"nonsense":         {"SELEKT 1", "invalidQuery"},
		"other statement":  {"DELETE FROM event_store.events WHERE true", "invalidQuery"},
		"no table":         {"SELECT 1", "invalidQuery"},
		"column":           {"SELECT nothing FROM event_store.events", "invalidQuery"},
		"function":         {"SELECT SOUNDEX(id) FROM event_store.events", "invalidQuery"},
		"types":            {"SELECT id FROM event_store.events WHERE event_time > 5", "invalidQuery"},
		"parameter":        {"SELECT id FROM event_store.events WHERE id = @gone", "invalidQuery"},
		"join":             {"SELECT id FROM event_store.events JOIN event_store.expanded USING (id)", "invalidQuery"},
		"subquery":         {"SELECT id FROM (SELECT id FROM event_store.events)", "invalidQuery"},
		"not grouped":      {"SELECT id, COUNT(*) FROM event_store.events GROUP BY type", "invalidQuery"},
		"having":           {"SELECT type, COUNT(*) FROM event_store.events GROUP BY type HAVING COUNT(*) > 1", "invalidQuery"},
		"bad value":        {"SELECT CAST(type AS INT64) FROM event_store.events", "invalidQuery"},
		"struct":           {"SELECT object FROM event_store.expanded WHERE event_time > @from", "invalidQuery"},
		"trailing words":   {"SELECT id FROM event_store.events LIMIT 3 WITH TIES", "invalidQuery"},
		"unknown table":    {"SELECT id FROM event_store.nothing", "notFound"},
		"unknown dataset":  {"SELECT id FROM nothing.events", "notFound"},
		"foreign project":  {"SELECT id FROM `elsewhere.event_store.events`", "accessDenied"},
		"denied":           {"SELECT id FROM secret.events", "accessDenied"},
		"path, newer way":  {"SELECT JSON_EXTRACT_SCALAR(event, '$.\"a\"') FROM event_store.events", "invalidQuery"},
		"path, older way":  {"SELECT JSON_VALUE(event, \"$['a']\") FROM event_store.events", "invalidQuery"},
		"unclosed literal": {"SELECT 'x FROM event_store.events", "invalidQuery"},
	} {
		for _, early := range []bool{false, true} {
			c, ctx := connect(t, func(o *Options) { o.Denied, o.Early = []string{"secret"}, early })
			if _, err := ask(t, c, ctx, tc.sql); reason(err) != tc.want {
				t.Errorf("%s: jobs.query: %v, want %s", name, err, tc.want)
			}
			q := c.Query(tc.sql)
			q.Parameters = []bq.QueryParameter{{Name: "from", Value: day}}
			job, err := q.Run(ctx)
			if (err != nil) != early {
				t.Errorf("%s: jobs.insert with early errors %v: %v", name, early, err)
			}
			if err == nil {
				_, err = job.Read(ctx)
			}
			if reason(err) != tc.want {
				t.Errorf("%s: job: %v, want %s", name, err, tc.want)
			}
		}
	}
}

func TestDryRunAndLimits(t *testing.T) {
	c, ctx := connect(t, nil)
	estimate := func(sql string) int64 {
		t.Helper()
		q := c.Query(sql)
		q.DryRun = true
		q.Parameters = []bq.QueryParameter{{Name: "from", Value: day.AddDate(0, 0, 1)}, {Name: "to", Value: day.AddDate(0, 0, 2)}}
		job, err := q.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return job.LastStatus().Statistics.TotalBytesProcessed
	}
	all := estimate("SELECT id FROM event_store.events WHERE event_time >= @from AND event_time < @to")
	some := estimate("SELECT id FROM event_store.expanded WHERE event_time >= @from AND event_time < @to")
	wide := estimate("SELECT event FROM event_store.events")
	if all != 76*(38+8) || some >= all || wide <= all {
		t.Errorf("estimates: %d without partitions, %d with, %d of a wide column", all, some, wide)
	}
	q := c.Query("SELECT id FROM event_store.events")
	q.MaxBytesBilled = 10<<20 - 1
	if _, err := q.Read(ctx); reason(err) != "bytesBilledLimitExceeded" {
		t.Errorf("limit of bytes: %v", err)
	}
	if q.MaxBytesBilled = 10 << 20; true {
		if _, err := q.Read(ctx); err != nil {
			t.Errorf("limit of bytes that suffices: %v", err)
		}
	}
}

func TestOtherProjectAndLocation(t *testing.T) {
	c, ctx := connect(t, nil)
	q := c.Query("SELECT id FROM event_store.events")
	q.Location = "EU"
	if _, err := q.Read(ctx); reason(err) != "notFound" {
		t.Errorf("other location: %v", err)
	}
	meta, err := c.Dataset("event_store").Table("expanded").Metadata(ctx)
	if err != nil || meta.TimePartitioning == nil || meta.TimePartitioning.Field != "event_time" || !meta.RequirePartitionFilter || meta.NumRows != 76 {
		t.Errorf("table: %+v, %v", meta, err)
	}
	if ds, err := c.Dataset("event_store").Metadata(ctx); err != nil || ds.Location != location {
		t.Errorf("dataset: %v, %v", ds, err)
	}
	if _, err := c.Dataset("event_store").Table("nothing").Metadata(ctx); reason(err) != "notFound" {
		t.Errorf("unknown table: %v", err)
	}
	c2, ctx := connect(t, func(o *Options) { o.Project = "another" })
	if _, err := c2.Query("SELECT id FROM event_store.events").Read(ctx); reason(err) != "accessDenied" {
		t.Errorf("project without rights: %v", err)
	}
}
