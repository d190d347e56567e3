// Package memo carries a run's memory of finished requests. It travels in the context, so that whoever asks
// a source need not know where the memory is kept, or whether there is one.
package memo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Record is what a finished request gave. It holds the fields that the program uses, never the answer as
// it came: that may name people.
type Record struct {
	Key   string          `json:"k"` // see [Key]
	At    time.Time       `json:"t"` // when the answer came
	Next  string          `json:"n,omitempty"`
	Value json.RawMessage `json:"v"`
}

// Keeper remembers records. Its methods may be called by many goroutines.
type Keeper interface {
	// Recall returns what was kept under a key.
	Recall(key string) (Record, bool)
	// Keep remembers a record. It does not wait until that is safe.
	Keep(r Record)
}

// Key makes a key of what identifies a request.
func Key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

type key struct{}

// With returns a context under which finished requests are remembered.
func With(ctx context.Context, k Keeper) context.Context { return context.WithValue(ctx, key{}, k) }

// Of returns the memory, nil where there is none.
func Of(ctx context.Context) Keeper {
	k, _ := ctx.Value(key{}).(Keeper)
	return k
}

// Recall returns the value that was kept under a key and when it came. What cannot be read any more was never kept.
func Recall[T any](ctx context.Context, key string) (value T, r Record, ok bool) {
	k := Of(ctx)
	if k == nil {
		return value, r, false
	}
	if r, ok = k.Recall(key); !ok {
		return value, r, false
	}
	var zero T
	if json.Unmarshal(r.Value, &value) != nil {
		return zero, Record{}, false
	}
	return value, r, true
}

// Keep remembers a value, if there is a memory.
func Keep[T any](ctx context.Context, key string, at time.Time, next string, value T) {
	k := Of(ctx)
	if k == nil {
		return
	}
	if text, err := json.Marshal(value); err == nil {
		k.Keep(Record{Key: key, At: at, Next: next, Value: text})
	}
}
