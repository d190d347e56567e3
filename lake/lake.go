package lake

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Lake is an open bucket of snapshots. It is safe for concurrent use.
type Lake struct {
	store store.Store
	url   string
	dir   string // of a lake on disk, else empty
}

// New returns the lake in a store; url is how it calls itself. [Open] is for everyone but tests of stores.
func New(s store.Store, url string) *Lake {
	l := &Lake{store: s, url: url}
	if disk, ok := s.(store.Disk); ok {
		l.dir = disk.Dir
	}
	return l
}

// Open opens the lake at a bucket URL: file:///path (made if it is not there), mem://, or
// any scheme whose gocloud.dev/blob driver the program imports.
func Open(ctx context.Context, rawURL string) (*Lake, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme == "" {
		return nil, fault.New(fault.Config, "set LAKE.url to a bucket URL such as file:///var/lib/course-inventory or s3://bucket",
			fmt.Errorf("lake URL %q has no scheme", rawURL))
	}
	switch u.Scheme {
	case "file":
		return openDir(filepath.FromSlash(u.Host + u.Path))
	case "mem":
		return New(store.Bucket{Bucket: memblob.OpenBucket(nil)}, rawURL), nil
	}
	bucket, err := blob.OpenBucket(ctx, rawURL)
	if err != nil {
		return nil, fault.New(fault.Config, "check LAKE.url and the credentials of its store", fmt.Errorf("open lake %s: %w", u.Redacted(), err))
	}
	return New(store.Bucket{Bucket: bucket}, u.Redacted()), nil
}

func openDir(dir string) (*Lake, error) {
	dir, err := filepath.Abs(dir)
	var disk store.Disk
	if err == nil {
		disk, err = store.MakeDisk(dir)
	}
	if err != nil {
		return nil, fault.New(fault.Config, "set LAKE.url to a directory that this user may write", fmt.Errorf("open lake: %w", err))
	}
	return New(disk, "file://"+filepath.ToSlash(dir)), nil
}

// URL returns the lake's bucket URL without credentials.
func (l *Lake) URL() string { return l.url }

// Dir returns the directory of a lake on disk, or "" for any other store.
func (l *Lake) Dir() string { return l.dir }

// Close releases the store.
func (l *Lake) Close() error { return l.store.Close() }
