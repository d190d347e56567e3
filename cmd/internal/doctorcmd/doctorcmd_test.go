package doctorcmd

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// TestEverySource finds sources of the nightly run that are only checked as a dry run does.
func TestEverySource(t *testing.T) {
	for _, x := range nightly.Extracts() {
		if _, known := sources()[x.Source]; !known {
			t.Errorf("source %s cannot be examined", x.Source)
		}
	}
}

func answers(detail string, err error) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return detail, err }
}

// TestExamine asks questions of all kinds: what makes no sense any more is skipped, what no table needs is not asked.
func TestExamine(t *testing.T) {
	g := &group{name: "g", tables: []string{"course"}, admit: func(context.Context) (checkup.Patient, error) {
		return checkup.Patient{Close: noClose, Questions: []checkup.Question{
			{Name: "fine", Basic: true, Ask: answers("so", nil)},
			{Name: "doubtful", Basic: true, Ask: answers("", checkup.Doubt("do", "odd"))},
			{Name: "needed", Tables: []string{"course", "tab"}, Ask: answers("", fault.New(fault.Permission, "ask", errors.New("refused\nby them")))},
			{Name: "not needed", Tables: []string{"tab"}, Ask: answers("", errors.New("asked"))},
			{Name: "moot", Ask: answers("", checkup.ErrSkip)},
			{Name: "basic", Basic: true, Ask: answers("", fault.New(fault.Config, "set", errors.New("wrong")))},
			{Name: "after it", Ask: answers("", errors.New("asked"))},
		}}, nil
	}}
	g.examine(t.Context())
	var got []string
	for _, f := range g.findings {
		got = append(got, strings.Join([]string{f.Name, f.Result, f.Detail, f.Remedy, f.Class}, "|"))
	}
	want := []string{"fine|ok|so||", "doubtful|warning|odd|do|", "needed|failed|refused by them|ask|permission", "moot|skipped|||", "basic|failed|wrong|set|configuration", "after it|skipped|||"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	err := verdict(g.findings)
	if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), "2 failures, the worst: g, basic: wrong") {
		t.Errorf("the verdict is %v", err)
	}
	if err := verdict(g.findings[:2]); err != nil {
		t.Errorf("doubts end in %v", err)
	}
}

// TestSilence waits for a server that never answers, and no longer than a question may take.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{name: "g"}
		began := time.Now()
		g.ask(t.Context(), checkup.Question{Name: "q", Ask: func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}})
		if f := g.findings[0]; f.Class != "unavailable" || !strings.Contains(f.Detail, "no answer within 45s") || time.Since(began) != questionTime {
			t.Errorf("after %s: %+v", time.Since(began), f)
		}
	})
}

func TestReachable(t *testing.T) {
	var date time.Time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a credential is sent")
		}
		w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
		w.Header().Set("Location", "http://127.0.0.1:1/") // never followed
		w.WriteHeader(http.StatusFound)
	}))
	defer server.Close()
	for name, test := range map[string]struct {
		off  time.Duration
		want string
	}{
		"right": {0, ""}, "a little off": {-20 * time.Second, ""},
		"behind": {-50 * time.Minute, "its clock is -"}, "ahead": {50 * time.Minute, "its clock is "},
		"far behind": {-2 * time.Hour, "2 h 0 min ahead"}, "far ahead": {2 * time.Hour, " behind"}, // an extract would refuse them
	} {
		date = time.Now().Add(test.off)
		detail, err := reachable(t.Context(), base{"KEY", server.URL}, clock.Own{Compared: true})
		if test.want == "" && (err != nil || !strings.Contains(detail, "answers")) || test.want != "" && (checkup.Doubtful(err) == (fault.ClassOf(err) == fault.Config) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %q, %v", name, detail, err)
		}
	}
	_, err := reachable(t.Context(), base{"KEY", "http://127.0.0.1:1"}, clock.Own{})
	if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "KEY") {
		t.Errorf("nobody there: %v", err)
	}
}
