package upkeep

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// VerifyOptions say what to verify.
type VerifyOptions struct {
	Scope    Scope
	Deep     bool                    // read every file again
	Now      time.Time               // to tell runs under way from killed ones
	Grace    time.Duration           // a run that is not older may be under way
	Progress func(done, total int64) // of the dates looked at; may be nil
}

// Verification is what [Verify] looked at and found.
type Verification struct {
	Tables    int       `json:"tables"`
	Snapshots int64     `json:"snapshots"`
	Removed   int64     `json:"removed"` // dates whose newest manifest says removed
	Files     int64     `json:"files"`
	Rows      int64     `json:"rows"`
	Bytes     int64     `json:"bytes"`
	Deep      bool      `json:"deep"`
	Findings  []Finding `json:"findings"` // damage first
}

// Damaged returns the number of findings that are damage.
func (v Verification) Damaged() int {
	n := 0
	for _, f := range v.Findings {
		if f.Severity == Damage {
			n++
		}
	}
	return n
}

// Verify checks that every snapshot of the scope is what was committed: that its manifest is sound, that what it was made from is
// there unchanged, and that its files are there with the size, rows and columns that it says. A deep verification also reads
// all files, and compares their digests, the order of their keys and their NULLs.
//
// It goes on to the end whatever it finds. Its error is only about a store that cannot be asked.
func Verify(ctx context.Context, l *lake.Lake, o VerifyOptions) (Verification, error) {
	s, err := look(ctx, l, o.Scope)
	if err != nil {
		return Verification{}, err
	}
	var dates []*dateObjects
	for _, t := range s.tables {
		dates = append(dates, t.dates...)
	}
	v := verifier{lake: l, options: o, runs: newRuns(l), deep: make(chan struct{}, runtime.GOMAXPROCS(0)), out: Verification{Tables: len(s.tables), Deep: o.Deep}}
	if v.dir, err = scratch.Dir("copy snapshots", "lake-verify-"); err != nil {
		return Verification{}, err
	}
	defer os.RemoveAll(v.dir)
	done := counter(o.Progress, len(dates))
	err = each(ctx, dates, func(ctx context.Context, i int) error {
		defer done()
		return v.date(ctx, dates[i])
	})
	v.strays(s)
	v.out.Findings = v.found.sorted()
	return v.out, err
}

// verifier is a verification under way.
type verifier struct {
	lake    *lake.Lake
	options VerifyOptions
	digests digests
	runs    *runs
	joined  sync.Map      // the runs and dates that torn has looked at
	deep    chan struct{} // has room for so many files that are read at once
	dir     string        // for copies of files
	found   findings
	out     Verification // counted atomically
}

// date verifies the newest snapshot of a date, and looks at what else is there.
func (v *verifier) date(ctx context.Context, d *dateObjects) error {
	newest, ok := d.newest()
	if !ok {
		return v.leftParts(ctx, d, nil)
	}
	v.numbers(d)
	s, err := v.manifest(ctx, d, newest)
	if err != nil || s == nil {
		return err
	}
	if s.Removed {
		atomic.AddInt64(&v.out.Removed, 1)
		return v.leftParts(ctx, d, s)
	}
	atomic.AddInt64(&v.out.Snapshots, 1)
	v.future(s)
	if err := v.inputs(ctx, s); err != nil {
		return err
	}
	if err := v.files(ctx, d, s); err != nil {
		return err
	}
	if err := v.torn(ctx, s); err != nil {
		return err
	}
	return v.leftParts(ctx, d, s)
}

// manifest reads a manifest. It returns nil if that cannot be understood, which is a finding.
func (v *verifier) manifest(ctx context.Context, d *dateObjects, m manifestObject) (*lake.Snapshot, error) {
	s, err := v.lake.Manifest(ctx, m.Key)
	switch {
	case errors.Is(err, lake.ErrNewerFormat):
		found := damage("newer-format", m.Key, d.table, d.date, "%v", err)
		found.Remedy = fault.HintOf(err)
		v.found.add(found)
		return nil, nil
	case fault.ClassOf(err) == fault.Data:
		v.found.add(damage("manifest", m.Key, d.table, d.date, "the manifest cannot be understood: %s", reason(m.Key, err)))
		return nil, nil
	case err != nil:
		return nil, err
	}
	v.digests.set(m.Key, s.SHA256)
	if len(s.Columns) == 0 {
		v.found.add(damage("manifest", m.Key, d.table, d.date, "the manifest has no columns"))
	}
	return &s, nil
}

// numbers takes note of manifests that are missing between others. A clean-up leaves such holes where an older snapshot is still needed.
func (v *verifier) numbers(d *dateObjects) {
	for i, m := range d.manifests[1:] {
		if before := d.manifests[i].number; m.number > before+1 {
			v.found.add(note("number-gap", m.Key, d.table, d.date, "between the manifests %d and %d there is no other: a clean-up took it, or it was lost", before, m.number))
		}
	}
}
