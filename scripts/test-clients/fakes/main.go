// Command fakes serves a simulated university to clients that are not ours: Canvas under
// /, Kaltura and BigQuery in several moods, Zoom. It prints what they need to know as one
// line of JSON, and serves until its input ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/bigquery"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

const kalturaSecret = "campus-kaltura-secret"

var date = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "fakes:", err)
		os.Exit(1)
	}
}

func serve() error {
	mux, c, err := routes()
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	base := "http://" + l.Addr().String()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"base": base, "canvas": c.Info(base), "partner": 1038472, "secret": kalturaSecret, "root": university.MediaRoot,
		"date": date.Format(time.DateOnly), "ed_apps": []string{university.EdAppCanvas, university.EdAppDirect},
	}); err != nil {
		return fmt.Errorf("print addresses: %w", err)
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	_, _ = io.Copy(io.Discard, os.Stdin) // until the checks are over
	if err := s.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// routes puts everything on one handler.
func routes() (http.Handler, *campus.Campus, error) {
	c, err := campus.New(campus.Options{Seed: 11, Courses: 60, Date: date})
	if err != nil {
		return nil, nil, err
	}
	day, err := c.University().On(date)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", c.Handler())
	entries := kaltura.EntriesOn(day)
	for path, o := range map[string]kaltura.Options{
		"/kaltura":       {Entries: func() []kaltura.Entry { return entries }},
		"/kaltura-brief": {Entries: func() []kaltura.Entry { return entries }, ExpireAfter: 3},
		"/kaltura-busy":  {Entries: func() []kaltura.Entry { return entries }, BlockEvery: 2},
		"/kaltura-many":  {Entries: func() []kaltura.Entry { return many }},
	} {
		o.Secret = kalturaSecret
		s, err := kaltura.New(o)
		if err != nil {
			return nil, nil, err
		}
		mux.Handle(path+"/", http.StripPrefix(path, s))
	}
	events := bigquery.EventsOn(day)
	for path, o := range map[string]bigquery.Options{
		"/bigquery":       {},
		"/bigquery-slow":  {Pending: 2, PageRows: 50},
		"/bigquery-early": {Early: true, Denied: []string{"event_store.expanded"}},
	} {
		o.Events, o.Now = func() []bigquery.Event { return events }, func() time.Time { return date.Add(6 * time.Hour) }
		s, err := bigquery.New(o)
		if err != nil {
			return nil, nil, err
		}
		mux.Handle(path+"/", http.StripPrefix(path, s))
	}
	mux.HandleFunc("/_truth/media", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(mediaTruth(day)) })
	mux.HandleFunc("/_truth/events", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(eventTruth(day)) })
	mux.HandleFunc("/_truth/tabs", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(tabTruth(day)) })
	return mux, c, nil
}

// many are more entries than a list shows, three in every second.
var many = func() []kaltura.Entry {
	all := make([]kaltura.Entry, 10_600)
	for i := range all {
		at := date.Add(-time.Duration(10_600-i/3) * time.Second)
		all[i] = kaltura.Entry{
			ID: fmt.Sprintf("1_%08d", i), Name: "Entry", Status: kaltura.StatusReady, Moderation: kaltura.ModerationAutoApproved,
			Type: kaltura.TypeClip, MediaType: kaltura.MediaVideo, CreatedAt: at, UpdatedAt: at,
		}
	}
	return all
}()
