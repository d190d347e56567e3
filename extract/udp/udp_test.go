package udp

import (
	"bytes"
	"context"
	"fmt"
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
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/bigquery"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const (
	kaf   = "https://aakaf.mivideo.it.umich.edu/caliper/info/app/KafEdApp"
	other = "https://1038472-1.kaf.kaltura.com/caliper/info/app/KafEdApp"
)

var (
	now   = time.Date(2026, 9, 10, 4, 5, 6, 0, time.UTC)
	start = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
)

// started returns the start of a video so long after start, stored a second later.
func started(n int, after time.Duration, course string) campus.Event {
	e := campus.Event{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), Type: "MediaEvent", Action: "Started", EdApp: kaf,
		Time: start.Add(after), Stored: start.Add(after + time.Second), Actor: "a_person", Media: "1_u5xer7qs",
	}
	if course != "" {
		e.Course = &course
	}
	return e
}

// world is an event store and what a run needs to read it.
type world struct {
	events []campus.Event
	cfg    *config.Config
	log    bytes.Buffer
	tuning tuning
	server http.Handler // as serve was called last
}

func newWorld(t testing.TB, events []campus.Event, change func(*campus.Options)) *world {
	t.Helper()
	w := &world{events: events}
	o := campus.Options{Events: func() []campus.Event { return w.events }, Now: func() time.Time { return now }}
	if change != nil {
		change(&o)
	}
	s, err := campus.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.tuning = tuning{firstWait: time.Millisecond, maxWait: 5 * time.Millisecond, deadline: 10 * time.Second, patience: time.Minute, pageRows: 100}
	w.serve(t, s)
	return w
}

func (w *world) serve(t testing.TB, h http.Handler) {
	w.server = h
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	w.cfg = &config.Config{MaxReqAttempts: 3, MIVideo: config.MIVideo{
		DefaultLastTimestamp: start, UDPTable: "udp-umich-prod.event_store.events", UDPEdApps: []string{kaf, other}, UDPEndpoint: s.URL, UDPLateDays: 2,
	}}
}

func (w *world) open(ctx context.Context) (*extract.Source, error) {
	env := extract.Env{Now: func() time.Time { return now }, Version: "test", Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	return open(ctx, w.cfg, env, w.tuning)
}

// run extracts the events of a date.
func (w *world) run(t testing.TB, l *lake.Lake, change func(*extract.Plan)) (extract.Result, error) {
	t.Helper()
	s, err := w.open(t.Context())
	if err != nil {
		return extract.Result{}, err
	}
	p := extracttest.Plan(s, now)
	if change != nil {
		change(&p)
	}
	return extract.Run(t.Context(), l, p)
}

func rowsOf(t testing.TB, l *lake.Lake, d lake.Date) []Event {
	return extracttest.Rows[Event](t, l, "raw/udp/event", d)
}

func TestSuite(t *testing.T) {
	extracttest.Run(t, extracttest.Suite{Now: now, Open: func(t *testing.T, broken string) *extract.Source {
		var events []campus.Event
		for i := range 250 {
			events = append(events, started(i, time.Duration(i)*time.Minute, "213167"))
		}
		w := newWorld(t, events, func(o *campus.Options) { o.Pending = 1 })
		if broken != "" {
			w.serve(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }))
		}
		s, err := w.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}})
}

// oddities returns events of every form, and some that do not count.
func oddities() []campus.Event {
	list := []campus.Event{
		started(0, 0, "213167"),
		started(1, 1234567*time.Microsecond, "213167"),
		started(2, 2*time.Second, ""),
		started(3, 3*time.Second, "not a number"),
		started(4, 4*time.Second, "213168"),
		started(5, 5*time.Second, "213169"),
		started(6, 6*time.Second, "213170"),
		started(7, 7*time.Second, "213171"),
		started(8, 8*time.Second, "213172"),
		started(9, 9*24*time.Hour-time.Microsecond, "213167"),
		// These do not count.
		started(10, -time.Microsecond, "before"), started(11, 9*24*time.Hour, "after"),
		started(12, time.Second, "type"), started(13, time.Second, "action"), started(14, time.Second, "app"),
	}
	list[3].EdApp = other
	list[4].Form, list[5].Form, list[6].Form = campus.NumberedID, campus.Upgraded, campus.TextApp
	list[7].Form = campus.Torn
	list[8].Object = "https://aakaf.mivideo.it.umich.edu/caliper/info/playlist/0_list"
	list[12].Type, list[13].Action, list[14].EdApp = "ViewEvent", "Ended", "https://elsewhere.example.edu"
	return list
}

func TestRows(t *testing.T) {
	want := make([]Event, 10)
	text := func(s string) *string { return &s }
	for i := range want {
		e := oddities()[i]
		want[i] = Event{
			EventID: e.ID, EventTime: e.Time, StoreTime: &e.Stored, EdApp: e.EdApp, Type: "MediaEvent", Action: "Started",
			CourseIDText: e.Course, MediaID: text("1_u5xer7qs"), FetchedAt: now,
		}
	}
	want[7].CourseIDText = nil // broken JSON
	want[8].MediaID = text("https://aakaf.mivideo.it.umich.edu/caliper/info/playlist/0_list")
	for _, table := range []string{"udp-umich-prod.event_store.events", "udp-umich-prod.event_store.expanded", "event_store.events"} {
		t.Run(table, func(t *testing.T) {
			w := newWorld(t, oddities(), nil)
			w.cfg.MIVideo.UDPTable, w.cfg.MIVideo.UDPProject = table, "udp-umich-prod"
			w.tuning.pageRows = 3
			l := extracttest.Lake(t)
			if _, err := w.run(t, l, nil); err != nil {
				t.Fatal(err)
			}
			got := rowsOf(t, l, lake.DateOf(now))
			if strings.HasSuffix(table, "events") {
				want[7].MediaID = nil // was in the broken JSON
			} else {
				want[7].MediaID = text("1_u5xer7qs")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			s, err := l.Find(t.Context(), "raw/udp/event", lake.DateOf(now))
			if err != nil {
				t.Fatal(err)
			}
			if !s.Interval.From.Equal(start) || !s.Interval.To.Equal(lake.DateOf(now).Time()) || !s.Watermark.Equal(want[9].EventTime) {
				t.Errorf("interval %v, watermark %v", s.Interval, s.Watermark)
			}
			if len(s.Notes) != 1 || !strings.HasPrefix(s.Notes[0], "BigQuery processed ") || s.Counts.Found != 10 {
				t.Errorf("notes %q, counts %v", s.Notes, s.Counts)
			}
			if !strings.Contains(w.log.String(), "bytes_processed=") {
				t.Errorf("log: %s", w.log.String())
			}
		})
	}
}

// TestNights reads night after night: an event that arrives late is met by the late window.
func TestNights(t *testing.T) {
	first, late := started(1, time.Hour, "1"), started(2, 2*time.Hour, "2")
	w := newWorld(t, []campus.Event{first}, nil)
	w.cfg.MIVideo.UDPLateDays = 1
	l := extracttest.Lake(t)
	night := func(date lake.Date, full bool, want int, from time.Time) {
		t.Helper()
		result, err := w.run(t, l, func(p *extract.Plan) { p.Date, p.Full = date, full })
		if err != nil {
			t.Fatal(err)
		}
		if got := len(rowsOf(t, l, date)); got != want || !result.Tables[0].Interval.From.Equal(from) {
			t.Errorf("%s: %d rows of %v, want %d from %v", date, got, result.Tables[0].Interval, want, from)
		}
	}
	second := lake.DateOf(start).AddDays(1)
	night(second, false, 1, start)
	w.events = append(w.events, late)
	night(second.AddDays(1), false, 2, start)
	night(second.AddDays(3), false, 2, start) // no event is newer than the first day
	night(second.AddDays(3), true, 2, start)
}

func TestPatience(t *testing.T) {
	var events []campus.Event
	for i := range 1000 {
		events = append(events, started(i, time.Duration(i)*time.Second, "1"))
	}
	for name, change := range map[string]func(*campus.Options){
		"pending":       func(o *campus.Options) { o.Pending = 3 },
		"backend error": func(o *campus.Options) { o.FailEvery = 2 },
		"rate limit":    func(o *campus.Options) { o.SlowEvery = 2 },
		"short pages":   func(o *campus.Options) { o.PageRows = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, events, change)
			l := extracttest.Lake(t)
			result, err := w.run(t, l, nil)
			if err != nil || result.Tables[0].Rows != 1000 {
				t.Fatalf("%v, %+v", err, result)
			}
			if r := result.Requests; (name == "backend error") != (r.Retried > 0 && r.Throttled == 0) || (name == "rate limit") != (r.Throttled > 0) {
				t.Errorf("requests %+v", r)
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	w := newWorld(t, oddities(), nil)
	w.cfg.MIVideo.UDPMaxBytesBilled = 100
	result, err := w.run(t, extracttest.Lake(t), func(p *extract.Plan) { p.DryRun = true })
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(result.Tables[0].Notes, "\n")
	for _, want := range []string{"from 2026-09-01T00:00:00Z to 2026-09-10T00:00:00Z", "BigQuery would process ", "more than MIVIDEO.udp_max_bytes_billed allows (100 bytes)"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in %s", want, notes)
		}
	}
}
