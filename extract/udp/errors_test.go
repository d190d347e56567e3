package udp

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/bigquery"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// verdict checks an error: its class, that it or its remedy names something, that it shows no
// secret, and that nothing was committed.
func (w *world) verdict(t *testing.T, l *lake.Lake, err error, class fault.Class, text string) {
	t.Helper()
	all := fmt.Sprintf("%v\n%s\n%s", err, fault.HintOf(err), w.log.String())
	switch {
	case fault.ClassOf(err) != class:
		t.Errorf("class %v of %v, want %v", fault.ClassOf(err), err, class)
	case !strings.Contains(all, text):
		t.Errorf("no %q in %s", text, all)
	case strings.Contains(all, "PRIVATE") || strings.Contains(all, "hunter2"):
		t.Errorf("a secret shows: %s", all)
	}
	if dates, listErr := l.Dates(t.Context(), "raw/udp/event"); listErr != nil || len(dates) > 0 {
		t.Errorf("committed: %v, %v", dates, listErr)
	}
}

func TestErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		server func(*campus.Options)
		change func(*config.MIVideo)
		class  fault.Class
		text   string
	}{
		"table without permission":   {func(o *campus.Options) { o.Denied = []string{"event_store"} }, nil, fault.Permission, "udp-umich-prod.event_store.events"},
		"the same, told at once":     {func(o *campus.Options) { o.Denied, o.Early = []string{"event_store"}, true }, nil, fault.Permission, "Access Denied"},
		"project without permission": {nil, func(m *config.MIVideo) { m.UDPProject = "elsewhere" }, fault.Permission, "MIVIDEO.udp_project"},
		"no such dataset":            {nil, func(m *config.MIVideo) { m.UDPTable = "udp-umich-prod.event_stor.events" }, fault.Config, "MIVIDEO.udp_table"},
		"no such table":              {nil, func(m *config.MIVideo) { m.UDPTable = "udp-umich-prod.event_store.event" }, fault.Config, "MIVIDEO.udp_table"},
		"no name of a table":         {nil, func(m *config.MIVideo) { m.UDPTable = "x`; SELECT" }, fault.Config, "MIVIDEO.udp_table"},
		"no project":                 {nil, func(m *config.MIVideo) { m.UDPTable = "event_store.events" }, fault.Config, "MIVIDEO.udp_project"},
		"one part":                   {nil, func(m *config.MIVideo) { m.UDPTable = "events" }, fault.Config, "MIVIDEO.udp_table"},
		"four parts":                 {nil, func(m *config.MIVideo) { m.UDPTable = "a.b.c.events" }, fault.Config, "MIVIDEO.udp_table"},
		"no applications":            {nil, func(m *config.MIVideo) { m.UDPEdApps = nil }, fault.Config, "MIVIDEO.udp_ed_apps"},
		"bytes billed":               {nil, func(m *config.MIVideo) { m.UDPMaxBytesBilled = 1000 }, fault.Config, "MIVIDEO.udp_max_bytes_billed"},
		"always down":                {func(o *campus.Options) { o.FailEvery = 1 }, nil, fault.Unavailable, "given up after 3 tries: status 503 backendError"},
		"interval in the future":     {nil, func(m *config.MIVideo) { m.DefaultLastTimestamp = now }, fault.Usage, "MIVIDEO.default_last_timestamp"},
		"nobody there":               {nil, func(m *config.MIVideo) { m.UDPEndpoint = "http://127.0.0.1:1" }, fault.Unavailable, "given up after 3 tries"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, oddities(), tc.server)
			if tc.change != nil {
				tc.change(&w.cfg.MIVideo)
			}
			l := extracttest.Lake(t)
			_, err := w.run(t, l, nil)
			w.verdict(t, l, err, tc.class, tc.text)
		})
	}
}

// TestReasons has every request refused for a reason.
func TestReasons(t *testing.T) {
	for reason, tc := range map[string]struct {
		status int
		class  fault.Class
		text   string
	}{
		"quotaExceeded":     {403, fault.Config, "quota"},
		"billingNotEnabled": {403, fault.Config, "billing"},
		"invalidQuery":      {400, fault.Data, "columns of the event store"},
		"invalid":           {400, fault.Data, "MIVIDEO.udp_table"},
		"resourcesExceeded": {400, fault.Config, "quota"},
		"internalError":     {400, fault.Unavailable, "internalError"},
		"stopped":           {400, fault.Unavailable, "stopped"},
		"":                  {401, fault.Permission, "the emulator"},
		"unheard of":        {418, fault.Data, "unheard of"},
		"moved":             {302, fault.Config, "MIVIDEO.udp_endpoint"},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil, nil)
			w.serve(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				if reason == "moved" {
					rw.Header().Set("Location", "http://elsewhere.example.edu/")
					rw.WriteHeader(tc.status)
					return
				}
				rw.WriteHeader(tc.status)
				fmt.Fprintf(rw, `{"error":{"code":%d,"message":"What happened","errors":[{"reason":%q,"message":"What happened"}]}}`, tc.status, reason)
			}))
			l := extracttest.Lake(t)
			_, err := w.run(t, l, nil)
			w.verdict(t, l, err, tc.class, tc.text)
		})
	}
}

// TestRateLimitForEver ends after the patience with a rate limit.
func TestRateLimitForEver(t *testing.T) {
	w := newWorld(t, nil, func(o *campus.Options) { o.SlowEvery = 1 })
	w.cfg.MaxReqAttempts, w.tuning.patience = 1, 20*time.Millisecond
	l := extracttest.Lake(t)
	_, err := w.run(t, l, nil)
	w.verdict(t, l, err, fault.Unavailable, "rate limit: status 403 rateLimitExceeded")
}

// TestLostAnswer loses the answer of jobs.insert: the job that is there by then is taken.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t, oddities(), nil)
	lost := false
	w.tuning.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if strings.HasSuffix(r.URL.Path, "/jobs") && !lost {
			lost = true
			answer.Body.Close()
			return nil, fmt.Errorf("connection reset by peer")
		}
		return answer, err
	})
	if result, err := w.run(t, extracttest.Lake(t), nil); err != nil || result.Tables[0].Rows != 10 || !lost {
		t.Errorf("%v, %+v", err, result)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestStandstill ends a query that never does, and asks BigQuery to stop it.
func TestStandstill(t *testing.T) {
	w := newWorld(t, oddities(), func(o *campus.Options) { o.Pending = 1 << 30 })
	w.cfg.MaxReqAttempts = 1
	w.tuning.queryLimit = 300 * time.Millisecond
	var started, cancelled atomic.Bool
	w.tuning.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/cancel"):
			cancelled.Store(true)
		case strings.Contains(r.URL.Path, "/queries/"):
			started.Store(true) // a slow machine may not come so far
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	l := extracttest.Lake(t)
	_, err := w.run(t, l, nil)
	w.verdict(t, l, err, fault.Unavailable, "nothing came for too long")
	if started.Load() && !cancelled.Load() {
		t.Error("the query was left running")
	}
}

// TestMissingRows does not take a result that ends early.
func TestMissingRows(t *testing.T) {
	var events []campus.Event
	for i := range 300 {
		events = append(events, started(i, time.Duration(i)*time.Second, "1"))
	}
	w := newWorld(t, events, nil)
	w.tuning.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("pageToken") == "" {
			return http.DefaultTransport.RoundTrip(r)
		}
		rec := httptest.NewRecorder()
		fmt.Fprint(rec, `{"jobComplete":true,"totalRows":"300","rows":[]}`)
		return rec.Result(), nil
	})
	l := extracttest.Lake(t)
	_, err := w.run(t, l, nil)
	w.verdict(t, l, err, fault.Unavailable, "the result has 300 rows, but 100 came")
}

func TestInterrupt(t *testing.T) {
	w := newWorld(t, oddities(), func(o *campus.Options) { o.Pending = 1 << 30 })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	s, err := w.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	l := extracttest.Lake(t)
	_, err = extract.Run(ctx, l, extracttest.Plan(s, now))
	w.verdict(t, l, err, fault.Interrupted, "canceled")
}

// keyFile writes the key of a service account whose tokens come from a server.
func keyFile(t *testing.T, tokens string, change func(map[string]string)) string {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key := map[string]string{
		"type": "service_account", "project_id": "udp-umich-prod", "client_email": "inventory@udp-umich-prod.iam.gserviceaccount.com", "token_uri": tokens,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "private_key_id": "hunter2",
	}
	if change != nil {
		change(key)
	}
	data, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "udp.json")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestKeyFile(t *testing.T) {
	refuse := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(rw, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`)
	}))
	defer refuse.Close()
	down := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }))
	defer down.Close()
	give := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprint(rw, `{"access_token":"t0k3n","token_type":"Bearer","expires_in":3600}`)
	}))
	defer give.Close()
	for name, tc := range map[string]struct {
		file  string
		class fault.Class
		text  string
	}{
		"none":            {"", fault.Config, keyFileKey},
		"missing":         {filepath.Join(t.TempDir(), "udp.json"), fault.Config, "no such file"},
		"a directory":     {t.TempDir(), fault.Config, keyFileKey},
		"another kind":    {keyFile(t, "", func(k map[string]string) { k["type"] = "authorized_user" }), fault.Config, "no JSON key of a service account"},
		"no private key":  {keyFile(t, "", func(k map[string]string) { delete(k, "private_key") }), fault.Config, "lacks parts"},
		"torn key":        {keyFile(t, "", func(k map[string]string) { k["private_key"] = k["private_key"][:200] }), fault.Config, "lacks parts"},
		"revoked":         {keyFile(t, refuse.URL, nil), fault.Permission, "400 invalid_grant Invalid JWT Signature."},
		"tokens are down": {keyFile(t, down.URL, nil), fault.Unavailable, "status 502"},
		"good":            {keyFile(t, give.URL, nil), fault.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, oddities(), nil)
			emulator := strings.TrimPrefix(w.cfg.MIVideo.UDPEndpoint, "http://")
			w.cfg.MIVideo.UDPEndpoint, w.cfg.MIVideo.UDPServiceAccountFile = "", tc.file
			w.tuning.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host != "bigquery.googleapis.com" || r.Header.Get("Authorization") != "Bearer t0k3n" || r.Header.Get("User-Agent") != "course-inventory/test" {
					return nil, fmt.Errorf("request to %s with headers %v", r.URL.Host, r.Header)
				}
				r.URL.Scheme, r.URL.Host = "http", emulator
				return http.DefaultTransport.RoundTrip(r)
			})
			l := extracttest.Lake(t)
			_, err := w.run(t, l, nil)
			if tc.class == fault.OK {
				if err != nil {
					t.Errorf("%v: %s", err, fault.HintOf(err))
				}
				return
			}
			w.verdict(t, l, err, tc.class, tc.text)
		})
	}
}
