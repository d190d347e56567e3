package udp

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

type dated struct {
	http.RoundTripper
	ahead time.Duration
	calls int
}

func (d *dated) RoundTrip(r *http.Request) (*http.Response, error) {
	d.calls++
	h := http.Header{"Date": {time.Now().UTC().Add(d.ahead).Format(http.TimeFormat)}, "Content-Type": {"application/json"}}
	return &http.Response{StatusCode: http.StatusOK, Header: h, Body: io.NopCloser(bytes.NewReader([]byte(`{}`))), Request: r}, nil
}

// BigQuery's clock is compared by the answers that come anyway, once.
func TestClock(t *testing.T) {
	w := newWorld(t, nil, nil)
	server := &dated{ahead: -2 * time.Hour}
	w.tuning.transport = server
	c, err := newClient(t.Context(), w.cfg, extract.Env{Compared: true}, w.tuning)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	_, err = c.plan(t.Context(), lake.Interval{From: time.Now().Add(-time.Hour), To: time.Now()})
	if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), "BigQuery: its clock says") || !strings.Contains(fault.HintOf(err), "NTP") {
		t.Errorf("%v, class %v, remedy %q", err, fault.ClassOf(err), fault.HintOf(err))
	}
	if server.calls != 1 {
		t.Errorf("asked %d times", server.calls)
	}
}
