package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Field is a field that a source was seen to have, of its own objects or tables, used or not.
type Field struct {
	Name  string   `json:"name"`
	Types []string `json:"types"` // in the source's words, in order; empty if it was always null
}

// Drift is a difference between a snapshot's schema and that of the one before.
type Drift struct {
	Of     string `json:"of"` // "source" for a field that the source has, "table" for a column of the lake's table
	Name   string `json:"name"`
	Change string `json:"change"` // "added", "lost", "type" or "nullable"
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

func (d Drift) String() string {
	switch {
	case d.From != "" && d.To != "":
		return fmt.Sprintf("%s %s: %s instead of %s", d.Of, d.Name, d.To, d.From)
	default:
		return fmt.Sprintf("%s %s: %s", d.Of, d.Name, d.Change)
	}
}

// DescribeDrift sets m's Drift: how its schema differs from that of the newest snapshot of the same date or else the
// date before. It returns an error of class Data if a column changes its type, which would split the table's history, unless
// accept allows it. Columns may come, go and become nullable.
func (l *Lake) DescribeDrift(ctx context.Context, m *Manifest, accept bool) error {
	old, err := l.find(ctx, m.Table, m.Date)
	if errors.Is(err, ErrNotFound) {
		old, err = l.Before(ctx, m.Table, m.Date)
	}
	if errors.Is(err, ErrNotFound) || fault.ClassOf(err) == fault.Data {
		return nil // making a date again is the remedy for a damaged manifest, so that must not stop it
	}
	if err != nil {
		return err
	}
	m.Drift = append(columnDrift(old.Columns, m.Columns), fieldDrift(old.SourceFields, m.SourceFields)...)
	if accept {
		return nil
	}
	for _, d := range m.Drift {
		if d.Of == "table" && d.Change == "type" {
			return fault.New(fault.Data, fmt.Sprintf("if the new type is meant, run the same command with --accept-type-change %s; dates with the old type stay as they are", m.Table.Accepted().Name()),
				fmt.Errorf("column %s of %s would become %s, it is %s in %s", d.Name, m.Table, d.To, d.From, old.Path))
		}
	}
	return nil
}

func columnDrift(old, now []Column) []Drift {
	return compare("table", old, now, func(c Column) (name, typ string) { return c.Name, c.Type }, func(o, c Column) Drift {
		switch {
		case o.Type != c.Type:
			return Drift{Change: "type", From: o.Type, To: c.Type}
		case !o.Nullable && c.Nullable:
			return Drift{Change: "nullable", From: "NOT NULL", To: "NULL"}
		}
		return Drift{}
	})
}

// fieldDrift compares what was seen. A source that showed nothing, such as an empty list, tells of no change.
func fieldDrift(old, now []Field) []Drift {
	if len(old) == 0 || len(now) == 0 {
		return nil
	}
	types := func(f Field) string { return strings.Join(f.Types, " or ") }
	return compare("source", old, now, func(f Field) (name, typ string) { return f.Name, types(f) }, func(o, f Field) Drift {
		isNew := func(typ string) bool { return !slices.Contains(o.Types, typ) }
		if len(o.Types) > 0 && slices.ContainsFunc(f.Types, isNew) { // one that was always null may have been anything
			return Drift{Change: "type", From: types(o), To: types(f)}
		}
		return Drift{}
	})
}

// compare tells what was added, changed and lost. change returns how one that both have differs, a zero Drift if it does not.
func compare[T any](of string, old, now []T, describe func(T) (name, typ string), change func(old, now T) Drift) []Drift {
	was := map[string]T{}
	for _, o := range old {
		name, _ := describe(o)
		was[name] = o
	}
	var drift []Drift
	for _, n := range now {
		name, typ := describe(n)
		o, known := was[name]
		delete(was, name)
		d := Drift{Change: "added", To: typ}
		if known {
			d = change(o, n)
		}
		if d.Change != "" {
			d.Of, d.Name = of, name
			drift = append(drift, d)
		}
	}
	for _, o := range old {
		name, typ := describe(o)
		if _, lost := was[name]; lost {
			drift = append(drift, Drift{Of: of, Name: name, Change: "lost", From: typ})
		}
	}
	return drift
}
