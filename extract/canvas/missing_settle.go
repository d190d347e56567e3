package canvas

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// settle ends a table with the rows that the courses which are missing from it had in the earlier snapshot. Whether so many
// missing ones are tolerated shows when all tables have been read.
func settle[T any](ctx context.Context, c *client, table string, earlier extract.Earlier[T], courseOf func(T) int64, yield func(T, error) bool) {
	var zero T
	c.missing.mu.Lock()
	lost, gone := maps.Clone(c.missing.lost[table]), slices.Sorted(slices.Values(c.missing.gone[table]))
	c.missing.mu.Unlock()
	count := tally.Of(ctx)
	if len(gone) > 0 {
		count.Note("%s deleted while this ran: %s.", quantity.Of(len(gone), "course"), ids(gone))
	}
	if len(lost) == 0 {
		return
	}
	had, carried := map[int64]bool{}, int64(0)
	for row, err := range earlier.Rows() {
		if err != nil {
			yield(zero, fmt.Errorf("rows of the day before, of courses that cannot be read: %w", err))
			return
		}
		if course := courseOf(row); lost[course] {
			had[course] = true
			carried++
			if !yield(row, nil) {
				return
			}
		}
	}
	if kindOf(table) != courseTable && len(had) < len(lost) { // courses refer to it
		yield(zero, cmp.Or(c.missing.err(), fault.New(fault.Data, oddHint+"; no earlier snapshot has a row that could stand in",
			fmt.Errorf("%s %s cannot be read", table, ids(slices.Sorted(maps.Keys(lost)))))))
		return
	}
	count.Carry(carried)
	courses := slices.Sorted(maps.Keys(lost))
	detail := quantity.Of(len(courses), kindOf(table)) + " could not be read"
	if len(had) > 0 {
		detail += fmt.Sprintf("; the rows of %s stand in for %d of them", earlier.Date, len(had))
	}
	check := lake.Check{Name: "missing_courses", Warning: true, Detail: detail, Rows: carried}
	for _, course := range courses {
		check.Examples = append(check.Examples, id(course))
	}
	count.Check(check)
	count.Note("%s: %s.", detail, ids(courses))
	c.direct.Log.Warn("items are missing", "kind", kindOf(table), "table", table, "ids", courses, "rows_of_the_day_before", carried)
}

// ids lists course ids in a note.
func ids(courses []int64) string {
	texts := make([]string, len(courses))
	for i, course := range courses {
		texts[i] = id(course)
	}
	return strings.Join(texts, ", ")
}
