package load

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// checkDrop refuses tables that lose too much, all of them at once. Before the rows were compared, only tables that
// are replaced as a whole can be judged, by the rows that they are believed to have; afterwards all.
func (l *loader) checkDrop(ctx context.Context, loads []*tableLoad, compared bool) error {
	var names, drops []string
	for _, t := range loads {
		if t.table.selective() && !compared || t.way == keep || t.withdrawn || t.result.Lost != "" {
			continue
		}
		lost, minor := t.drop(l.Drop)
		if lost == "" {
			continue
		}
		change := ""
		if t.staged > 0 {
			change = l.scopeChange(ctx, t)
		}
		switch {
		case l.Drop.Accepts(t.table.Name):
			t.result.Lost = lost + " rows, accepted by --accept-drop"
		case change != "":
			t.result.Lost = lost + " rows; " + change + "; row limits not applied"
		case minor:
			t.result.Lost = lost + " rows; " + drop.FewLost
		default:
			names = append(names, t.table.Name)
			drops = append(drops, t.table.Name+" "+lost)
			continue
		}
		l.Log.WarnContext(ctx, "table loses rows", "table", t.table.Name, "dt", t.lake.Date.String(), "detail", t.result.Lost)
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Data, l.Drop.Remedy("look at the lake's snapshots", names),
		fmt.Errorf("tables would lose more than the %.0f%% of their rows that are allowed: %s", l.Drop.Max*100, strings.Join(drops, ", ")))
}

// scopeChange says how the part of the source that a snapshot was asked for differs from that of the one that the table holds. It
// returns "" where it does not, or where the lake has that snapshot no more.
func (l *loader) scopeChange(ctx context.Context, t *tableLoad) string {
	held, known := l.known.newest(t.table.Name)
	if !known || t.table.incremental() {
		return ""
	}
	before, err := l.lake.Manifest(ctx, held.path)
	if err != nil || before.SHA256 != held.sha256 {
		return ""
	}
	return t.lake.Scope.Lost(before.Scope)
}

// drop says what the table would lose where that is more than the rule allows, else "", and whether it is only a few rows. What a
// table holds of past intervals may be nowhere else, so that a few rows count there.
func (t *tableLoad) drop(rule drop.Rule) (lost string, minor bool) {
	if !t.table.incremental() {
		if t.staged >= rule.Least(t.replaced) {
			return "", false
		}
		return fmt.Sprintf("from %d to %d", t.replaced, t.staged), rule.Few(t.staged, t.replaced)
	}
	// Of an incremental table only what the load replaces counts: the rest, however large, is not at stake.
	left := t.replaced - t.result.Deleted
	if t.table.OwnedBy != "" {
		left = t.staged // what belongs to a kept id may change; it must not just go
	}
	if left >= rule.Least(t.replaced) {
		return "", false
	}
	part := "snapshot of " + t.lake.Date.String()
	if i := t.lake.Interval; i != nil {
		part = fmt.Sprintf("interval from %s to %s", stamp(i.From), stamp(i.To))
	}
	return fmt.Sprintf("%d of the %d rows that the %s replaces", t.replaced-left, t.replaced, part), false
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
