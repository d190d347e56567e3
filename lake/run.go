package lake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"syscall"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// RunID identifies one run of one stage: a ULID, so that ids sort by time.
type RunID string

// NewRunID returns a fresh id for a run that starts at now.
func NewRunID(now time.Time) RunID {
	return RunID(ulid.MustNew(ulid.Timestamp(now), rand.Reader).String())
}

// Status is how far a run has come.
type Status string

// The states of a run.
const (
	Running     Status = "running"
	Succeeded   Status = "succeeded"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
	Killed      Status = "killed" // written by a later run: who is killed writes nothing
)

// Run is the record of a stage's run, kept as _runs/<ULID>.json. It is written when the run starts, every [Pulse] while it lives, and
// when it ends.
type Run struct {
	ID             RunID     `json:"run_id"`
	Parent         RunID     `json:"parent,omitempty"` // the execution of all stages that it is part of; one that goes on where another failed shares its id
	Stage          string    `json:"stage"`
	Settings       string    `json:"settings,omitempty"`  // digest of what its result depends on besides its inputs
	Jobs           []string  `json:"jobs,omitempty"`      // that it worked for
	Arguments      []string  `json:"arguments,omitempty"` // without secrets
	Status         Status    `json:"status"`
	From           Date      `json:"from,omitzero"` // of a range of dates, whose last one is Date
	Date           Date      `json:"dt"`
	ToolVersion    string    `json:"tool_version"`
	SimulatedClock bool      `json:"simulated_clock,omitempty"`
	StartedAt      time.Time `json:"started_at"`
	SeenAt         time.Time `json:"seen_at,omitzero"` // when it last was seen alive
	FinishedAt     time.Time `json:"finished_at,omitzero"`
	Requests       *Requests `json:"requests,omitempty"`
	Manifests      []string  `json:"manifests,omitempty"` // paths of the manifests it committed
	Tables         []Done    `json:"tables,omitempty"`    // what it did to each table
	Error          string    `json:"error,omitempty"`
	Remedy         string    `json:"remedy,omitempty"` // what to do about the error
	ExitCode       int       `json:"exit_code"`
}

// A run renews its record every Pulse. One that has not for Silence was killed: clocks of several machines differ, and a store may be
// out of reach for a moment.
const (
	Pulse   = time.Minute
	Silence = 5 * time.Minute
)

// Judge returns the record as it is to be read by now: one that says running, but that nobody saw for long, is of a run that was killed.
func (r Run) Judge(now time.Time) Run {
	seen, patience := r.SeenAt, Silence
	if seen.IsZero() { // of a version that did not renew records
		seen, patience = r.StartedAt, 24*time.Hour
	}
	if silent := now.Sub(seen); r.Status == Running && (silent > patience || silent < -clock.Tolerance) {
		r.Status, r.FinishedAt, r.ExitCode = Killed, seen, 128+int(syscall.SIGKILL)
		r.Error = "nobody saw it after " + seen.UTC().Format(time.DateTime)
		r.Remedy = "run it again; if it is killed again, look for the end of memory, a time limit or a restart in the logs of the machine"
	}
	return r
}

// PutRun writes the record of a run, replacing an earlier one of the same id.
func (l *Lake) PutRun(ctx context.Context, r Run) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("run record %s: %w", r.ID, err)
	}
	return l.put(ctx, runArea+string(r.ID)+".json", append(data, '\n'))
}

// GetRun returns the record of a run, or an error that is [ErrNotFound].
func (l *Lake) GetRun(ctx context.Context, id RunID) (Run, error) {
	key := runArea + string(id) + ".json"
	data, err := l.store.Read(ctx, key)
	if store.Missing(err) {
		return Run{}, fault.New(fault.Unavailable, "the lake keeps the records of recent runs only", fmt.Errorf("lake object %s: %w", key, ErrNotFound))
	}
	if err != nil {
		return Run{}, storeError(key, err)
	}
	var r Run
	if err := json.Unmarshal(data, &r); err != nil {
		return Run{}, damaged(key, err)
	}
	return r, nil
}
