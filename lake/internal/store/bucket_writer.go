package store

import (
	"context"
	"io"
	"time"

	"gocloud.dev/blob"
)

// abortGrace is how long S3 has to take back an upload that is given up.
const abortGrace = 15 * time.Second

// Writer streams an object, visible from a Close without error on.
func (b Bucket) Writer(ctx context.Context, key string) (Writer, error) {
	return b.stream(ctx, key, &blob.WriterOptions{ContentType: contentType(key)}), nil
}

func (b Bucket) stream(ctx context.Context, key string, o *blob.WriterOptions) *bucketWriter {
	l := b.leash(ctx, writing)
	out, in := io.Pipe()
	w := &bucketWriter{in: in, leash: l, done: make(chan struct{}), unwatch: func() bool { return true }}
	if b.Scheme == "s3" {
		// Amazon's client takes back the parts that it sent only while its context lives: it is to end by its data.
		l.ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		w.unwatch = context.AfterFunc(ctx, w.giveUp)
	}
	go func() {
		defer close(w.done)
		w.err = b.Upload(l.ctx, key, out, o)
		if w.err != nil {
			out.CloseWithError(w.err)
		}
	}()
	return w
}

// bucketWriter passes what is written to an upload, in a goroutine that Close and Abort wait for.
type bucketWriter struct {
	in      *io.PipeWriter
	leash   *leash
	unwatch func() bool
	done    chan struct{} // closed when the upload has ended
	err     error         // of the upload, then
}

func (w *bucketWriter) Write(p []byte) (n int, err error) {
	err = w.leash.step(func() (err error) {
		n, err = w.in.Write(p)
		return err
	})
	return n, err
}

func (w *bucketWriter) Close() error {
	if err := w.leash.outer.Err(); err != nil {
		w.Abort()
		return err
	}
	defer w.leash.release()
	defer w.unwatch()
	return w.leash.step(func() error {
		_ = w.in.Close() // never fails
		<-w.done
		return w.err
	})
}

func (w *bucketWriter) Abort() {
	defer w.leash.release()
	w.unwatch()
	w.giveUp()
}

// giveUp ends the upload without an object, and waits for it. The drivers but Amazon's would publish what was written so far, so
// they are cancelled before the data ends.
func (w *bucketWriter) giveUp() {
	if w.leash.bucket.Scheme == "s3" {
		defer time.AfterFunc(abortGrace, w.leash.release).Stop()
	} else {
		w.leash.release()
	}
	_ = w.in.CloseWithError(errAborted) // never fails
	<-w.done
}
