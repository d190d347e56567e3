package load

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// checkDrop refuses tables that lose too much, all of them at once. Before the rows were compared, only tables that
// are replaced as a whole can be judged, by the rows that they are believed to have; afterwards all.
func (l *loader) checkDrop(loads []*tableLoad, compared bool) error {
	var names, drops []string
	for _, t := range loads {
		if t.table.selective() && !compared || t.way == keep || t.withdrawn || slices.Contains(l.AcceptDrop, t.table.Name) {
			continue
		}
		if drop := t.drop(l.MaxDrop); drop != "" {
			names = append(names, t.table.Name)
			drops = append(drops, t.table.Name+" "+drop)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Data, "look at the lake's snapshots; if they are right, load them with --accept-drop "+strings.Join(names, ","),
		fmt.Errorf("tables would lose more than the %.0f%% of their rows that are allowed: %s", l.MaxDrop*100, strings.Join(drops, ", ")))
}

// drop says what the table would lose where that is more than the given share, else "".
func (t *tableLoad) drop(most float64) string {
	if !t.table.incremental() {
		if float64(t.staged) >= float64(t.replaced)*(1-most) {
			return ""
		}
		return fmt.Sprintf("from %d to %d", t.replaced, t.staged)
	}
	// Of an incremental table only what the load replaces counts: the rest, however large, is not at stake.
	lost := t.result.Deleted
	if t.table.OwnedBy != "" {
		lost = t.replaced - t.staged // what belongs to a kept id may change; it must not just go
	}
	if float64(lost) <= float64(t.replaced)*most {
		return ""
	}
	part := "snapshot of " + t.lake.Date.String()
	if i := t.lake.Interval; i != nil {
		part = fmt.Sprintf("interval from %s to %s", stamp(i.From), stamp(i.To))
	}
	return fmt.Sprintf("%d of the %d rows that the %s replaces", lost, t.replaced, part)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
