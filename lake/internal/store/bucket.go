package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Bucket is the store in a bucket whose driver honours conditional writes between processes.
type Bucket struct{ *blob.Bucket }

var _ Store = Bucket{}

// Missing reports whether err says that an object is not there.
func Missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || gcerrors.Code(err) == gcerrors.NotFound
}

func (b Bucket) Create(ctx context.Context, key string, data []byte) error {
	err := b.WriteAll(ctx, key, data, &blob.WriterOptions{IfNotExist: true})
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return ErrExists
	}
	return err
}

func (b Bucket) Put(ctx context.Context, key string, data []byte) error {
	return b.WriteAll(ctx, key, data, nil)
}

func (b Bucket) Writer(ctx context.Context, key string) (Writer, error) {
	ctx, cancel := context.WithCancel(ctx)
	w, err := b.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "application/vnd.apache.parquet"})
	if err != nil {
		cancel()
		return nil, err
	}
	return &bucketWriter{w, cancel}, nil
}

// bucketWriter does not embed blob.Writer: its ReadFrom would go past what counts the bytes.
type bucketWriter struct {
	w      *blob.Writer
	cancel context.CancelFunc
}

func (w *bucketWriter) Write(p []byte) (int, error) { return w.w.Write(p) }

func (w *bucketWriter) Close() error {
	defer w.cancel()
	return w.w.Close()
}

// Abort cancels before it closes: a Close alone would publish what was written so far.
func (w *bucketWriter) Abort() {
	w.cancel()
	_ = w.w.Close() // reports the cancellation
}

func (b Bucket) Read(ctx context.Context, key string) ([]byte, error) { return b.ReadAll(ctx, key) }

func (b Bucket) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	return b.NewRangeReader(ctx, key, offset, length, nil)
}

func (b Bucket) Stat(ctx context.Context, key string) (Entry, error) {
	a, err := b.Attributes(ctx, key)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Key: key, Size: a.Size, ModTime: a.ModTime}, nil
}

func (b Bucket) List(ctx context.Context, prefix string, f func(Entry)) error {
	return b.each(ctx, &blob.ListOptions{Prefix: prefix, Delimiter: "/"}, f)
}

func (b Bucket) Walk(ctx context.Context, prefix string, f func(Entry)) error {
	return b.each(ctx, &blob.ListOptions{Prefix: prefix}, f)
}

func (b Bucket) each(ctx context.Context, options *blob.ListOptions, f func(Entry)) error {
	it := b.Bucket.List(options)
	for {
		o, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f(Entry{Key: strings.TrimSuffix(o.Key, "/"), Dir: o.IsDir, Size: o.Size, ModTime: o.ModTime})
	}
}

func (b Bucket) Delete(ctx context.Context, key string) error {
	if err := b.Bucket.Delete(ctx, key); err != nil && !Missing(err) {
		return err
	}
	return nil
}
