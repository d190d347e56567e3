package extract_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

type tick struct {
	At time.Time `parquet:"at,timestamp(microsecond)"`
}

// hours is a source with one row per hour of the interval that it is asked for.
func hours(start time.Time, overlap time.Duration) *extract.Source {
	since := extract.Since{Start: start, StartKey: "SOME.start", Overlap: overlap}
	rows := func(_ context.Context, i lake.Interval) iter.Seq2[tick, error] {
		return func(yield func(tick, error) bool) {
			for at := i.From; at.Before(i.To); at = at.Add(time.Hour) {
				if !yield(tick{at}, nil) {
					return
				}
			}
		}
	}
	return &extract.Source{Name: "clock", AnyDate: true, Tables: []extract.Table{
		extract.NewIncremental("tick", []string{"at"}, since, func(t *tick) time.Time { return t.At }, rows),
	}}
}

func at(text string) time.Time {
	t, err := time.Parse("01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t.AddDate(2026, 0, 0)
}

func TestIntervals(t *testing.T) {
	now := at("03-20 12:00")
	for name, tc := range map[string]struct {
		start   string
		overlap time.Duration
		dates   string // days of March, in the order in which they are run; F for a full run
		want    string // their intervals
	}{
		"first":                      {"03-01 06:00", 0, "03", "01T06-03T00"},
		"next":                       {"03-01 06:00", 0, "03 04 09", "01T06-03T00 03T00-04T00 04T00-09T00"},
		"overlap":                    {"03-01 06:00", 48 * time.Hour, "05 06", "01T06-05T00 03T00-06T00"},
		"overlap ends at the start":  {"03-01 06:00", 48 * time.Hour, "02 03", "01T06-02T00 01T06-03T00"},
		"a date again":               {"03-01 06:00", 0, "03 04 05 04", "01T06-03T00 03T00-04T00 04T00-05T00 03T00-04T00"},
		"a date before all":          {"03-01 06:00", 0, "09 03", "01T06-09T00 01T06-03T00"},
		"full":                       {"03-01 06:00", 0, "03 04F 05", "01T06-03T00 01T06-04T00 04T00-05T00"},
		"today":                      {"03-01 06:00", 0, "20", "01T06-20T00"},
		"tomorrow":                   {"03-01 06:00", 0, "21", "usage: give --date 2026-03-20"},
		"before the start":           {"03-05 00:00", 0, "05", "usage: give a later --date, or set SOME.start"},
		"a start after the last end": {"03-04 06:00", 0, "05 06", "04T06-05T00 05T00-06T00"},
	} {
		t.Run(name, func(t *testing.T) {
			l := extracttest.Lake(t)
			var got []string
			for run := range strings.FieldsSeq(tc.dates) {
				day, full := strings.CutSuffix(run, "F")
				date, err := lake.ParseDate("2026-03-" + day)
				if err != nil {
					t.Fatal(err)
				}
				p := extracttest.Plan(hours(at(tc.start), tc.overlap), now)
				p.Date, p.Full = date, full
				if _, err := extract.Run(t.Context(), l, p); err != nil {
					hint, _, _ := strings.Cut(fault.HintOf(err), " to an")
					got = append(got, fault.ClassOf(err).String()+": "+strings.TrimSuffix(hint, " or an earlier one"))
					break
				}
				s, err := l.Find(t.Context(), "raw/clock/tick", date)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, s.Interval.From.Format("02T15")+"-"+s.Interval.To.Format("02T15"))
				rows := extracttest.Rows[tick](t, l, "raw/clock/tick", date)
				if !rows[0].At.Equal(s.Interval.From) || s.Watermark == nil || !rows[len(rows)-1].At.Equal(*s.Watermark) || !s.Watermark.Before(s.Interval.To) {
					t.Errorf("rows from %v to %v, manifest says %+v and watermark %v", rows[0], rows[len(rows)-1], s.Interval, s.Watermark)
				}
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestIntervalOfDryRun tells the interval without reading it.
func TestIntervalOfDryRun(t *testing.T) {
	p := extracttest.Plan(hours(at("03-01 06:00"), 0), at("03-20 12:00"))
	p.DryRun = true
	result, err := extract.Run(t.Context(), extracttest.Lake(t), p)
	if err != nil {
		t.Fatal(err)
	}
	want := extract.TableResult{
		Table: "raw/clock/tick", Notes: []string{"from 2026-03-01T06:00:00Z to 2026-03-20T00:00:00Z"},
		Interval: &lake.Interval{From: at("03-01 06:00"), To: at("03-20 00:00")},
	}
	if diff := cmp.Diff(want, result.Tables[0]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestIntervalUnknown refuses to go on from a snapshot that tells no interval.
func TestIntervalUnknown(t *testing.T) {
	l, now := extracttest.Lake(t), at("03-20 12:00")
	m := lake.Manifest{Table: "raw/clock/tick", Date: lake.DateOf(now).AddDays(-1), Run: lake.NewRunID(now), Columns: []lake.Column{{Name: "at", Type: lake.Timestamp}}}
	if _, err := l.Commit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	p := extracttest.Plan(hours(at("03-01 06:00"), 0), now)
	if _, err := extract.Run(t.Context(), l, p); fault.ClassOf(err) != fault.Data || !strings.Contains(fault.HintOf(err), "--full") {
		t.Errorf("%v: %s", err, fault.HintOf(err))
	}
	if dates, err := l.Dates(t.Context(), "raw/clock/tick"); err != nil || slices.Contains(dates, p.Date) {
		t.Errorf("%v, %v", dates, err)
	}
}

// A run whose clock was days ahead made an interval that ends after what there was to read. The next one begins where the rows ended.
func TestIntervalAfterARunAhead(t *testing.T) {
	read := func(l *lake.Lake, day, until string) lake.Interval {
		source := hours(at("03-01 00:00"), 48*time.Hour)
		now := at(until)
		since := extract.Since{Start: at("03-01 00:00"), StartKey: "SOME.start", Overlap: 48 * time.Hour}
		source.Tables[0] = extract.NewIncremental("tick", []string{"at"}, since, func(t *tick) time.Time { return t.At },
			func(_ context.Context, i lake.Interval) iter.Seq2[tick, error] {
				return func(yield func(tick, error) bool) {
					for at := i.From; at.Before(i.To) && at.Before(now) && yield(tick{at}, nil); at = at.Add(time.Hour) {
					}
				}
			})
		date, err := lake.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		p := extracttest.Plan(source, date.Time().Add(9*time.Hour))
		p.Date = date
		result, err := extract.Run(t.Context(), l, p)
		if err != nil {
			t.Fatal(err)
		}
		return *result.Tables[0].Interval
	}
	l := extracttest.Lake(t)
	read(l, "2026-03-20", "03-05 09:00") // fifteen days ahead
	if got := read(l, "2026-03-21", "03-21 09:00"); !got.From.Equal(at("03-04 00:00")) {
		t.Errorf("the next interval begins at %s, want 2026-03-04", got.From)
	}
}
