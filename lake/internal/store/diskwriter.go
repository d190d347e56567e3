package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// A file becomes lasting in this order: its bytes are synced under a temporary name, it takes its final name, and every
// directory from its own up to the lake's is synced. Only then does Close report success. A manifest is created after
// the Close of all parts it names, so a power loss can cost the manifest or nothing, never a part of one that stayed.
type diskWriter struct {
	*os.File
	ctx  context.Context // a cancelled writer publishes nothing
	disk Disk
	name string
	how  publish
}

// publish is how a file takes its final name: link(2) fails if the name exists, across processes; rename(2) replaces.
type publish string

const (
	link   publish = "link"
	rename publish = "rename"
)

// ErrNoLinks reports that the file system cannot give a file a second name, with which Create excludes others.
var ErrNoLinks = errors.New("the file system has no hard links")

func (d Disk) create(ctx context.Context, key string, how publish) (*diskWriter, error) {
	name := d.Path(key)
	if d.isUnmade() {
		if err := d.makeRoot(d.Dir); err != nil {
			return nil, unmakeable(err)
		}
		d.unmade.Store(false)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := d.mkdir(filepath.Dir(name))
		var tmp *os.File
		if err == nil {
			err = d.do("create", filepath.Dir(name), func() (err error) {
				tmp, err = os.CreateTemp(filepath.Dir(name), TemporaryPrefix+"*")
				return err
			})
		}
		if err == nil {
			return &diskWriter{File: tmp, ctx: ctx, disk: d, name: name, how: how}, nil
		}
		// A Delete may have taken a directory away that was empty yet.
		if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrGone) {
			return nil, err
		}
	}
}

// mkdir makes a directory of the lake and those above it, but not the lake's own.
func (d Disk) mkdir(dir string) error {
	if len(dir) <= len(d.Dir) {
		return d.gone(nil)
	}
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	one := func() error { return d.do("mkdir", dir, func() error { return os.Mkdir(dir, 0o777) }) }
	err := one()
	if errors.Is(err, fs.ErrNotExist) {
		if err = d.mkdir(filepath.Dir(dir)); err == nil {
			err = one()
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// gone returns [ErrGone] if the lake's directory is not there although it was, else err.
func (d Disk) gone(err error) error {
	if _, statErr := os.Stat(d.Dir); statErr != nil && !d.isUnmade() {
		return fmt.Errorf("%w: %w", ErrGone, statErr)
	}
	return err
}

func (w *diskWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	var n int
	err := w.disk.do("write", w.Name(), func() (err error) {
		n, err = w.File.Write(p)
		return err
	})
	return n, err
}

func (w *diskWriter) Close() error {
	info, err := w.Stat()
	if errors.Is(err, fs.ErrClosed) {
		return err
	}
	err = errors.Join(err, w.Chmod(0o644), w.disk.do("sync", w.Name(), w.Sync), w.File.Close(), w.ctx.Err())
	if err == nil {
		err = w.disk.publish(w.how, w.Name(), w.name, info)
	}
	if err != nil || w.how == link {
		_ = w.disk.remove(w.Name())
	}
	if err != nil {
		return err
	}
	if err := w.disk.sync(w.name); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsynced, err)
	}
	return nil
}

func (w *diskWriter) Abort() {
	if err := w.File.Close(); !errors.Is(err, fs.ErrClosed) {
		_ = w.disk.remove(w.Name())
	}
}

// publish gives the file from, described by info, its final name.
func (d Disk) publish(how publish, from, to string, info fs.FileInfo) error {
	act := os.Rename
	if how == link {
		act = os.Link
	}
	err := d.do(string(how), to, func() error { return act(from, to) })
	if err == nil {
		return nil
	}
	// Over a network the reply can be lost, and the repetition be refused although the first was done.
	if there, statErr := os.Stat(to); statErr == nil && os.SameFile(info, there) {
		return nil
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrExists
	case how == link && (errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported)):
		return fmt.Errorf("%w: %w", ErrNoLinks, err)
	}
	return err
}

func (d Disk) remove(name string) error {
	return d.do("remove", name, func() error { return os.Remove(name) })
}

// sync syncs every directory from the file's up to the lake's.
func (d Disk) sync(name string) error {
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if err := d.syncDir(dir); err != nil {
			return err
		}
		if len(dir) <= len(d.Dir) {
			return nil
		}
	}
}

// syncDir passes over file systems that know no sync of a directory: they keep names without it, or promise nothing.
func (d Disk) syncDir(dir string) error {
	return d.do("syncdir", dir, func() error {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		err = f.Sync()
		if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
			err = nil
		}
		return errors.Join(err, f.Close())
	})
}

// makeRoot makes the lake's directory and those above it, lasting like all below.
func (d Disk) makeRoot(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return notDir(dir)
		}
		return nil
	}
	if err := d.makeRoot(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// A directory that may be written and not be read cannot be synced.
	if err := d.syncDir(filepath.Dir(dir)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// unmakeable gives an error of makeRoot its class and remedy, if the place is why. What else can happen
// to a disk can happen to any object.
func unmakeable(err error) error {
	const remedy = "make the directory for this user, or set LAKE.url to one that this user may make"
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fault.New(fault.Permission, remedy, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.ELOOP):
		return fault.New(fault.Config, remedy, err)
	}
	return err
}

func notDir(dir string) error {
	return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
}

// do makes one change of the file system.
func (d Disk) do(op, name string, change func() error) error {
	if d.Step != nil {
		if err := d.Step(op, name); err != nil {
			return &fs.PathError{Op: op, Path: name, Err: err}
		}
	}
	return change()
}
