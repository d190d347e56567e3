package kaltura

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const secret = "hunter2"

var (
	now   = time.Date(2026, 9, 10, 4, 5, 6, 0, time.UTC)
	start = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
)

// clip returns a ready video of the category that was created so long after start.
func clip(id string, after time.Duration) campus.Entry {
	at := start.Add(after)
	return campus.Entry{
		ID: id, Name: "Lecture " + id, Description: "by a person", UserID: "a_person", Status: campus.StatusReady, Moderation: campus.ModerationAutoApproved,
		Type: campus.TypeClip, MediaType: campus.MediaVideo, CreatedAt: at, UpdatedAt: at.Add(time.Hour), Duration: 60, Plays: 3,
		Categories: []string{"Canvas_UMich>site>channels>213167"},
	}
}

// clips returns n videos, ties of which are of the same second.
func clips(n, ties int) []campus.Entry {
	list := make([]campus.Entry, n)
	for i := range list {
		list[i] = clip(fmt.Sprintf("1_%08d", i), time.Duration(i/ties)*time.Second)
	}
	return list
}

// world is a Kaltura server and what a run needs to read it.
type world struct {
	entries []campus.Entry
	bodies  []string // of the requests
	cfg     *config.Config
	log     bytes.Buffer
	size    int                                       // of pages
	spoil   func(id string, entry map[string]any) any // changes an entry of an answer; nil: none
}

func newWorld(t testing.TB, entries []campus.Entry, change func(*campus.Options)) *world {
	t.Helper()
	w := &world{entries: entries}
	o := campus.Options{Secret: secret, Entries: func() []campus.Entry { return w.entries }, Now: func() time.Time { return now }}
	if change != nil {
		change(&o)
	}
	s, err := campus.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.serve(t, s)
	return w
}

func (w *world) serve(t testing.TB, h http.Handler) {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.bodies = append(w.bodies, string(body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		if w.spoil == nil {
			h.ServeHTTP(rw, r)
			return
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		_, _ = rw.Write(spoilt(answer.Body.Bytes(), w.spoil))
	}))
	t.Cleanup(s.Close)
	w.cfg = &config.Config{MaxReqAttempts: 3, NumAsyncWorkers: 8, MIVideo: config.MIVideo{
		DefaultLastTimestamp: start, KalturaURL: s.URL, KalturaPartnerID: 1038472, KalturaUserSecret: secret,
		KalturaCategoriesFullNameIn: "Canvas_UMich", KalturaOverlapDays: 7,
	}}
}

func (w *world) open(t testing.TB) *extract.Source {
	t.Helper()
	env := extract.Env{Now: func() time.Time { return now }, Version: "test", Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	s, err := open(w.cfg, env, tuning{rest.Tuning{FirstWait: time.Millisecond, MaxWait: 5 * time.Millisecond, Patience: time.Minute}, w.size})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run extracts the entries of a date.
func (w *world) run(t testing.TB, l *lake.Lake, change func(*extract.Plan)) (extract.Result, error) {
	t.Helper()
	p := extracttest.Plan(w.open(t), now)
	if change != nil {
		change(&p)
	}
	return extract.Run(t.Context(), l, p)
}

func ids(rows []Media) []string {
	list := make([]string, len(rows))
	for i, m := range rows {
		list[i] = m.ID
	}
	return list
}

func TestSuite(t *testing.T) {
	extracttest.Run(t, extracttest.Suite{Now: now, Open: func(t *testing.T, broken string) *extract.Source {
		w := newWorld(t, clips(7, 2), nil)
		if broken != "" {
			w.serve(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }))
		}
		return w.open(t)
	}})
}

func TestRow(t *testing.T) {
	image := campus.Entry{
		ID: "0_image", Status: campus.StatusReady, Moderation: campus.ModerationAutoApproved, Type: campus.TypeClip, MediaType: campus.MediaImage,
		CreatedAt: start.Add(time.Second), UpdatedAt: start.Add(time.Minute), Hidden: []string{"Canvas_UMich>site"},
	}
	outside := clip("0_outside", 0)
	outside.Categories = []string{"Other>site"}
	for _, text := range []bool{false, true} {
		w := newWorld(t, []campus.Entry{image, clip("1_video", 0), outside}, func(o *campus.Options) { o.TextNumbers = text })
		l := extracttest.Lake(t)
		if _, err := w.run(t, l, nil); err != nil {
			t.Fatal(err)
		}
		rows := extracttest.Rows[Media](t, l, "raw/kaltura/media", lake.DateOf(now))
		p := func(s string) *string { return &s }
		n := func(i int64) *int64 { return &i }
		at := func(t time.Time) *time.Time { return &t }
		want := []Media{
			{
				ID: "1_video", Name: p("Lecture 1_video"), CreatedAt: start, UpdatedAt: at(start.Add(time.Hour)), Duration: n(60), Status: p("2"), Listed: true, MediaType: n(1),
				EntryType: p("1"), PartnerID: n(1038472), Categories: p("Canvas_UMich>site>channels>213167"), Root: "Canvas_UMich", Plays: n(3), FetchedAt: now,
			},
			{
				ID: "0_image", Name: p(""), CreatedAt: start.Add(time.Second), UpdatedAt: at(start.Add(time.Minute)), Duration: n(0), Status: p("2"), Listed: true, MediaType: n(2),
				EntryType: p("1"), PartnerID: n(1038472), Root: "Canvas_UMich", Plays: n(0), FetchedAt: now,
			},
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("numbers as text: %v (-want +got)\n%s", text, diff)
		}
	}
}

// TestBeyondTheCap reads more entries than a list may have, in pages whose ends cut through seconds.
func TestBeyondTheCap(t *testing.T) {
	for _, tc := range []struct {
		name              string
		entries           []campus.Entry
		cap, size         int
		requests          int64
		expireAfter, slow int
	}{
		{name: "21 pages and ties at every end", entries: clips(1050, 7), cap: 1000, size: 50, requests: 22},
		{name: "the server's own numbers", entries: clips(10_600, 3), cap: 10_000, size: 500, requests: 23},
		{name: "a second of many pages", entries: clips(530, 300), cap: 100, size: 50, requests: 12},
		{name: "sessions that end on the way", entries: clips(300, 7), cap: 100, size: 20, expireAfter: 4},
		{name: "a rate limit", entries: clips(60, 7), cap: 100, size: 20, slow: 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.entries, func(o *campus.Options) { o.MaxMatches, o.ExpireAfter, o.BlockEvery = tc.cap, tc.expireAfter, tc.slow })
			w.size = tc.size
			l := extracttest.Lake(t)
			result, err := w.run(t, l, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]string, len(tc.entries))
			for i, e := range tc.entries {
				want[i] = e.ID
			}
			if diff := cmp.Diff(want, ids(extracttest.Rows[Media](t, l, "raw/kaltura/media", lake.DateOf(now)))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if n := result.Requests.Total; tc.requests != 0 && n != tc.requests {
				t.Errorf("%d requests, want %d", n, tc.requests)
			}
			if tc.slow > 0 && result.Requests.Throttled == 0 {
				t.Error("no refusal was counted")
			}
			s, err := l.Find(t.Context(), "raw/kaltura/media", lake.DateOf(now))
			if err != nil {
				t.Fatal(err)
			}
			if n := int64(len(tc.entries)); s.Counts == nil || *s.Counts != (lake.Counts{Expected: n, Found: n}) || len(s.Notes) > 0 {
				t.Errorf("counts %+v, notes %q", s.Counts, s.Notes)
			}
			if tc.expireAfter > 0 && strings.Count(strings.Join(w.bodies, "\n"), `"secret"`) < 4 {
				t.Error("too few sessions for a test of their end")
			}
		})
	}
}

// TestNights reads night after night: a video that becomes ready late is met again by the overlap, one that is
// later still by a full run.
func TestNights(t *testing.T) {
	early, late, boundary := clip("1_early", 2*time.Hour), clip("1_late", 3*time.Hour), clip("1_next", 24*time.Hour)
	late.Status = campus.StatusPreconvert
	w := newWorld(t, []campus.Entry{early, late, boundary}, nil)
	w.cfg.MIVideo.KalturaOverlapDays = 1
	l := extracttest.Lake(t)
	night := func(date lake.Date, full bool, want string, from time.Time) {
		t.Helper()
		result, err := w.run(t, l, func(p *extract.Plan) { p.Date, p.Full = date, full })
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(ids(extracttest.Rows[Media](t, l, "raw/kaltura/media", date)), " "); got != want {
			t.Errorf("%s: %s, want %s", date, got, want)
		}
		if i := result.Tables[0].Interval; i == nil || !i.From.Equal(from) || !i.To.Equal(date.Time()) {
			t.Errorf("%s: interval %v", date, i)
		}
	}
	second := lake.DateOf(start.Add(24 * time.Hour))
	night(second, false, "1_early", start)
	w.entries[1].Status = campus.StatusReady
	night(second.AddDays(1), false, "1_early 1_late 1_next", start)
	night(second.AddDays(3), false, "1_next", start.Add(24*time.Hour))
	night(second.AddDays(5), false, "1_next", start.Add(24*time.Hour)) // no entry is newer
	night(second.AddDays(5), true, "1_early 1_late 1_next", start)
	night(second, false, "1_early 1_late", start) // a past date again
}

// TestTimes checks that no time is sent that the server would take for an offset from now.
func TestTimes(t *testing.T) {
	w := newWorld(t, []campus.Entry{clip("1_a", 0)}, nil)
	w.cfg.MIVideo.DefaultLastTimestamp = time.Unix(0, 0)
	l := extracttest.Lake(t)
	if _, err := w.run(t, l, nil); err != nil {
		t.Fatal(err)
	}
	var list struct{ Filter map[string]any }
	if err := json.Unmarshal([]byte(w.bodies[len(w.bodies)-1]), &list); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"objectType": "KalturaMediaEntryFilter", "orderBy": "+createdAt", "categoriesFullNameIn": "Canvas_UMich",
		"createdAtGreaterThanOrEqual": float64(relativeUpTo + 1), "createdAtLessThanOrEqual": float64(lake.DateOf(now).Time().Unix() - 1),
	}
	if diff := cmp.Diff(want, list.Filter); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.bodies = nil
	if _, err := w.run(t, l, func(p *extract.Plan) { p.Date = lake.DateOf(time.Unix(relativeUpTo, 0)) }); err != nil || len(w.bodies) > 0 {
		t.Errorf("before Kaltura's time: %v, %d requests", err, len(w.bodies))
	}
}

func TestDryRun(t *testing.T) {
	w := newWorld(t, clips(5, 1), nil)
	result, err := w.run(t, extracttest.Lake(t), func(p *extract.Plan) { p.DryRun = true })
	if want := []string{"from 2026-09-01T00:00:00Z to 2026-09-10T00:00:00Z", "5 entries"}; err != nil || !cmp.Equal(want, result.Tables[0].Notes) {
		t.Errorf("%v, %q", err, result.Tables[0].Notes)
	}
}
