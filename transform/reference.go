package transform

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// checkReferences runs the gates between sets, once all are computed. A gate between a chosen set and one
// that is not uses the other's committed snapshot; without one the gate is a warning that says so.
func (w *work) checkReferences(ctx context.Context, session Session) error {
	for _, set := range w.all {
		for _, r := range set.References {
			owner := set.Name
			if !w.computes(owner) {
				owner = r.Set
			}
			if !w.computes(owner) {
				continue
			}
			c, err := w.checkReference(ctx, session, set, r)
			if err != nil {
				return fmt.Errorf("%s for %s: %w", set.Table(), w.date, err)
			}
			out := w.outputs[owner]
			out.checks = append(out.checks, c)
		}
	}
	return nil
}

// gate returns the name of the gate that holds a reference.
func (s Set) gate(r Reference) string { return s.Name + "_" + r.Column + "_resolves" }

func (w *work) checkReference(ctx context.Context, session Session, set Set, r Reference) (lake.Check, error) {
	name := set.gate(r)
	for _, side := range []Set{set, w.set(r.Set)} {
		view := "curated." + side.Name
		if w.computes(side.Name) {
			continue
		}
		s := w.snapshots[view]
		if s == nil {
			return lake.Check{Name: name, Warning: true, Detail: fmt.Sprintf("not checked: %s has no snapshot of %s", side.Table(), w.date)}, nil
		}
		if err := session.View(ctx, view, s.files, side.Columns); err != nil {
			return lake.Check{}, err
		}
	}
	return find(ctx, session, Check{
		Name: name,
		Query: fmt.Sprintf("SELECT child.* FROM curated.%s AS child LEFT JOIN curated.%s AS parent ON parent.%s = child.%s WHERE child.%s IS NOT NULL AND parent.%s IS NULL",
			set.Name, r.Set, r.Key, r.Column, r.Column, r.Key),
		Detail: fmt.Sprintf("%s of %s is in no row of %s", r.Column, set.Name, r.Set),
	})
}
