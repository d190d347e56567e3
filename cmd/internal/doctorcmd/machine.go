package doctorcmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
	"github.com/tl-its-umich-edu/course-inventory/transform"
	"github.com/tl-its-umich-edu/course-inventory/transform/duckdb"
)

func noClose() error { return nil }

// configuration tells what of it is odd; that it can be read was needed to come here.
func configuration(e *run.Env) checkup.Patient {
	cfg := e.Config
	return checkup.Patient{Close: noClose, Questions: []checkup.Question{
		{Name: "file", Ask: func(context.Context) (string, error) {
			info, err := os.Stat(cfg.Path)
			if err == nil && info.Mode().Perm()&0o007 != 0 && cfg.HoldsSecrets() {
				return "", checkup.Doubt(fmt.Sprintf("chmod 600 %s", cfg.Path), "%s can be read by everybody (%s), secrets included", cfg.Path, info.Mode().Perm())
			}
			return cfg.Path, nil
		}},
		{Name: "keys", Ask: func(context.Context) (string, error) {
			if len(cfg.Warnings) > 0 {
				return "", checkup.Doubt("config/env_blank.hjson explains every key", "%s", strings.Join(cfg.Warnings, "; "))
			}
			return "", nil
		}},
		{Name: "complete for its jobs", Ask: func(context.Context) (string, error) {
			var names []string
			for _, j := range e.Jobs {
				names = append(names, j.Name)
			}
			return strings.Join(names, ", "), cfg.Require(nightly.Parts(e.Jobs)...)
		}},
		{Name: "clock", Ask: func(context.Context) (string, error) {
			if e.Simulated {
				return "", checkup.Doubt("unset COURSE_INVENTORY_CLOCK", "it is simulated, as for demos and tests")
			}
			return "", nil
		}},
	}}
}

// machine asks whether this machine can transform.
func machine() checkup.Patient {
	return checkup.Patient{Close: noClose, Questions: []checkup.Question{
		{Name: "DuckDB", Ask: tryDuckDB},
		{Name: "temporary files", Ask: func(context.Context) (string, error) {
			if err := tryScratch(); err != nil {
				return "", err
			}
			return room(os.TempDir())
		}},
	}}
}

// tryScratch writes a temporary file.
func tryScratch() error {
	file, err := scratch.Nameless("write a file", "doctor-")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 64<<10))
	return scratch.Trouble("write a file", os.TempDir(), errors.Join(err, file.Close()))
}

func tryDuckDB(ctx context.Context) (_ string, err error) {
	dir, err := scratch.Dir("try DuckDB", "doctor-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	session, err := duckdb.Engine{}.Open(ctx, dir, nil)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	_, version, err := session.Find(ctx, "SELECT library_version FROM pragma_version()", transform.EachRow, 1)
	return strings.Trim(strings.TrimPrefix(strings.Join(version, ""), "library_version="), `"`), err
}

// admitLake opens the lake. The directory of one on disk is made for the probe as a run would make it, and
// removed again.
func admitLake(ctx context.Context, e *run.Env) (checkup.Patient, error) {
	l, err := lake.Open(ctx, e.Config.Lake.URL)
	if err != nil {
		return checkup.Patient{}, err
	}
	absent := absentDirs(l.Dir())
	p := checkup.Patient{Close: l.Close, Questions: []checkup.Question{
		{Name: "create-if-absent, read, list, delete", Basic: true, Ask: func(ctx context.Context) (string, error) {
			defer func() {
				for _, dir := range absent {
					_ = os.Remove(dir) // one that is not empty is in use by now
				}
			}()
			return "", l.Probe(ctx)
		}},
	}}
	if len(absent) > 0 {
		p.Questions = append(p.Questions, checkup.Question{Name: "directory", Ask: func(context.Context) (string, error) {
			return "", checkup.Doubt("check LAKE.url, unless no run was made yet: the first one makes it", "%s is not there", l.Dir())
		}})
		return p, nil
	}
	p.Questions = append(p.Questions, checkup.Question{Name: "dates", Ask: func(ctx context.Context) (string, error) { return "", noFuture(ctx, e, l) }})
	if dir := l.Dir(); dir != "" {
		p.Questions = append(p.Questions, checkup.Question{Name: "room", Ask: func(context.Context) (string, error) { return room(dir) }})
	}
	return p, nil
}

// absentDirs returns a directory and those above it that are not there, the deepest first; none for "".
func absentDirs(dir string) []string {
	var absent []string
	for ; dir != ""; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return absent
		}
		absent = append(absent, dir)
	}
	return absent
}

// noFuture tells of dates in the future.
func noFuture(ctx context.Context, e *run.Env, l *lake.Lake) error {
	today := lake.Today(e.Now())
	found, err := upkeep.After(ctx, l, today)
	if err != nil || len(found) == 0 {
		return err
	}
	var texts []string
	for _, s := range found {
		texts = append(texts, fmt.Sprintf("%s of %s", s.Table, s.Date))
	}
	return checkup.Doubt(upkeep.FutureRemedy(today), "dates in the future: %s", strings.Join(texts, ", "))
}

const (
	scarce = 1 << 30  // bytes below which a night may fail
	little = 10 << 30 // bytes below which it is time to look
)

// room tells how much space is left for a directory.
func room(dir string) (string, error) {
	free, known, err := freeBytes(dir)
	if err != nil || !known {
		return "not known here", err
	}
	text := fmt.Sprintf("%.1f GB free for %s", float64(free)/1e9, dir)
	switch {
	case free < scarce:
		return "", fault.New(fault.Unavailable, "make room, or course-inventory lake gc", errors.New(text))
	case free < little:
		return "", checkup.Doubt("make room before it is used up; course-inventory lake gc tells what can go", "%s", text)
	}
	return text, nil
}
