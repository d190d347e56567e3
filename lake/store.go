package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// errExists reports that create found the key taken.
var errExists = errors.New("object exists already")

// create writes a new object that becomes visible whole, or returns errExists
// if the key is taken, whoever took it.
func (l *Lake) create(ctx context.Context, key string, data []byte) error {
	if l.dir != "" {
		return storeError(key, l.link(key, data))
	}
	err := l.bucket.WriteAll(ctx, key, data, &blob.WriterOptions{IfNotExist: true})
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return errExists
	}
	return storeError(key, err)
}

// link creates a file by linking a complete and synced temporary one: link(2) fails if the name
// exists, across processes and, unlike a rename, never replaces.
func (l *Lake) link(key string, data []byte) error {
	name := l.path(key)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), name); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return errExists
		}
		return err
	}
	return l.syncDirs(name)
}

// put writes an object, replacing what was there.
func (l *Lake) put(ctx context.Context, key string, data []byte) error {
	return storeError(key, l.bucket.WriteAll(ctx, key, data, nil))
}

func (l *Lake) read(ctx context.Context, key string) ([]byte, error) {
	data, err := l.bucket.ReadAll(ctx, key)
	return data, storeError(key, err)
}

// settle makes an object that the driver wrote survive a crash of the machine.
func (l *Lake) settle(key string) error {
	if l.dir == "" {
		return nil
	}
	name := l.path(key)
	f, err := os.Open(name)
	if err != nil {
		return storeError(key, err)
	}
	return storeError(key, errors.Join(f.Sync(), f.Close(), l.syncDirs(name)))
}

// syncDirs syncs every directory from the file's up to the lake's.
func (l *Lake) syncDirs(name string) error {
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
		if len(dir) <= len(l.dir) {
			return nil
		}
	}
}

// readerAt reads ranges of an object, for opening Parquet footers without a download.
type readerAt struct {
	ctx    context.Context // that of the call the reader serves; io.ReaderAt has no place for it
	bucket *blob.Bucket
	key    string
}

func (r readerAt) ReadAt(p []byte, off int64) (n int, err error) {
	reader, err := r.bucket.NewRangeReader(r.ctx, r.key, off, int64(len(p)), nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	n, err = io.ReadFull(reader, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// storeError gives an error of the store its class and remedy.
func storeError(key string, err error) error {
	if err == nil || errors.Is(err, errExists) {
		return err
	}
	class, hint := fault.Unavailable, "check that the store is reachable and run the same command again"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("lake object %s: %w", key, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = "the lake's disk is full: make room and run the same command again; nothing was committed"
	case errors.Is(err, fs.ErrPermission), gcerrors.Code(err) == gcerrors.PermissionDenied:
		class, hint = fault.Permission, "give this user or its credentials read and write access to the lake"
	case gcerrors.Code(err) == gcerrors.NotFound, errors.Is(err, fs.ErrNotExist):
		class, hint = fault.Data, "the object was removed after it was committed: restore it, or make the date again"
	}
	return fault.New(class, hint, fmt.Errorf("lake object %s: %w", key, err))
}
