package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Disk is the store in a directory of the file system. It writes temporary files beside the final ones and
// syncs them and their directories, so that what it reported survives a crash of the machine.
type Disk struct{ Dir string }

var _ Store = Disk{}

// TemporaryPrefix begins the names of files under way. One that stays was left by a killed process.
const TemporaryPrefix = ".tmp-"

// Path returns the file name of a key.
func (d Disk) Path(key string) string { return filepath.Join(d.Dir, filepath.FromSlash(key)) }

func (d Disk) Create(ctx context.Context, key string, data []byte) error {
	return d.write(ctx, key, data, os.Link)
}

func (d Disk) Put(ctx context.Context, key string, data []byte) error {
	return d.write(ctx, key, data, os.Rename)
}

func (d Disk) write(ctx context.Context, key string, data []byte, publish func(from, to string) error) error {
	w, err := d.create(ctx, key, publish)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}

func (d Disk) Writer(ctx context.Context, key string) (Writer, error) {
	w, err := d.create(ctx, key, os.Rename)
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (d Disk) create(ctx context.Context, key string, publish func(from, to string) error) (*diskWriter, error) {
	name := d.Path(key)
	for {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return nil, err
		}
		tmp, err := os.CreateTemp(filepath.Dir(name), TemporaryPrefix+"*")
		if err == nil {
			return &diskWriter{File: tmp, ctx: ctx, disk: d, name: name, publish: publish}, nil
		}
		// A Delete may have taken the empty directory away.
		if !errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
			return nil, err
		}
	}
}

type diskWriter struct {
	*os.File
	ctx     context.Context // a cancelled writer publishes nothing
	disk    Disk
	name    string
	publish func(from, to string) error // link(2) fails if the name exists, across processes; rename(2) replaces
}

func (w *diskWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.File.Write(p)
}

func (w *diskWriter) Close() error {
	defer os.Remove(w.Name())
	if err := errors.Join(w.Chmod(0o644), w.Sync(), w.File.Close(), w.ctx.Err()); err != nil {
		return err
	}
	if err := w.publish(w.Name(), w.name); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return ErrExists
		}
		return err
	}
	return w.disk.sync(w.name)
}

func (w *diskWriter) Abort() {
	if w.File.Close() == nil {
		_ = os.Remove(w.Name())
	}
}

// sync syncs every directory from the file's up to the store's.
func (d Disk) sync(name string) error {
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
		if len(dir) <= len(d.Dir) {
			return nil
		}
	}
}

func (d Disk) Read(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return os.ReadFile(d.Path(key))
}

func (d Disk) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	f, err := os.Open(d.Path(key))
	if err != nil {
		return nil, err
	}
	if length < 0 {
		length = 1<<62 - offset
	}
	return &diskReader{ctx, io.NewSectionReader(f, offset, length), f}, nil
}

type diskReader struct {
	ctx context.Context
	r   io.Reader
	io.Closer
}

func (r *diskReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func (d Disk) Stat(ctx context.Context, key string) (Entry, error) {
	info, err := os.Stat(d.Path(key))
	if err != nil {
		return Entry{}, err
	}
	return Entry{Key: key, Dir: info.IsDir(), Size: info.Size(), ModTime: info.ModTime()}, ctx.Err()
}

// List passes over files that vanish meanwhile, as the temporary ones of other writers do.
func (d Disk) List(ctx context.Context, prefix string, f func(Entry)) error {
	entries, err := os.ReadDir(d.Path(prefix))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		entry := Entry{Key: prefix + e.Name(), Dir: e.IsDir()}
		if !e.IsDir() {
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			entry.Size, entry.ModTime = info.Size(), info.ModTime()
		}
		f(entry)
	}
	return ctx.Err()
}

func (d Disk) Walk(ctx context.Context, prefix string, f func(Entry)) error {
	var dirs []string
	err := d.List(ctx, prefix, func(e Entry) {
		if e.Dir {
			dirs = append(dirs, e.Key+"/")
		} else {
			f(e)
		}
	})
	for _, dir := range dirs {
		if err != nil {
			break
		}
		err = d.Walk(ctx, dir, f)
	}
	return err
}

// Delete also removes the directories that it leaves empty.
func (d Disk) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := d.Path(key)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := filepath.Dir(name); strings.HasPrefix(dir, d.Dir+string(filepath.Separator)); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			break // not empty, or another writer is at work in it
		}
	}
	return nil
}

// Close does nothing.
func (d Disk) Close() error { return nil }
