package udp

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestStream reads results by the Storage Read API, and by pages where that fails.
func TestStream(t *testing.T) {
	const streamed, paged = "storage_read_api=true", "storage_read_api=false"
	for name, tc := range map[string]struct {
		server plenty
		log    []string // in this order
	}{
		"streams":         {plenty{rows: 5000, streams: 3}, []string{streamed}},
		"one page":        {plenty{rows: 100, streams: 1}, []string{paged}},
		"no right":        {plenty{rows: 5000, streams: 3, refuse: true}, []string{"not to be had", paged}},
		"short streams":   {plenty{rows: 5000, streams: 3, short: 1}, []string{streamed, "broke off", paged}},
		"streams break":   {plenty{rows: 5000, streams: 3, breakOff: codes.PermissionDenied}, []string{streamed, "broke off", paged}},
		"streams go on":   {plenty{rows: 5000, streams: 2, breakOff: codes.Unavailable}, []string{streamed}},
		"no row anywhere": {plenty{rows: 5000}, []string{streamed, "broke off", paged}},
	} {
		t.Run(name, func(t *testing.T) {
			w, server := newWorld(t, nil, nil), tc.server
			server.page = 700
			w.serve(t, &server)
			w.cfg.MIVideo.UDPStorageEndpoint = server.serveStorage(t)
			l := extracttest.Lake(t)
			if _, err := w.run(t, l, nil); err != nil {
				t.Fatal(err)
			}
			want := make([]Event, server.rows)
			for i := range want {
				want[i] = server.event(i)
			}
			if diff := cmp.Diff(want, rowsOf(t, l, lake.DateOf(now))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			log := w.log.String()
			for _, part := range tc.log {
				_, after, ok := strings.Cut(log, part)
				if !ok {
					t.Fatalf("no %q in the right place of %s", part, w.log.String())
				}
				log = after
			}
		})
	}
}

// TestStreamLeavesNothing checks that no goroutine waits for a reader that has gone.
func TestStreamLeavesNothing(t *testing.T) {
	server := plenty{rows: 50_000, streams: 4, page: 100}
	w := newWorld(t, nil, nil)
	w.serve(t, &server)
	w.cfg.MIVideo.UDPStorageEndpoint = server.serveStorage(t)
	c, err := newClient(t.Context(), w.cfg, extract.Env{}, w.tuning)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	var r record
	for err := range c.rows(t.Context(), c.query(eventsLayout, lake.Interval{From: start, To: now}), &r) {
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // the streams run full meanwhile
		break
	}
	stacks := func() string {
		buf := make([]byte, 1<<20)
		return string(buf[:runtime.Stack(buf, true)])
	}
	for deadline := time.Now().Add(5 * time.Second); strings.Contains(stacks(), "storageArrowIterator"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still there:\n%s", stacks())
		}
	}
}
