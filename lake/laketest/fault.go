package laketest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Fault is a way in which a call to a store goes wrong.
type Fault int

// The faults. What has no half of a thing to do, or no reply to lose, is refused.
const (
	Refused    Fault = iota // nothing is done, and the reply is an error
	Lost                    // it is done, and the reply is an error
	Torn                    // half of the bytes or entries come through, then an error
	Cut                     // half of the bytes come through, and then their end
	Hung                    // nothing is done until the context ends
	Unanswered              // it is done, and no reply comes until the context ends
	Late                    // the reply is an error, and it is done when Arrive is called
)

// Kinds returns all faults.
func Kinds() []Fault { return []Fault{Refused, Lost, Torn, Cut, Hung, Unanswered, Late} }

func (f Fault) String() string {
	return [...]string{"refused", "lost", "torn", "cut", "hung", "unanswered", "late"}[f]
}

// ErrFault is the error of a faulty call.
var ErrFault = errors.New("injected fault")

// Faulty is a store of which some calls fail. Reads and writes of a stream are calls of their own.
type Faulty struct {
	store.Store
	Kind  Fault
	Fails func(call int) bool // chooses the calls, counted from 0; nil for none
	Hang  func()              // called when a call hangs, to cancel its context; may be nil

	mu     sync.Mutex
	calls  []string
	hits   int
	failed string
	late   []func()
}

// Calls returns the calls so far, each with its key.
func (f *Faulty) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// Hits returns how many calls have failed.
func (f *Faulty) Hits() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits
}

// Failed returns the last call that failed, with its key.
func (f *Faulty) Failed() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// Arrive does what was late, and reports whether anything was.
func (f *Faulty) Arrive() bool {
	f.mu.Lock()
	late := f.late
	f.late = nil
	f.mu.Unlock()
	for _, do := range late {
		do()
	}
	return len(late) > 0
}

// call counts a call and reports whether it is to fail.
func (f *Faulty) call(verb, key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.calls)
	f.calls = append(f.calls, verb+" "+key)
	if f.Fails == nil || !f.Fails(n) {
		return false
	}
	f.hits++
	f.failed = verb + " " + key
	return true
}

// change does something that changes the store.
func (f *Faulty) change(ctx context.Context, verb, key string, do func(context.Context) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !f.call(verb, key) {
		return do(ctx)
	}
	switch f.Kind {
	case Lost:
		if err := do(ctx); err != nil {
			return err
		}
	case Hung:
		return f.hang(ctx)
	case Unanswered:
		if err := do(ctx); err != nil {
			return err
		}
		return f.hang(ctx)
	case Late:
		f.mu.Lock()
		f.late = append(f.late, func() { _ = do(context.WithoutCancel(ctx)) })
		f.mu.Unlock()
	}
	return fmt.Errorf("%s %s: %w", verb, key, ErrFault)
}

// hang does not wait for a deadline but takes it as passed.
func (f *Faulty) hang(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); bounded {
		return context.DeadlineExceeded
	}
	if f.Hang != nil {
		f.Hang()
	}
	<-ctx.Done()
	return ctx.Err()
}

// ask does something that reads. half tells it to give only half, where it can.
func (f *Faulty) ask(ctx context.Context, verb, key string, do func(half bool) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !f.call(verb, key) {
		return do(false)
	}
	switch f.Kind {
	case Torn:
		if err := do(true); err != nil {
			return err
		}
		return io.ErrUnexpectedEOF
	case Cut:
		return do(true)
	case Hung, Unanswered:
		return f.hang(ctx)
	}
	return fmt.Errorf("%s %s: %w", verb, key, ErrFault)
}

// Create is one call.
func (f *Faulty) Create(ctx context.Context, key string, data []byte) error {
	return f.change(ctx, "create", key, func(ctx context.Context) error { return f.Store.Create(ctx, key, data) })
}

// Put is one call.
func (f *Faulty) Put(ctx context.Context, key string, data []byte) error {
	return f.change(ctx, "put", key, func(ctx context.Context) error { return f.Store.Put(ctx, key, data) })
}

// Delete is one call.
func (f *Faulty) Delete(ctx context.Context, key string) error {
	return f.change(ctx, "delete", key, func(ctx context.Context) error { return f.Store.Delete(ctx, key) })
}

// Read is one call.
func (f *Faulty) Read(ctx context.Context, key string) (data []byte, err error) {
	err = f.ask(ctx, "read", key, func(half bool) (err error) {
		if data, err = f.Store.Read(ctx, key); half {
			data = data[:len(data)/2]
		}
		return err
	})
	return data, err
}

// Stat is one call.
func (f *Faulty) Stat(ctx context.Context, key string) (e store.Entry, err error) {
	err = f.ask(ctx, "stat", key, func(half bool) (err error) {
		if half {
			return ErrFault
		}
		e, err = f.Store.Stat(ctx, key)
		return err
	})
	return e, err
}

// List is one call, however long the listing.
func (f *Faulty) List(ctx context.Context, prefix string, each func(store.Entry)) error {
	return f.entries(ctx, "list", prefix, each, f.Store.List)
}

// Walk is one call, however long the listing.
func (f *Faulty) Walk(ctx context.Context, prefix string, each func(store.Entry)) error {
	return f.entries(ctx, "walk", prefix, each, f.Store.Walk)
}

// entries never gives half a listing without an error: a store that leaves out what is there breaks its promise.
func (f *Faulty) entries(ctx context.Context, verb, prefix string, each func(store.Entry), list func(context.Context, string, func(store.Entry)) error) error {
	return f.ask(ctx, verb, prefix, func(half bool) error {
		var all []store.Entry
		if err := list(ctx, prefix, func(e store.Entry) { all = append(all, e) }); err != nil {
			return err
		}
		if half {
			all = all[:len(all)/2]
		}
		for _, e := range all {
			each(e)
		}
		if half {
			return io.ErrUnexpectedEOF
		}
		return nil
	})
}
