package canvas

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// When the activity of a course need not be asked for again: the course was over when it was last read, and had been quiet
// for longer than Canvas' copies of the numbers live. Somebody may still look into such a course, so it is asked for
// again after a week: the answer holds all days, and no day is lost.
const (
	copyLife   = 12 * time.Hour
	quietDays  = 2
	quietLimit = 7 * 24 * time.Hour
)

// quiet returns the courses whose activity cannot have changed since the earlier snapshot read it.
func (c *client) quiet(ctx context.Context, courses []Course, earlier extract.Earlier[Activity]) (map[int64]bool, error) {
	ends, err := c.ends(ctx, courses, earlier)
	if err != nil || len(ends) == 0 {
		return nil, err
	}
	type history struct {
		last int32 // day
		read time.Time
	}
	seen := map[int64]history{}
	read, err := earlier.Scan(ctx, func(a Activity) {
		if _, ended := ends[a.CourseID]; !ended {
			return
		}
		h := seen[a.CourseID]
		seen[a.CourseID] = history{max(h.last, a.Date), a.FetchedAt}
	})
	if err != nil || !read {
		return nil, err
	}
	quiet := map[int64]bool{}
	for course, h := range seen {
		// The archive's last day must be over, and the copy that told of it younger than what came after.
		settled := time.Unix(int64(h.last+1)*86400, 0).Add(quietDays * 24 * time.Hour)
		if h.read.After(ends[course].Add(copyLife+24*time.Hour)) && h.read.After(settled) && c.now().Sub(h.read) < quietLimit {
			quiet[course] = true
		}
	}
	return quiet, nil
}

// ends returns when courses ended that had ended by the earlier snapshot: by their own date, else their term's.
func (c *client) ends(ctx context.Context, courses []Course, earlier extract.Earlier[Activity]) (map[int64]time.Time, error) {
	if !earlier.Found() {
		return nil, nil
	}
	terms, err := c.dates.get(ctx)
	if err != nil {
		return nil, err
	}
	termEnds := map[int64]*time.Time{}
	for _, t := range terms {
		termEnds[t.ID] = t.EndAt
	}
	ends := map[int64]time.Time{}
	for _, course := range courses {
		end := course.EndAt
		if end == nil {
			end = termEnds[course.EnrollmentTermID]
		}
		if end != nil && end.Before(earlier.AsOf) {
			ends[course.ID] = *end
		}
	}
	return ends, nil
}

// carryQuiet yields the earlier rows of quiet courses.
func carryQuiet(ctx context.Context, quiet map[int64]bool, earlier extract.Earlier[Activity], yield func(Activity, error) bool) bool {
	carried := int64(0)
	for row, err := range earlier.Rows() {
		if err != nil {
			yield(row, err)
			return false
		}
		if !quiet[row.CourseID] {
			continue
		}
		carried++
		if !yield(row, nil) {
			return false
		}
	}
	count := tally.Of(ctx)
	count.Carry(carried)
	count.Note("%d courses ended and have been quiet since: their %d rows were taken over from %s.", len(quiet), carried, earlier.Date)
	return true
}
