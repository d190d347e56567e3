package localdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// state is what a later start or attach must know. Its file exists once the data directory is complete.
type state struct {
	Port     int    `json:"port"`
	Password string `json:"password"`
	Version  string `json:"version"`

	home      string
	socketDir string
	account   *child.User
	temporary bool
}

func (s *state) data() string { return filepath.Join(s.home, "data") }
func (s *state) file() string { return filepath.Join(s.home, "server.json") }

func (s *state) read() error {
	text, err := os.ReadFile(s.file())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, s); err != nil {
		return fmt.Errorf("read %s: %w", s.file(), err)
	}
	return nil
}

// write replaces the file in one step, so that a crash leaves the old or the new one.
func (s *state) write() error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	next := s.file() + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write server state: %w", err)
	}
	if err := os.Rename(next, s.file()); err != nil {
		return errors.Join(fmt.Errorf("write server state: %w", err), os.Remove(next))
	}
	return nil
}
