package upkeep

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// strays takes note of what lies around in the lake and is none of its tables.
func (v *verifier) strays(s *survey) {
	all := s.strays
	for _, t := range s.tables {
		all = append(all, t.strays...)
	}
	for _, o := range all {
		switch p := lake.PlaceOf(o.Key); p.Kind {
		case lake.TemporaryObject:
			found := note("temporary", o.Key, "", lake.Date{}, "it is a file under way, or was left by a process that was killed")
			found.Remedy = cleanLater
			v.found.add(found)
		default:
			found := note("foreign", o.Key, "", lake.Date{}, "this program does not write such an object: %s", p.Odd)
			found.Remedy = "nobody reads it and no clean-up touches it: move it out of the lake unless it is meant to be there"
			v.found.add(found)
		}
	}
}

const cleanLater = "none is needed: course-inventory lake gc deletes it in time"

// leftParts takes note of the parts of a date that no manifest names, and tells those of a run under way from what
// killed ones left. It knows the newest manifest already, which is nil if there is none.
func (v *verifier) leftParts(ctx context.Context, d *dateObjects, newest *lake.Snapshot) error {
	named := map[string]bool{}
	if newest != nil {
		for _, f := range newest.Files {
			named[f.Path] = true
		}
	}
	older := len(d.manifests) - 1 // not yet read
	for _, p := range d.parts {
		for ; !named[p.Key] && older > 0; older-- {
			s, err := v.lake.Manifest(ctx, d.manifests[older-1].Key)
			if fault.ClassOf(err) == fault.Data {
				v.found.add(note("superseded-manifest", d.manifests[older-1].Key, d.table, d.date, "a newer manifest is in force, and this one cannot be understood: %s", reason(d.manifests[older-1].Key, err)))
				continue
			}
			if err != nil {
				return err
			}
			for _, f := range s.Files {
				named[f.Path] = true
			}
		}
		if named[p.Key] {
			continue
		}
		state, err := v.runs.state(ctx, p, v.options.Now, v.options.Grace)
		if err != nil {
			return err
		}
		found := note("orphan", p.Key, d.table, d.date, "no manifest names this part: it is of %s", state.text)
		if state.code != "" {
			found.Code = state.code
		}
		if !state.underWay {
			found.Remedy = cleanLater
		}
		v.found.add(found)
	}
	return nil
}

// runs looks up the records of runs, each once.
type runs struct {
	lake  *lake.Lake
	mu    sync.Mutex
	known map[lake.RunID]lake.Run // without status where there is no record
}

func newRuns(l *lake.Lake) *runs { return &runs{lake: l, known: map[lake.RunID]lake.Run{}} }

func (r *runs) get(ctx context.Context, id lake.RunID) (lake.Run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	run, ok := r.known[id]
	if ok {
		return run, nil
	}
	run, err := r.lake.GetRun(ctx, id)
	if errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) == fault.Data {
		err = nil
	}
	if err == nil {
		r.known[id] = run
	}
	return run, err
}

// runState says what became of the run that wrote a part.
type runState struct {
	code     string // of the finding, if it is not an orphan
	text     string
	underWay bool
}

// state judges by the run's record and by the age of the run and the part.
func (r *runs) state(ctx context.Context, p part, now time.Time, grace time.Duration) (runState, error) {
	run, err := r.get(ctx, p.run)
	if err != nil {
		return runState{}, err
	}
	young := now.Sub(later(p.Modified, p.run.Time())) < grace
	started := run.StartedAt.UTC().Format(time.DateTime)
	switch {
	case run.Status == "" && young:
		return runState{"under-way", "a run without a record that may still be under way", true}, nil
	case run.Status == "":
		return runState{text: "a run without a record"}, nil
	case run.Status == lake.Running && young:
		return runState{"under-way", fmt.Sprintf("the run of %s that started %s and is under way", run.Stage, started), true}, nil
	case run.Status == lake.Running:
		return runState{text: fmt.Sprintf("the run of %s that started %s and was killed", run.Stage, started)}, nil
	default:
		return runState{text: fmt.Sprintf("the run of %s that started %s and ended as %s", run.Stage, started, run.Status)}, nil
	}
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
