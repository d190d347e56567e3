package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Snapshot is a committed manifest with its place and digest.
type Snapshot struct {
	Manifest
	Path   string // key of the manifest
	SHA256 string // of the manifest's bytes, in hexadecimal
}

// Input returns the entry under which a manifest made from s lists it.
func (s Snapshot) Input() Input { return Input{Path: s.Path, SHA256: s.SHA256} }

// settleTime bounds what a call still does after an interruption: finding out whether a commit was done, and
// removing files that are not to stay.
const settleTime = 10 * time.Second

// mostRaces is how many times in a row a commit may lose its number to other runs. More are a store's fault.
const mostRaces = 1000

// settle returns a context for that.
func settle(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTime)
}

// Commit makes m the newest snapshot of its table and date and returns it with its number.
// Its files must have been written by m's run. When another run takes the
// same number first, Commit takes the next one: both snapshots are whole, and the later commit wins.
//
// Success is certain; a commit whose reply was lost is recognised as done, also when the context was cancelled
// meanwhile. An error is not quite: where the store does not tell whether it wrote the manifest, the commit may have been done, or
// be done later, when a request that was given up arrives. So the files of a manifest that Commit was given must not be
// discarded, whatever it returns; if no manifest names them they are garbage that a clean-up finds.
func (l *Lake) Commit(ctx context.Context, m Manifest) (Snapshot, error) {
	if err := m.validate(); err != nil {
		return Snapshot{}, err
	}
	if err := l.present(ctx, m.Files); err != nil {
		return Snapshot{}, fmt.Errorf("commit: %w", err)
	}
	number, err := l.newest(ctx, m.Table, m.Date)
	if err != nil {
		return Snapshot{}, fmt.Errorf("commit: %w", err)
	}
	for first := number + 1; ; {
		number++
		if number-first >= mostRaces {
			return Snapshot{}, fault.New(fault.Unavailable, "look whether the store answers properly, for example by `course-inventory doctor`",
				fmt.Errorf("commit: %s: the store calls %d numbers in a row taken", m.Table.dir(m.Date), mostRaces))
		}
		m.Number = number
		s, err := l.claim(ctx, m)
		switch {
		case err == nil:
			return s, nil
		case !errors.Is(err, store.ErrExists):
			return Snapshot{}, fmt.Errorf("commit: %w", err)
		}
	}
}

// claim commits m under the number that it says, or returns [store.ErrExists] if that number is another's.
func (l *Lake) claim(ctx context.Context, m Manifest) (Snapshot, error) {
	m.FormatVersion = FormatVersion
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return Snapshot{}, fmt.Errorf("manifest of %s: %w", m.Table.dir(m.Date), err)
	}
	data = append(data, '\n')
	key := m.Table.manifestKey(m.Date, m.Number)
	if err := l.create(ctx, key, data); err != nil {
		if err = l.claimed(ctx, key, data, err); err != nil {
			return Snapshot{}, err
		}
	}
	sum := sha256.Sum256(data)
	return Snapshot{Manifest: m, Path: key, SHA256: hex.EncodeToString(sum[:])}, nil
}

// claimed finds out what an error of the creation of a manifest means: nil if it was created nevertheless, [store.ErrExists] if
// another is there, else the error.
func (l *Lake) claimed(ctx context.Context, key string, data []byte, err error) error {
	if errors.Is(err, store.ErrUnsynced) {
		return err // readers see it, but it may be gone after a power loss: no success to report
	}
	ctx, cancel := settle(ctx)
	defer cancel()
	there, readErr := l.store.Read(ctx, key)
	// A store may refuse a number while its winner's manifest cannot be read yet.
	for wait := 10 * time.Millisecond; errors.Is(err, store.ErrExists) && store.Missing(readErr) && pause(ctx, wait); wait *= 2 {
		there, readErr = l.store.Read(ctx, key)
	}
	switch {
	case readErr == nil && bytes.Equal(there, data):
		return nil // ours: the store wrote it and the reply got lost
	case readErr == nil:
		return store.ErrExists
	case !errors.Is(err, store.ErrExists):
		return err
	case store.Missing(readErr):
		return fault.New(fault.Unavailable, "check that the store supports conditional writes, and that this user may read what it writes",
			fmt.Errorf("lake object %s: the store refuses it as one that exists, and does not find it", key))
	default:
		// It may be ours, so the next number is not free to take.
		return storeError(key, readErr)
	}
}

// pause waits, and reports whether the context has not ended meanwhile.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// present returns an error unless the files are there. It keeps a manifest from naming what a clean-up or an unmounted disk took away
// since it was written.
func (l *Lake) present(ctx context.Context, files []File) error {
	for _, f := range files {
		there, err := l.store.Stat(ctx, f.Path)
		switch {
		case store.Missing(err) && !errors.Is(err, store.ErrGone):
			return fault.New(fault.Unavailable, "something deletes files of a run under way: look for a lifecycle rule, a clean-up or a disk that is not mounted, and run the same command again",
				fmt.Errorf("lake object %s is gone before its commit: %w", f.Path, err))
		case err != nil:
			return storeError(f.Path, err)
		case there.Size != f.Bytes:
			return damaged(f.Path, fmt.Errorf("it has %d bytes, its run wrote %d", there.Size, f.Bytes))
		}
	}
	return nil
}

func (m Manifest) validate() error {
	dir := m.Table.dir(m.Date) + "run=" + string(m.Run) + "/"
	switch {
	case m.Table == "" || m.Date.IsZero() || m.Run == "":
		return errors.New("manifest without table, date or run id")
	case len(m.Columns) == 0:
		return fmt.Errorf("manifest of %s without columns", m.Table)
	}
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Path, dir) {
			return fmt.Errorf("manifest of %s names the file %s of another run", dir, f.Path)
		}
	}
	return nil
}
