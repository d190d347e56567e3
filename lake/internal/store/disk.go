package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// Disk is the store in a directory of the file system. It writes temporary files beside the final ones and
// syncs them and their directories, so that what it reported survives a crash of the machine. Its own directory is made by
// the first write and never anew: one that is gone, such as that of a disk no longer mounted, is an error.
type Disk struct {
	Dir    string
	unmade *atomic.Bool                // the directory was not there yet, so that the store is empty; nil if it was
	Step   func(op, name string) error // told before each change of the file system, which its error prevents; for tests, else nil
}

var _ Store = Disk{}

// TemporaryPrefix begins the names of files under way. One that stays was left by a killed process.
const TemporaryPrefix = ".tmp-"

// ErrGone reports that the directory of a [Disk] is not there.
var ErrGone = errors.New("the lake's directory is gone")

// OpenDisk returns the store in a directory, an absolute path. If it is not there, the first write makes it.
func OpenDisk(dir string) (Disk, error) {
	d := Disk{Dir: dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.unmade, err = new(atomic.Bool), nil
		d.unmade.Store(true)
	case err == nil && !info.IsDir():
		err = notDir(dir)
	}
	return d, err
}

func (d Disk) isUnmade() bool { return d.unmade != nil && d.unmade.Load() }

// Path returns the file name of a key.
func (d Disk) Path(key string) string { return filepath.Join(d.Dir, filepath.FromSlash(key)) }

// Create links a synced file to its name, which the system refuses if the name is taken.
func (d Disk) Create(ctx context.Context, key string, data []byte) error {
	return d.write(ctx, key, data, link)
}

// Put renames a synced file to its name.
func (d Disk) Put(ctx context.Context, key string, data []byte) error {
	return d.write(ctx, key, data, rename)
}

func (d Disk) write(ctx context.Context, key string, data []byte, how publish) error {
	w, err := d.create(ctx, key, how)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}

// Writer renames the file to its name at its Close.
func (d Disk) Writer(ctx context.Context, key string) (Writer, error) {
	w, err := d.create(ctx, key, rename)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Read reads the whole file.
func (d Disk) Read(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return os.ReadFile(d.Path(key))
}

// Open streams the file; it stays readable when it is deleted meanwhile.
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

// Stat asks the file system.
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
	if errors.Is(err, fs.ErrNotExist) {
		err = d.gone(nil)
	}
	if err != nil {
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

// Walk lists directory by directory.
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
