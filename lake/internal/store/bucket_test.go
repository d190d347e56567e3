package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/gcsblob"
	_ "gocloud.dev/blob/s3blob"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// bucketOn returns a bucket on a server of this test.
func bucketOn(t *testing.T, scheme string, handler http.HandlerFunc) store.Bucket {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(server.URL, "http://"))
	raw := map[string]string{
		"s3": "s3://bucket?" + url.Values{"endpoint": {server.URL}, "region": {"us-east-1"}, "use_path_style": {"true"}}.Encode(),
		"gs": "gs://bucket",
	}[scheme]
	b, err := blob.OpenBucket(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return store.Bucket{Bucket: b, Scheme: scheme, Name: "bucket"}
}

// Google's driver goes on for ever; a lake must not.
func TestNoAnswer(t *testing.T) {
	for _, scheme := range []string{"s3", "gs"} {
		t.Run(scheme, func(t *testing.T) {
			b := bucketOn(t, scheme, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the client has gone
				<-r.Context().Done()
			})
			b.Patience = 50 * time.Millisecond
			calls := map[string]func(ctx context.Context) error{
				"create": func(ctx context.Context) error { return b.Create(ctx, "k", []byte("x")) },
				"read":   func(ctx context.Context) error { _, err := b.Read(ctx, "k"); return err },
				"open":   func(ctx context.Context) error { _, err := b.Open(ctx, "k", 0, -1); return err },
				"list":   func(ctx context.Context) error { return b.List(ctx, "", func(store.Entry) {}) },
				"write": func(ctx context.Context) error {
					w, err := b.Writer(ctx, "k")
					if err != nil {
						return err
					}
					_, err = w.Write([]byte("x"))
					return errors.Join(err, w.Close())
				},
			}
			for name, call := range calls {
				err := call(t.Context())
				if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "the store does not answer") {
					t.Errorf("%s: %v (class %v)", name, err, fault.ClassOf(err))
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
				if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, given up by its caller: %v", name, err)
				}
				cancel()
			}
		})
	}
}

// A connection that breaks is no end of a listing.
func TestBrokenListing(t *testing.T) {
	b := bucketOn(t, "s3", func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		connection.Close()
	})
	err := b.List(t.Context(), "", func(e store.Entry) { t.Errorf("lists %s", e.Key) })
	if fault.ClassOf(err) != fault.Unavailable {
		t.Errorf("%v (class %v)", err, fault.ClassOf(err))
	}
}

// A conflict of two conditional writes decides neither: S3 asks to try again.
func TestCreateAsksAgain(t *testing.T) {
	var asked atomic.Int32
	b := bucketOn(t, "s3", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "*" {
			t.Errorf("%s without If-None-Match", r.Method)
		}
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusConflict)
			_, _ = fmt.Fprint(w, "<Error><Code>ConditionalRequestConflict</Code></Error>")
		}
	})
	if err := b.Create(t.Context(), "k", []byte("x")); err != nil || asked.Load() != 3 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"Get \"https://a.b/c?sig=x%2F&se=1\": EOF":    `Get "https://a.b/c": EOF`,
		"open http://user:pass@h/x: no\n\troute":      "open http://h/x: no route",
		"AccountKey=abc==;EndpointSuffix=core":        "AccountKey=…;EndpointSuffix=core",
		"X-Amz-Security-Token=abc and sig=def":        "X-Amz-Security-Token=… and sig=…",
		"why? s3://bucket/a?b says key=v, not secret": "why? s3://bucket/a says key=…, not secret",
	} {
		if got := store.Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}
