package lake_test

import (
	"context"
	"net/url"
	"testing"

	_ "gocloud.dev/blob/azureblob"
	_ "gocloud.dev/blob/gcsblob"
	"gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
	"github.com/tl-its-umich-edu/course-inventory/lake/laketest"
)

// buckets are the stores that are servers.
var buckets = map[string]func(testing.TB) buckettest.Bucket{"s3": buckettest.S3, "gs": buckettest.GS, "azblob": buckettest.Azure}

func TestBuckets(t *testing.T) {
	for name, bucket := range buckets {
		t.Run(name, func(t *testing.T) {
			laketest.Run(t, func(t *testing.T) *lake.Lake { return open(t, bucket(t).URL) })
		})
	}
}

func TestStores(t *testing.T) {
	t.Run("mem", func(t *testing.T) {
		laketest.RunStore(t, func(*testing.T) func() store.Store {
			b := store.Bucket{Bucket: memblob.OpenBucket(nil)}
			return func() store.Store { return b }
		})
	})
	t.Run("file", func(t *testing.T) {
		laketest.RunStore(t, func(t *testing.T) func() store.Store {
			dir := t.TempDir()
			return func() store.Store {
				d, err := store.OpenDisk(dir)
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
		})
	})
	for name, bucket := range buckets {
		t.Run(name, func(t *testing.T) {
			laketest.RunStore(t, func(t *testing.T) func() store.Store {
				b := bucket(t)
				return func() store.Store { return openBucket(t, b.URL) }
			})
		})
	}
}

// Parts of an upload that never ends cost money, and no listing shows them.
func TestAbortedUploadsLeaveNoParts(t *testing.T) {
	b := buckettest.S3(t)
	for _, end := range []string{"abort", "cancel"} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w, err := openBucket(t, b.URL).Writer(ctx, "k")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 20<<20)); err != nil {
			t.Fatal(err)
		}
		if end == "abort" {
			w.Abort()
		} else {
			cancel()
			if w.Close() == nil {
				t.Error("a cancelled writer reports success")
			}
		}
		if n := buckettest.Uploads(t, b); n != "0" {
			t.Errorf("%s: %s uploads under way", end, n)
		}
	}
}

// openBucket opens the store of a URL.
func openBucket(t *testing.T, rawURL string) store.Bucket {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBucket(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b.Trusted()
}
