package store

import (
	"context"
	"errors"
	"io"
	"time"

	"gocloud.dev/blob"
)

var (
	errNoAnswer = errors.New("the store does not answer")
	errAborted  = errors.New("the writer was aborted")
)

// leash is the context of a call or a stream, which ends it when a step takes too long.
type leash struct {
	bucket Bucket
	verb   verb
	outer  context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func (b Bucket) leash(ctx context.Context, v verb) *leash {
	l := &leash{bucket: b, verb: v, outer: ctx}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	return l
}

// step runs f for as long as the bucket has patience, and explains its error.
func (l *leash) step(f func() error) error {
	limit := l.bucket.Patience
	if limit == 0 {
		limit = patience
	}
	timer := time.AfterFunc(limit, func() { l.cancel(errNoAnswer) })
	err := f()
	timer.Stop()
	switch {
	case err == nil:
		return nil
	case l.outer.Err() != nil:
		return l.outer.Err()
	case errors.Is(context.Cause(l.ctx), errNoAnswer):
		err = errors.Join(errNoAnswer, err)
	}
	return l.bucket.explain(l.verb, err)
}

func (l *leash) release() { l.cancel(context.Canceled) }

// call runs one call of the driver.
func (b Bucket) call(ctx context.Context, v verb, f func(context.Context) error) error {
	l := b.leash(ctx, v)
	defer l.release()
	return l.step(func() error { return f(l.ctx) })
}

// Open streams a range of an object.
func (b Bucket) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	l := b.leash(ctx, reading)
	var r *blob.Reader
	err := l.step(func() (err error) {
		r, err = b.NewRangeReader(l.ctx, key, offset, length, nil)
		return err
	})
	if err != nil {
		l.release()
		return nil, err
	}
	return &bucketReader{r, l}, nil
}

// bucketReader does not embed blob.Reader: its WriteTo would go past the leash.
type bucketReader struct {
	r     *blob.Reader
	leash *leash
}

func (r *bucketReader) Read(p []byte) (n int, err error) {
	var ended bool
	err = r.leash.step(func() (err error) {
		n, err = io.Reader(r.r).Read(p)
		if ended = err == io.EOF; ended { // exactly: a connection that breaks wraps it
			return nil
		}
		return err
	})
	if ended {
		err = io.EOF
	}
	return n, err
}

func (r *bucketReader) Close() error {
	defer r.leash.release()
	return r.r.Close()
}
