package lake

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"golang.org/x/oauth2/google"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/lakeurl"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Open opens the lake at a bucket URL: file:///path (made by the first write if it is not there), mem://, or
// any scheme whose gocloud.dev/blob driver the program imports. Whether the bucket is there and may be used is seen by the
// first call that needs it, or by [Lake.Probe].
func Open(ctx context.Context, rawURL string) (*Lake, error) {
	const example = "set LAKE.url to a bucket URL such as file:///var/lib/course-inventory or s3://bucket"
	u, err := lakeurl.Parse(rawURL)
	if err != nil {
		plain, _, _ := strings.Cut(rawURL, "?")
		return nil, fault.New(fault.Config, example, fmt.Errorf("LAKE.url %q: %w", store.Clean(plain), err))
	}
	switch u.Scheme {
	case "file":
		return openDir(filepath.FromSlash(u.Path))
	case "mem":
		return New(store.Bucket{Bucket: memblob.OpenBucket(nil), Scheme: "mem"}, rawURL), nil
	}
	if !blob.DefaultURLMux().ValidBucketScheme(u.Scheme) {
		return nil, fault.New(fault.Config, example+", gs://bucket or azblob://container", fmt.Errorf("lake URL %s: no store has the scheme %q", safeURL(u), u.Scheme))
	}
	if err := googleCredentials(ctx, u); err != nil {
		return nil, err
	}
	bucket, err := store.OpenBucket(ctx, u)
	if err != nil {
		return nil, fault.New(fault.Config, "check LAKE.url and the credentials of its store (docs/stores.md)",
			fmt.Errorf("open lake %s: %s", safeURL(u), store.Clean(err.Error())))
	}
	return New(bucket, safeURL(u)), nil
}

func openDir(dir string) (*Lake, error) {
	dir, err := filepath.Abs(dir)
	var disk store.Disk
	if err == nil {
		disk, err = store.OpenDisk(dir)
	}
	if err != nil {
		return nil, fault.New(fault.Config, "set LAKE.url to a directory that this user may write", fmt.Errorf("open lake: %w", err))
	}
	return New(disk, "file://"+filepath.ToSlash(dir)), nil
}

// googleCredentials looks for credentials before the driver does, which prints what it misses to standard output and goes on.
func googleCredentials(ctx context.Context, u *url.URL) error {
	if u.Scheme != "gs" || os.Getenv("STORAGE_EMULATOR_HOST") != "" || u.Query().Get("anonymous") == "true" {
		return nil
	}
	if _, err := google.FindDefaultCredentials(ctx, "https://www.googleapis.com/auth/devstorage.read_write"); err != nil {
		return fault.New(fault.Config, "set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account, run `gcloud auth application-default login`, or give the machine a service account",
			errors.Join(fmt.Errorf("open lake %s: %s", safeURL(u), store.Clean(err.Error())), ctx.Err()))
	}
	return nil
}

// What a bucket's URL may tell: where the store is, never who asks. A list of what is harmless misses no new kind of secret.
var harmless = []string{"region", "endpoint", "use_path_style", "s3ForcePathStyle", "prefix", "domain", "protocol", "localemu", "storage_account"}

// safeURL returns a URL without user, password and all parameters that may hold a credential.
func safeURL(u *url.URL) string {
	safe := *u
	safe.User = nil
	q := u.Query()
	for name, values := range q {
		if !slices.Contains(harmless, name) {
			delete(q, name)
		}
		for i, v := range values {
			values[i] = store.Clean(v)
		}
	}
	safe.RawQuery = q.Encode()
	return safe.String()
}
