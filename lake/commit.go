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

// Commit makes m the newest snapshot of its table and date and returns it with its number.
// Its files must have been written by m's run. When another run takes the
// same number first, Commit takes the next one: both snapshots are whole, and the later commit wins. A commit whose
// reply was lost is recognised as done.
func (l *Lake) Commit(ctx context.Context, m Manifest) (Snapshot, error) {
	if err := m.validate(); err != nil {
		return Snapshot{}, err
	}
	m.FormatVersion = FormatVersion
	number, err := l.newest(ctx, m.Table, m.Date)
	if err != nil {
		return Snapshot{}, err
	}
	for {
		number++
		m.Number = number
		data, err := json.MarshalIndent(m, "", "  ")
		if err != nil {
			return Snapshot{}, fmt.Errorf("manifest of %s: %w", m.Table.dir(m.Date), err)
		}
		data = append(data, '\n')
		key := m.Table.manifestKey(m.Date, number)
		err = l.create(ctx, key, data)
		if err != nil {
			there, readErr := l.store.Read(ctx, key)
			switch {
			case readErr == nil && bytes.Equal(there, data):
				// Ours: the store wrote it and the reply got lost.
			case errors.Is(err, store.ErrExists):
				continue
			default:
				return Snapshot{}, fmt.Errorf("commit: %w", err)
			}
		}
		sum := sha256.Sum256(data)
		return Snapshot{Manifest: m, Path: key, SHA256: hex.EncodeToString(sum[:])}, nil
	}
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
