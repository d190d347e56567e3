package adding

import (
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree is the repository with the guide's files. What the guide adds or changes lies in a directory of its own, and the go
// command sees it in the repository's place (-overlay): the repository stays as it is, and whatever the guide does not
// touch comes from the build cache.
type tree struct {
	t       *testing.T
	repo    string
	dir     string
	overlay map[string]string // by path in the repository
}

func newTree(t *testing.T) *tree {
	t.Helper()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return &tree{t: t, repo: repo, dir: t.TempDir(), overlay: map[string]string{}}
}

// watch looks at the repository's files, so that `go test` runs the test again after any has changed.
func (tr *tree) watch() {
	tr.t.Helper()
	err := filepath.WalkDir(tr.repo, func(path string, e fs.DirEntry, err error) error {
		name := e.Name()
		switch {
		case err != nil:
			return err
		case e.IsDir() && (strings.HasPrefix(name, ".") || name == "bin" || name == "data" || name == "secrets"):
			return fs.SkipDir
		case !e.IsDir():
			_, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // gone meanwhile
			err = nil
		}
		return err
	})
	if err != nil {
		tr.t.Fatal(err)
	}
}

// follow puts a block's file in place.
func (tr *tree) follow(b block) {
	tr.t.Helper()
	original := filepath.Join(tr.repo, b.path)
	path := filepath.Join(tr.dir, b.path)
	text := b.text
	switch b.kind {
	case "new":
		if _, err := os.Stat(original); !errors.Is(err, fs.ErrNotExist) {
			tr.outdated(b, fmt.Errorf("%s exists already (%w)", b.path, err))
		}
		tr.overlay[original] = path
	case "change":
		from := original
		if tr.overlay[original] != "" {
			from = path // changed before
		}
		old, err := os.ReadFile(from)
		if err == nil {
			text, err = patch(string(old), b)
		}
		if err != nil {
			tr.outdated(b, err)
		}
		tr.overlay[original] = path
	}
	tr.write(b.path, text)
}

// outdated fails the test: a step of the guide no longer fits the repository.
func (tr *tree) outdated(b block, err error) {
	tr.t.Helper()
	tr.t.Fatalf("docs/adding.md is out of date, step %q: %v", b.step, err)
}

func (tr *tree) write(path, text string) {
	tr.t.Helper()
	path = filepath.Join(tr.dir, path)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *tree) read(path string) string {
	tr.t.Helper()
	text, err := os.ReadFile(filepath.Join(tr.dir, path))
	if err != nil {
		tr.t.Fatal(err)
	}
	return string(text)
}

// unformatted returns the Go files of the tree that gofmt would change.
func (tr *tree) unformatted() []string {
	var names []string
	for _, path := range tr.overlay {
		if filepath.Ext(path) != ".go" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			tr.t.Fatal(err)
		}
		if formatted, err := format.Source(text); err != nil || string(formatted) != string(text) {
			names = append(names, fmt.Sprint(path, " ", err))
		}
	}
	return names
}

// copy copies what the tests of a package read beside them.
func (tr *tree) copy(pkg string) {
	tr.t.Helper()
	root := filepath.Join(tr.repo, pkg)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path == root: // a new package
			return fs.SkipAll
		case err != nil:
			return err
		case e.IsDir() && e.Name() == "secrets": // of whoever develops here
			return fs.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(tr.repo, path)
		if err == nil {
			tr.write(relative, string(text))
		}
		return err
	})
	if err != nil {
		tr.t.Fatal(err)
	}
}
