package signals

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var down = fault.New(fault.Unavailable, "start it", errors.New("server db.example.edu: it is down"))

func newAlert() Alert {
	run := ended(newRun("load", "MIVIDEO"), lake.Failed)
	run.ID = "01KJQF0M00000000000000000A"
	return Alert{Program: "course-inventory run", Version: "1.0", Date: run.Date, At: noon, ExitCode: 69, Runs: []FailedRun{Failed(run)}}
}

// TestAlert also sends when the program was told to stop.
func TestAlert(t *testing.T) {
	w := newWorld(t)
	hook := newInbox(t, http.StatusOK)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	newAlert().Send(ctx, config.Alert{Webhook: config.Secret(hook.URL + "/hooks/hunter2")}, w.logger(), down)
	w.wantQuiet(t)
	requests, bodies := hook.all()
	if len(requests) != 1 || requests[0].URL.Path != "/hooks/hunter2" {
		t.Fatalf("%d requests", len(requests))
	}
	if got := requests[0].Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %s", got)
	}
	host, _ := os.Hostname()
	want := newAlert()
	want.Host, want.Error, want.Remedy, want.Class = host, "server db.example.edu: it is down", "start it", "unavailable"
	want.Text = "course-inventory run for 2026-03-02 failed on " + host + " with exit status 69 (unavailable): server db.example.edu: it is down\nWhat to do: start it"
	if diff := cmp.Diff(want, decode[Alert](t, bodies[0])); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAlertBeforeAnyStage(t *testing.T) {
	hook := newInbox(t, http.StatusOK)
	w := newWorld(t)
	a := newAlert()
	a.Runs = nil
	a.Send(t.Context(), config.Alert{Webhook: config.Secret(hook.URL)}, w.logger(), errors.New(strings.Repeat("é", 5000)))
	_, bodies := hook.all()
	got := decode[Alert](t, bodies[0])
	if got.Runs == nil || len([]rune(got.Error)) != longest || got.Class != "defect" {
		t.Errorf("%+v", got)
	}
}

func TestAlertTrouble(t *testing.T) {
	refuses := newInbox(t, http.StatusForbidden)
	redirects := newInbox(t, http.StatusFound)
	gone := newInbox(t, http.StatusOK)
	gone.Close()
	for _, c := range []struct{ name, url, want string }{
		{"refused", refuses.URL, "403"},
		{"redirected", redirects.URL, "302"},
		{"nobody there", gone.URL, "refused"},
		{"no URL", "http://%zz", "the URL is none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			newAlert().Send(t.Context(), config.Alert{Webhook: config.Secret(c.url + "/hunter2")}, w.logger(), down)
			w.wantWarning(t, c.want, "ALERT.webhook")
		})
	}
	if requests, _ := redirects.all(); len(requests) != 1 {
		t.Errorf("%d requests: a redirect was followed", len(requests))
	}
}

// hanging is a server that never answers.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestHanging has servers that never answer.
func TestHanging(t *testing.T) {
	kept := client
	defer func() { client = kept }()
	client = &http.Client{Transport: hanging{}}
	for name, send := range map[string]func(*world, context.Context){
		"alert": func(w *world, ctx context.Context) {
			newAlert().Send(ctx, config.Alert{Webhook: "https://chat.example.edu/hunter2"}, w.logger(), down)
		},
		"metrics": func(w *world, ctx context.Context) {
			w.cfg.Metrics.Pushgateway = "https://push.example.edu"
			w.tell(ctx, newRun("load", "MIVIDEO"), lake.Succeeded, nil)
		},
		"lineage": func(w *world, ctx context.Context) {
			w.cfg.Lineage.URL = "https://marquez.example.edu"
			new(Teller).Begin(ctx, w.cfg, w.lake, w.logger(), newRun("load", "MIVIDEO"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				began := time.Now()
				send(w, t.Context())
				if took := time.Since(began); took != patience {
					t.Errorf("it took %v, want %v", took, patience)
				}
				w.wantWarning(t, "signal="+name, "no answer within 10s")
			})
		})
	}
}

// TestGivenUp has servers that never answer, and a program of many runs, which waits for each of them once.
func TestGivenUp(t *testing.T) {
	kept := client
	defer func() { client = kept }()
	client = &http.Client{Transport: hanging{}}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Lineage.URL, w.cfg.Metrics.Pushgateway = "https://marquez.example.edu", "https://push.example.edu"
		var teller Teller
		began := time.Now()
		for range 20 {
			run := newRun("load", "MIVIDEO", "CANVAS_LTI")
			teller.Begin(t.Context(), w.cfg, w.lake, w.logger(), run).End(t.Context(), ended(run, lake.Succeeded))
		}
		if took := time.Since(began); took != 2*patience {
			t.Errorf("it took %v, want %v", took, 2*patience)
		}
	})
}

// TestCancelled has a real server that does not answer while the request is cancelled.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel(errors.New("enough"))
		<-r.Context().Done()
	}))
	defer server.Close()
	if err := post(ctx, server.URL, "", "x"); err == nil || err.Error() != "enough" {
		t.Errorf("got %v", err)
	}
}
