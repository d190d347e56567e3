package upkeep

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// CleanOptions say what a clean-up keeps.
type CleanOptions struct {
	Retention Retention
	Grace     time.Duration // what is not older stays: a run or a reader may be at work with it
	Now       time.Time
	Progress  func(done, total int64) // of the dates looked at; may be nil
}

const (
	// longestRun is how long a run whose record says running is believed to be under way, whatever the grace.
	longestRun = 24 * time.Hour
	// heldForLoads is how long superseded snapshots of incremental curated tables stay. A database that was loaded from one needs it
	// when a later load gives rows back to its date, and a clean-up cannot ask the database.
	heldForLoads = 400 * 24 * time.Hour
	// runsKept is how long the records of runs stay.
	runsKept = 400 * 24 * time.Hour
	// checkpointsKept is how long checkpoints stay, which are of use on the day they were written only.
	checkpointsKept = 7 * 24 * time.Hour
)

// Plan is what a clean-up would do.
type Plan struct {
	Expiries  []Expiry   `json:"expire"` // first, dates are removed that the retention does not keep
	Deletions []Deletion `json:"delete"`
	Held      []Held     `json:"held"`       // superseded snapshots that stay for now
	LeftAlone []Finding  `json:"left_alone"` // dates where nothing is deleted because of damage
	Grace     Duration   `json:"grace"`

	sweeps []*sweep
	others []Deletion
}

// newPlan returns a plan to do nothing, which JSON shows as empty lists.
func newPlan(grace time.Duration) *Plan {
	return &Plan{Expiries: []Expiry{}, Deletions: []Deletion{}, Held: []Held{}, LeftAlone: []Finding{}, Grace: Duration(grace)}
}

// Expiry is a date that the retention does not keep. It is removed as by [lake.Lake.Remove], and deleted once
// the removal is older than the grace.
type Expiry struct {
	Table    lake.Table `json:"table"`
	Date     lake.Date  `json:"dt"`
	Manifest string     `json:"manifest"`
	Rows     int64      `json:"rows"`
	Bytes    int64      `json:"bytes"`
}

// Deletion is an object that goes.
type Deletion struct {
	Object string     `json:"object"`
	Bytes  int64      `json:"bytes"`
	Table  lake.Table `json:"table,omitempty"`
	Date   lake.Date  `json:"dt,omitzero"`
	Why    Why        `json:"why"`
}

// Why is the reason for which an object goes or stays.
type Why string

// The reasons.
const (
	Superseded    Why = "superseded"     // a newer manifest of the date is in force
	Removed       Why = "removed"        // the date was removed
	Orphan        Why = "orphan"         // of a run that was killed or failed
	Temporary     Why = "temporary file" // of a process that was killed
	OldRun        Why = "old run record"
	OldLineage    Why = "old lineage events"
	OldCheckpoint Why = "old checkpoint"

	HeldYoung Why = "younger than the grace"
	HeldInput Why = "a snapshot in force was made from it"
	HeldTorn  Why = "the run after it was killed between its tables"
	HeldLoad  Why = "a database may have been loaded from it"
)

// Held counts superseded snapshots that stay for one reason.
type Held struct {
	Why       Why   `json:"why"`
	Snapshots int   `json:"snapshots"`
	Bytes     int64 `json:"bytes"`
}

// Duration is a duration that JSON shows as text.
type Duration time.Duration

// MarshalText writes the duration as 24h0m0s.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// PlanClean looks at the whole lake and decides what a clean-up deletes:
//
//   - of a date with several manifests, all but the newest, and of a removed date all, once that is longer ago than the grace;
//   - parts that no manifest names, temporary files, old checkpoints and records of runs.
//
// Before, it has the dates removed that the retention does not keep. What it never touches: the newest snapshot of a date that is kept
// and its files; what that was made from, directly or within the same date; foreign objects; anything younger than the grace.
//
// A newest manifest that cannot be read is an error of class Data: what it needs is not known, so nothing may go.
func PlanClean(ctx context.Context, l *lake.Lake, o CleanOptions) (*Plan, error) {
	s, err := look(ctx, l, Scope{})
	if err != nil {
		return nil, err
	}
	h, err := readHistory(ctx, l, s, o.Progress)
	if err != nil {
		return nil, err
	}
	p := &planner{history: h, runs: newRuns(l), options: o, plan: newPlan(o.Grace), held: map[Why]*Held{}}
	ends, err := h.termEnds(ctx, l, o.Retention)
	if err != nil {
		return nil, err
	}
	p.expire(ends)
	p.needed = h.needed()
	for _, t := range h.tables {
		for _, d := range t.dates {
			if err := p.date(ctx, d); err != nil {
				return nil, err
			}
		}
	}
	p.strays(s)
	return p.finish(), nil
}
