package laketest

import (
	"context"
	"fmt"
	"io"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Writer is one call, and so are each Write and the Close of what it returns.
func (f *Faulty) Writer(ctx context.Context, key string) (store.Writer, error) {
	if f.call("writer", key) {
		if f.Kind == Hung || f.Kind == Unanswered {
			return nil, f.hang(ctx)
		}
		return nil, fmt.Errorf("writer %s: %w", key, ErrFault)
	}
	w, err := f.Store.Writer(ctx, key)
	if err != nil {
		return nil, err
	}
	return &faultyWriter{Writer: w, f: f, ctx: ctx, key: key}, nil
}

type faultyWriter struct {
	store.Writer
	f   *Faulty
	ctx context.Context
	key string
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if !w.f.call("write", w.key) {
		return w.Writer.Write(p)
	}
	n := 0
	switch w.f.Kind {
	case Torn, Lost:
		n, _ = w.Writer.Write(p[:len(p)/2])
	case Hung, Unanswered:
		return 0, w.f.hang(w.ctx)
	}
	return n, fmt.Errorf("write %s: %w", w.key, ErrFault)
}

// Close makes the driver give up the object that it does not close now or later.
func (w *faultyWriter) Close() error {
	closed := w.f.Kind == Late
	err := w.f.change(w.ctx, "close", w.key, func(context.Context) error {
		closed = true
		return w.Writer.Close()
	})
	if !closed {
		w.Abort()
	}
	return err
}

// Open is one call, and so is each Read of what it returns.
func (f *Faulty) Open(ctx context.Context, key string, offset, length int64) (r io.ReadCloser, err error) {
	err = f.ask(ctx, "open", key, func(half bool) (err error) {
		if half {
			return ErrFault
		}
		r, err = f.Store.Open(ctx, key, offset, length)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &faultyReader{r, f, ctx, key, nil}, nil
}

type faultyReader struct {
	io.ReadCloser
	f    *Faulty
	ctx  context.Context
	key  string
	over error
}

func (r *faultyReader) Read(p []byte) (n int, err error) {
	if r.over != nil {
		return 0, r.over
	}
	fault := r.f.ask(r.ctx, "get", r.key, func(half bool) error {
		n, err = r.ReadCloser.Read(p)
		if half {
			n, err = n/2, io.EOF
		}
		return nil
	})
	if fault != nil {
		err = fault
	}
	r.over = err
	return n, err
}
