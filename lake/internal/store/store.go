// Package store is what a lake asks of the place that keeps its objects: few verbs, with promises that
// the commit rule rests on. An object becomes visible whole or not at all, and of all who create a key exactly one succeeds.
package store

import (
	"context"
	"errors"
	"io"
	"time"
)

// ErrExists reports that Create found the key taken, whoever took it.
var ErrExists = errors.New("object exists already")

// ErrUnsynced reports that an object was written and is visible, but might not outlast a crash of the machine.
var ErrUnsynced = errors.New("written, but the file system could not sync it")

// Store keeps objects by key, a slash-separated path. It is safe for concurrent use by goroutines and by
// processes. Errors are the driver's own; a missing object is [Missing].
type Store interface {
	// Create writes a new object, or returns ErrExists. The object may exist after any error, and be this very one: replies get
	// lost, and drivers repeat requests. It may even appear later, when a request that was given up arrives after all.
	Create(ctx context.Context, key string, data []byte) error
	// Put writes an object, replacing what was there.
	Put(ctx context.Context, key string, data []byte) error
	// Writer streams an object, visible from a Close without error on. Nobody else writes its key, which names a run.
	Writer(ctx context.Context, key string) (Writer, error)
	// Read returns an object.
	Read(ctx context.Context, key string) ([]byte, error)
	// Open streams length bytes of an object from offset on, or all of the rest if length is negative.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Stat returns an object's entry.
	Stat(ctx context.Context, key string) (Entry, error)
	// List calls f for every object and directory right below prefix, which is empty or ends in a slash.
	List(ctx context.Context, prefix string, f func(Entry)) error
	// Walk calls f for every object at any depth below prefix, which is empty or ends in a slash.
	Walk(ctx context.Context, prefix string, f func(Entry)) error
	// Delete removes an object. One that is not there is no error.
	Delete(ctx context.Context, key string) error
	Close() error
}

// Entry is an object, or a directory with neither size nor time.
type Entry struct {
	Key     string // a directory's without the slash at its end
	Dir     bool
	Size    int64 // bytes
	ModTime time.Time
}

// Writer writes one object. Close makes it visible and lasting. After an error of Write, whose writer the caller then aborts, and
// after Abort it is not there; after one of Close it is whole or not there. Abort after Close does nothing.
type Writer interface {
	io.Writer
	Close() error
	Abort()
}
