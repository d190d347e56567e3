package run

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestFlags(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"--date 2026-03-02 --jobs a,b --log-format json", ""},
		{"--from 2026-03-01 --to 2026-03-02", ""},
		{"--from 2026-03-01", "--from and --to go together"},
		{"--date 2026-03-01 --from 2026-03-01 --to 2026-03-02", "--date goes without --from and --to"},
		{"--date=", "--date is empty: give a date"},
		{"--jobs=", "--jobs is empty: give one name or more"},
		{"--tables ,", "--tables is empty: give one name or more"},
		{"--from= --to=", "--from is empty: give a date"},
		{"--progress sometimes", `--progress is "sometimes", must be one of: auto, always, never`},
		{"--log-level LOUD", `--log-level is "loud", must be one of: debug`},
		{"now --date 2026-03-02", `unexpected argument "now"`},
		{"--dat 1", "not defined: -dat"},
	} {
		_, err := Program{Name: "p", Ranged: true}.parse(strings.Fields(test.args), io.Discard)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.args, err, test.want)
		}
	}
}

func TestArguments(t *testing.T) {
	p := Program{Name: "p", Args: []string{"TABLE", "DATE"}, Plain: true}
	for _, test := range []struct{ args, want string }{
		{"course 2026-03-02 --log-level info", ""},
		{"--log-level info course 2026-03-02", ""},
		{"course --log-level info 2026-03-02", ""},
		{"course", "DATE is missing"},
		{"", "TABLE DATE is missing"},
		{"course 2026-03-02 now", `unexpected argument "now"`},
		{"course 2026-03-02 --date 2026-03-02", "not defined: -date"},
	} {
		o, err := p.parse(strings.Fields(test.args), io.Discard)
		switch {
		case test.want == "" && (err != nil || !slices.Equal(o.args, []string{"course", "2026-03-02"})):
			t.Errorf("%s: %q, %v", test.args, o.args, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.args, err, test.want)
		}
	}
}

func TestDates(t *testing.T) {
	today, err := lake.ParseDate("2026-03-02")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		o        options
		from, to string
		want     string // of the error
	}{
		{options{}, "2026-03-02", "2026-03-02", ""},
		{options{date: "2026-02-28"}, "2026-02-28", "2026-02-28", ""},
		{options{from: "2026-02-28", to: "2026-03-01"}, "2026-02-28", "2026-03-01", ""},
		{options{from: "2026-03-01", to: "2026-02-28"}, "", "", "--from 2026-03-01 is after --to 2026-02-28"},
		{options{plain: true}, "", "", ""},
		{options{date: "2026-03-03"}, "", "", "2026-03-03 is in the future, today is 2026-03-02 (UTC)"},
		{options{date: "2/3/26"}, "", "", `--date: date "2/3/26" is not of the form YYYY-MM-DD`},
		{options{date: "2026-02-30"}, "", "", "--date: there is no day 2026-02-30"},
	} {
		from, to, err := test.o.dates(today)
		switch {
		case test.want == "" && (err != nil || from.String() != test.from || to.String() != test.to):
			t.Errorf("%+v: %s to %s, %v", test.o, from, to, err)
		case test.want != "" && (err == nil || err.Error() != test.want || fault.ClassOf(err) != fault.Usage):
			t.Errorf("%+v: %v, want %q", test.o, err, test.want)
		}
	}
}

func TestClock(t *testing.T) {
	t.Setenv(clockVariable, "2026-03-02T05:00:00-05:00")
	now, simulated, err := clock()
	if err != nil || !simulated {
		t.Fatal(simulated, err)
	}
	begin := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	first := now()
	if first.Location() != time.UTC || first.Before(begin) || first.After(begin.Add(time.Minute)) || now().Before(first) {
		t.Errorf("the clock shows %s, then %s", first, now())
	}
	t.Setenv(clockVariable, "tomorrow")
	if _, _, err := clock(); fault.ClassOf(err) != fault.Usage {
		t.Errorf("a clock set to tomorrow: %v", err)
	}
}

func TestReport(t *testing.T) {
	d, err := lake.ParseDate("2026-03-02")
	if err != nil {
		t.Fatal(err)
	}
	var report Report
	report.Add(Report{
		Lines:    []Line{{Stage: "extract-canvas", Date: d, Table: "enrollment", Rows: 1234567, Duration: 90*time.Second + 40*time.Millisecond, Requests: 12345}},
		Requests: &lake.Requests{Total: 12345, Retried: 1},
	})
	report.Add(Report{Lines: []Line{{Stage: "load", Date: d, Table: "term", Rows: 2, Note: strings.Repeat("ü", 120)}}, Manifests: []string{"m"}})
	report.Add(Report{Lines: []Line{{Stage: "extract-canvas", Date: d, Table: "course", NoRows: true, Note: "not committed"}}})
	var out bytes.Buffer
	report.Print(&out)
	want := `stage           date        table            rows  seconds  requests  note
--------------------------------------------------------------------------
extract-canvas  2026-03-02  enrollment  1,234,567     90.0    12,345
load            2026-03-02  term                2      0.0            ` + strings.Repeat("ü", 120) + "\n" +
		"extract-canvas  2026-03-02  course              -      0.0            not committed\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if report.Requests.Total != 12345 || report.rows() != 1234569 || len(report.Manifests) != 1 {
		t.Errorf("sums: %+v, %d rows", report.Requests, report.rows())
	}
}
