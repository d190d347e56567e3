package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Bucket is the store in a bucket whose driver honours conditional writes between processes. Its errors
// carry class and remedy, and no credential.
type Bucket struct {
	*blob.Bucket
	Scheme   string        // of its URL, for remedies
	Name     string        // of the bucket, for errors
	Patience time.Duration // how long a call, or a step of a stream, may take; 0 is patience
	Checksum bool          // writes carry the newer checksums of Amazon's client
	proven   *atomic.Bool  // that it honours conditional writes; nil asks for no proof
}

// checksumParameter of a bucket's URL decides whether Amazon's client sends checksums that older servers refuse.
const checksumParameter = "request_checksum_calculation"

// OpenBucket opens the bucket of a URL. It is put to the proof before the first object is created in it.
func OpenBucket(ctx context.Context, u *url.URL) (Bucket, error) {
	q := u.Query()
	if name := "response_checksum_validation"; u.Scheme == "s3" && !q.Has(name) {
		// The lake has checksums of its own. Amazon's client warns on standard error of each big object that has none it can use.
		q.Set(name, "when_required")
	}
	open := *u
	open.RawQuery = q.Encode()
	b, err := blob.OpenBucket(ctx, open.String())
	if err != nil {
		return Bucket{}, err
	}
	checksum := u.Scheme == "s3" && q.Get(checksumParameter) != "when_required"
	return Bucket{Bucket: b, Scheme: u.Scheme, Name: u.Host, Checksum: checksum, proven: new(atomic.Bool)}, nil
}

// Trusted returns the bucket without the proof of conditional writes, which leaves an object.
func (b Bucket) Trusted() Bucket {
	b.proven = nil
	return b
}

// patience ends what the drivers would go on trying for ever, Google's among them. A step of a stream may have to move
// some megabytes over a slow line.
const patience = 5 * time.Minute

const pageSize = 1000 // what all stores give in one answer

var _ Store = Bucket{}

// Missing reports whether err says that an object is not there.
func Missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Create writes a new object, or returns ErrExists.
func (b Bucket) Create(ctx context.Context, key string, data []byte) error {
	if err := b.prove(ctx); err != nil {
		return err
	}
	return b.create(ctx, key, data)
}

func (b Bucket) create(ctx context.Context, key string, data []byte) error {
	for attempt := 1; ; attempt++ {
		err := b.upload(ctx, key, data, &blob.WriterOptions{ContentType: contentType(key), IfNotExist: true})
		if gcerrors.Code(err) == gcerrors.FailedPrecondition {
			return ErrExists
		}
		// S3's answer when two conditional writes of a key meet: neither is decided, and the client should ask again.
		var refused *bucketError
		if attempt == 5 || !errors.As(err, &refused) || refused.code != "ConditionalRequestConflict" {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(attempt) * 100 * time.Millisecond):
		}
	}
}

// Put writes an object, replacing what was there.
func (b Bucket) Put(ctx context.Context, key string, data []byte) error {
	return b.upload(ctx, key, data, &blob.WriterOptions{ContentType: contentType(key)})
}

// upload does without the drivers' writers. That of Azure crashes when the store refuses what it wrote.
func (b Bucket) upload(ctx context.Context, key string, data []byte, o *blob.WriterOptions) error {
	if b.Scheme == "gs" || b.Scheme == "azblob" {
		o.BufferSize = min(max(len(data)+1, 256<<10), 8<<20) // theirs are 16 and 8 MiB for each object, however small
	}
	if len(data) < 8<<20 {
		return b.call(ctx, writing, func(ctx context.Context) error { return b.Upload(ctx, key, bytes.NewReader(data), o) })
	}
	w := b.stream(ctx, key, o)
	if _, err := w.Write(data); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}

func contentType(key string) string {
	switch {
	case strings.HasSuffix(key, ".parquet"):
		return "application/vnd.apache.parquet"
	case strings.HasSuffix(key, ".json"):
		return "application/json"
	default:
		return "application/octet-stream"
	}
}

func (b Bucket) Read(ctx context.Context, key string) (data []byte, err error) {
	err = b.call(ctx, reading, func(ctx context.Context) error {
		data, err = b.ReadAll(ctx, key)
		return err
	})
	return data, err
}

// Stat returns an object's entry.
func (b Bucket) Stat(ctx context.Context, key string) (Entry, error) {
	var a *blob.Attributes
	err := b.call(ctx, reading, func(ctx context.Context) (err error) {
		a, err = b.Attributes(ctx, key)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	return Entry{Key: key, Size: a.Size, ModTime: a.ModTime}, nil
}

// List calls f for every object and directory right below prefix.
func (b Bucket) List(ctx context.Context, prefix string, f func(Entry)) error {
	return b.each(ctx, &blob.ListOptions{Prefix: prefix, Delimiter: "/"}, f)
}

// Walk calls f for every object at any depth below prefix.
func (b Bucket) Walk(ctx context.Context, prefix string, f func(Entry)) error {
	return b.each(ctx, &blob.ListOptions{Prefix: prefix}, f)
}

// each lists by pages. The drivers' iterators end with io.EOF, which a connection that breaks looks like, too.
func (b Bucket) each(ctx context.Context, options *blob.ListOptions, f func(Entry)) error {
	for next := blob.FirstPageToken; len(next) > 0; {
		var page []*blob.ListObject
		err := b.call(ctx, listing, func(ctx context.Context) (err error) {
			page, next, err = b.ListPage(ctx, next, pageSize, options)
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range page {
			f(Entry{Key: strings.TrimSuffix(o.Key, "/"), Dir: o.IsDir, Size: o.Size, ModTime: o.ModTime})
		}
	}
	return nil
}

// Delete removes an object. One that is not there is no error.
func (b Bucket) Delete(ctx context.Context, key string) error {
	err := b.call(ctx, reading, func(ctx context.Context) error { return b.Bucket.Delete(ctx, key) })
	if Missing(err) {
		return nil
	}
	return err
}
