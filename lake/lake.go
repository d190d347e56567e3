package lake

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Lake is an open bucket of snapshots. It is safe for concurrent use.
type Lake struct {
	bucket *blob.Bucket
	url    string
	dir    string // of a lake on disk, else empty
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
		return &Lake{bucket: memblob.OpenBucket(nil), url: rawURL}, nil
	}
	bucket, err := blob.OpenBucket(ctx, rawURL)
	if err != nil {
		return nil, fault.New(fault.Config, "check LAKE.url and the credentials of its store", fmt.Errorf("open lake %s: %w", u.Redacted(), err))
	}
	return &Lake{bucket: bucket, url: u.Redacted()}, nil
}

func openDir(dir string) (*Lake, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err != nil {
		return nil, fault.New(fault.Config, "set LAKE.url to a directory that this user may write", fmt.Errorf("open lake: %w", err))
	}
	// Temporary files beside the final ones keep the rename inside one file system.
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fault.New(fault.Config, "check LAKE.url", fmt.Errorf("open lake %s: %w", dir, err))
	}
	return &Lake{bucket: bucket, url: "file://" + filepath.ToSlash(dir), dir: dir}, nil
}

// URL returns the lake's bucket URL without credentials.
func (l *Lake) URL() string { return l.url }

// Dir returns the directory of a lake on disk, or "" for any other store.
func (l *Lake) Dir() string { return l.dir }

// Close releases the bucket.
func (l *Lake) Close() error { return l.bucket.Close() }

// path returns the file name of a key in a lake on disk.
func (l *Lake) path(key string) string { return filepath.Join(l.dir, filepath.FromSlash(key)) }
