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
	was := map[string]Column{}
	for _, c := range old {
		was[c.Name] = c
	}
	var drift []Drift
	for _, c := range now {
		o, known := was[c.Name]
		delete(was, c.Name)
		switch {
		case !known:
			drift = append(drift, Drift{Of: "table", Name: c.Name, Change: "added", To: c.Type})
		case o.Type != c.Type:
			drift = append(drift, Drift{Of: "table", Name: c.Name, Change: "type", From: o.Type, To: c.Type})
		case !o.Nullable && c.Nullable:
			drift = append(drift, Drift{Of: "table", Name: c.Name, Change: "nullable", From: "NOT NULL", To: "NULL"})
		}
	}
	for _, c := range old {
		if _, lost := was[c.Name]; lost {
			drift = append(drift, Drift{Of: "table", Name: c.Name, Change: "lost", From: c.Type})
		}
	}
	return drift
}

// fieldDrift compares what was seen. A source that showed nothing, such as an empty list, tells of no change.
func fieldDrift(old, now []Field) []Drift {
	if len(old) == 0 || len(now) == 0 {
		return nil
	}
	was := map[string]Field{}
	for _, f := range old {
		was[f.Name] = f
	}
	var drift []Drift
	for _, f := range now {
		o, known := was[f.Name]
		delete(was, f.Name)
		isNew := func(typ string) bool { return !slices.Contains(o.Types, typ) }
		switch {
		case !known:
			drift = append(drift, Drift{Of: "source", Name: f.Name, Change: "added", To: strings.Join(f.Types, " or ")})
		case len(o.Types) > 0 && slices.ContainsFunc(f.Types, isNew): // one that was always null may have been anything
			drift = append(drift, Drift{Of: "source", Name: f.Name, Change: "type", From: strings.Join(o.Types, " or "), To: strings.Join(f.Types, " or ")})
		}
	}
	for _, f := range old {
		if _, lost := was[f.Name]; lost {
			drift = append(drift, Drift{Of: "source", Name: f.Name, Change: "lost", From: strings.Join(f.Types, " or ")})
		}
	}
	return drift
}
