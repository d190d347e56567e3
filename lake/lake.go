package lake

import (
	"net/url"
	"path"
	"path/filepath"

	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Lake is an open bucket of snapshots. It is safe for concurrent use.
type Lake struct {
	store store.Store
	url   string
	dir   string      // of a lake on disk, else empty
	codec *zstd.Codec // of all its writers, which so share the memory that it takes
}

// New returns the lake in a store; url is how it calls itself. [Open] is for everyone but tests of stores.
func New(s store.Store, url string) *Lake {
	l := &Lake{store: s, url: url, codec: &zstd.Codec{}}
	if disk, ok := s.(store.Disk); ok {
		l.dir = disk.Dir
	}
	return l
}

// URL returns the lake's bucket URL without credentials.
func (l *Lake) URL() string { return l.url }

// Dir returns the directory of a lake on disk, or "" for any other store.
func (l *Lake) Dir() string { return l.dir }

// ObjectURL returns where the object of a key is, as browsers and the tools of its store take it: without the settings in the lake's URL.
func (l *Lake) ObjectURL(key string) string {
	if l.dir != "" {
		return (&url.URL{Scheme: "file", Path: path.Join(filepath.ToSlash(l.dir), key)}).String()
	}
	u, err := url.Parse(l.url)
	if err != nil { // of a store that a test named
		return l.url + "/" + key
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/" + u.Query().Get("prefix") + key}).String()
}

// Close releases the store.
func (l *Lake) Close() error { return l.store.Close() }
