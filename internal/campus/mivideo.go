package campus

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/bigquery"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

const (
	kalturaBase    = "/kaltura"
	kalturaPartner = 1038472
	bigqueryBase   = "/bigquery" // as the real service has it in front of /v2
	eventTable     = "udp-umich-prod.event_store.events"
)

// readAt is the time of day at which the servers believe to be asked.
const readAt = 9 * time.Hour

func (c *Campus) serviceNow() time.Time { return c.Date().Add(readAt) }

func kalturaSecret(o Options) string { return fmt.Sprintf("campus-kaltura-%d", o.Seed) }

// What goes wrong with Kaltura and with BigQuery only.
const (
	faultSession     kind = "kaltura-session-expired"
	faultBlocked     kind = "kaltura-action-blocked"
	faultBlockedText kind = "kaltura-blocked-text"
	faultEmpty       kind = "kaltura-empty"
	faultInternal    kind = "kaltura-internal"
	faultBackend     kind = "bigquery-backend"
	faultLimited     kind = "bigquery-rate-limit"
)

var kalturaFaults = map[kind]kaltura.Fault{
	faultBlocked: kaltura.Blocked, faultBlockedText: kaltura.BlockedText, faultEmpty: kaltura.Empty, faultInternal: kaltura.Internal,
	faultJSON500: kaltura.Internal, faultLimit403: kaltura.Blocked, faultLimit429: kaltura.BlockedText,
}

var bigqueryFaults = map[kind]bigquery.Fault{
	faultBackend: bigquery.Backend, faultLimited: bigquery.RateLimited,
	faultJSON500: bigquery.Internal, fault503: bigquery.Backend, faultLimit403: bigquery.RateLimited, faultLimit429: bigquery.TooMany,
	// Google's own servers send no answer of status 200 that is broken.
	faultTruncated: bigquery.Backend, faultHTML200: bigquery.Internal,
}

// newKaltura returns the video platform.
func (c *Campus) newKaltura() (service, error) {
	s, err := kaltura.New(kaltura.Options{
		PartnerID: kalturaPartner, Secret: kalturaSecret(c.opts), Now: c.serviceNow, TextNumbers: c.opts.Profile == Hostile,
		Entries: daily(c, kaltura.EntriesOn),
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/media/") && c.faults.once("session of Kaltura") { // the first of the day ends early
			c.stats.fault(string(faultSession))
			s.Fail(w, r, kaltura.Expired)
			return
		}
		s.ServeHTTP(w, r)
	})
	return service{
		Handler: http.StripPrefix(kalturaBase, handler), often: 4, // because it gets few requests
		own:      []kind{faultBlocked, faultBlockedText, faultEmpty, faultInternal},
		name:     func(r *http.Request) string { return "kaltura " + strings.TrimPrefix(r.URL.Path, kalturaBase) },
		identity: kaltura.Identity,
		fail: func(w http.ResponseWriter, r *http.Request, k kind) bool {
			f, has := kalturaFaults[k]
			if has {
				http.StripPrefix(kalturaBase, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Fail(w, r, f) })).ServeHTTP(w, r)
			}
			return has
		},
	}, err
}

// newBigQuery returns the event store.
func (c *Campus) newBigQuery() (service, error) {
	o := bigquery.Options{Events: daily(c, bigquery.EventsOn), Now: c.serviceNow}
	switch c.opts.Profile {
	case Throttled:
		o.Pending = 1
	case Flaky:
		o.Pending, o.PageRows = 1, 500
	case Hostile:
		o.Pending, o.PageRows = 2, 300
	}
	s, err := bigquery.New(o)
	return service{
		Handler: s, often: 2, own: []kind{faultBackend, faultLimited},
		name:     func(r *http.Request) string { return "bigquery " + r.Method },
		identity: bigquery.Identity,
		fail: func(w http.ResponseWriter, _ *http.Request, k kind) bool {
			f, has := bigqueryFaults[k]
			if has {
				s.Fail(w, f)
			}
			return has
		},
	}, err
}

// daily returns a function that works something out once for every day that is served.
func daily[T any](c *Campus, work func(*university.Day) T) func() T {
	var mu sync.Mutex
	var day *university.Day
	var result T
	return func() T {
		mu.Lock()
		defer mu.Unlock()
		if now := c.day.Load(); now != day {
			result, day = work(now), now
		}
		return result
	}
}
