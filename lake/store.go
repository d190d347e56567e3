package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// create writes a new object that becomes visible whole, or returns [store.ErrExists] if the key is taken, whoever took it.
func (l *Lake) create(ctx context.Context, key string, data []byte) error {
	return storeError(key, l.store.Create(ctx, key, data))
}

// put writes an object, replacing what was there.
func (l *Lake) put(ctx context.Context, key string, data []byte) error {
	return storeError(key, l.store.Put(ctx, key, data))
}

func (l *Lake) read(ctx context.Context, key string) ([]byte, error) {
	data, err := l.store.Read(ctx, key)
	return data, storeError(key, err)
}

// list calls f for every object and directory right below prefix, which ends in a slash, with its name there.
func (l *Lake) list(ctx context.Context, prefix string, f func(name string, e store.Entry)) error {
	return storeError(prefix, l.store.List(ctx, prefix, func(e store.Entry) { f(e.Key[len(prefix):], e) }))
}

// readerAt reads ranges of an object, for opening Parquet footers without a download.
type readerAt struct {
	ctx   context.Context // that of the call the reader serves; io.ReaderAt has no place for it
	store store.Store
	key   string
}

func (r readerAt) ReadAt(p []byte, off int64) (n int, err error) {
	reader, err := r.store.Open(r.ctx, r.key, off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	// Not io.ReadFull: it calls the end of the object what a torn reply is called, io.ErrUnexpectedEOF.
	for n < len(p) && err == nil {
		var more int
		more, err = reader.Read(p[n:])
		n += more
	}
	closeErr := reader.Close()
	if n == len(p) {
		err = closeErr
	}
	return n, err
}

// storeError gives an error of the store its class and remedy.
func storeError(key string, err error) error {
	if err == nil || errors.Is(err, store.ErrExists) {
		return err
	}
	if known := new(fault.Error); errors.As(err, &known) {
		return fmt.Errorf("lake object %s: %w", key, err)
	}
	class, hint := fault.Unavailable, "check that the store is reachable and run the same command again"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("lake object %s: %w", key, err)
	case errors.Is(err, store.ErrUnsynced):
		hint = "readers see it, but a power loss could undo it: repair or relieve the lake's disk and run the same command again"
	case errors.Is(err, store.ErrGone):
		hint = "check LAKE.url and that its disk is mounted, then run the same command again"
	case errors.Is(err, store.ErrNoLinks):
		class, hint = fault.Config, "keep the lake on a file system with hard links, such as ext4, XFS or NFS, or in a bucket"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = "the lake's disk is full: make room and run the same command again; nothing was committed"
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.ESTALE):
		hint = "the lake's disk or network file system fails, see the system's log: repair it and run the same command again"
	case errors.Is(err, syscall.EROFS):
		class, hint = fault.Permission, "the lake's file system is mounted read-only, perhaps after an error of its disk: mount it for writing and run the same command again"
	case errors.Is(err, fs.ErrPermission):
		class, hint = fault.Permission, "give this user or its credentials read and write access to the lake"
	case store.Missing(err):
		class, hint = fault.Data, "the object was removed after it was committed: restore it, or make the date again"
	}
	return fault.New(class, hint, fmt.Errorf("lake object %s: %w", key, err))
}
