package lake_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestPowerLoss asks at each step of a publication what would outlast a power loss: no manifest may appear, which from then on
// might be on the disk, before all parts that it names are there for good; and what was reported must be there for good.
func TestPowerLoss(t *testing.T) {
	disk := newDisk(t)
	p := &platter{t: t, root: disk.Dir, dirs: map[string]map[string]fs.FileInfo{}, ops: map[string]int{}}
	disk.Step = p.step
	l := lake.New(disk, "test://")
	for range 2 {
		s, err := publish(t.Context(), l, lake.NewRunID(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		p.done()
		for _, f := range append(s.Files, lake.File{Path: s.Path}) {
			if !p.lasts(disk.Path(f.Path)) {
				t.Errorf("%s was reported, and would not outlast a power loss", f.Path)
			}
		}
	}
	want := []string{"create", "link", "mkdir", "remove", "rename", "sync", "syncdir", "write"}
	if got := slices.Sorted(maps.Keys(p.ops)); !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
}

// platter knows what of a directory tree is on the disk for good: bytes since they were synced, names since their directory was.
type platter struct {
	t     *testing.T
	root  string
	bytes []fs.FileInfo                     // of synced files
	dirs  map[string]map[string]fs.FileInfo // entries of directories when they were synced
	ops   map[string]int
	op    string // the step under way, with its name
	name  string
}

func (p *platter) step(op, name string) error {
	p.done()
	p.ops[op]++
	p.op, p.name = op, name
	return nil
}

// done takes the step under way as done.
func (p *platter) done() {
	op := p.op
	p.op = ""
	switch op {
	case "sync":
		p.bytes = append(p.bytes, p.stat(p.name))
	case "syncdir":
		entries := map[string]fs.FileInfo{}
		list, err := os.ReadDir(p.name)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, e := range list {
			entries[e.Name()] = p.stat(filepath.Join(p.name, e.Name()))
		}
		p.dirs[p.name] = entries
	case "rename", "link":
		if !p.synced(p.name) {
			p.t.Errorf("%s got its name before its bytes were synced", p.name)
		}
		if strings.HasSuffix(p.name, ".json") {
			p.manifest()
		}
	}
}

// manifest checks the parts of the manifest that just appeared.
func (p *platter) manifest() {
	data, err := os.ReadFile(p.name)
	if err != nil {
		p.t.Fatal(err)
	}
	var m lake.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		p.t.Fatal(err)
	}
	if len(m.Files) != parts {
		p.t.Errorf("%d parts", len(m.Files))
	}
	for _, f := range m.Files {
		if name := filepath.Join(p.root, filepath.FromSlash(f.Path)); !p.lasts(name) {
			p.t.Errorf("%s appeared before its part %s would outlast a power loss", p.name, name)
		}
	}
}

// lasts reports whether a file's bytes, its name, and those of the directories above it would outlast a power loss.
func (p *platter) lasts(name string) bool {
	if !p.synced(name) {
		return false
	}
	for ; name != p.root; name = filepath.Dir(name) {
		entry, lasting := p.dirs[filepath.Dir(name)][filepath.Base(name)]
		if !lasting || !os.SameFile(entry, p.stat(name)) {
			return false
		}
	}
	return true
}

func (p *platter) synced(name string) bool {
	now := p.stat(name)
	return slices.ContainsFunc(p.bytes, func(then fs.FileInfo) bool { return os.SameFile(then, now) && then.Size() == now.Size() })
}

func (p *platter) stat(name string) fs.FileInfo {
	info, err := os.Stat(name)
	if err != nil {
		p.t.Fatal(err)
	}
	return info
}
