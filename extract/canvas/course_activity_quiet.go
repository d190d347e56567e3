package canvas

import (
	"cmp"
	"context"
	"iter"
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

// quiet knows of which courses the activity need not be asked for again.
type quiet struct {
	now   time.Time
	ends  map[int64]*time.Time // of terms
	known map[int64]history    // of courses
	found map[int64]bool       // courses met that are quiet
}

// history is what the earlier snapshot has of a course.
type history struct {
	last int32     // the last day that was not quite quiet, since 1970
	read time.Time // when it was read from Canvas
}

// quietCourses reads what the earlier snapshot has.
func (c *client) quietCourses(ctx context.Context, earlier extract.Earlier[Activity]) (*quiet, error) {
	q := &quiet{now: c.now(), ends: map[int64]*time.Time{}, known: map[int64]history{}, found: map[int64]bool{}}
	known := map[int64]history{}
	read, err := earlier.Scan(ctx, func(a Activity) { known[a.CourseID] = history{max(known[a.CourseID].last, a.Date), a.FetchedAt} })
	if err != nil || !read {
		return q, err
	}
	terms, err := c.dates.get(ctx)
	for _, t := range terms {
		q.ends[t.ID] = t.EndAt
	}
	q.known = known
	return q, err
}

// is tells whether the activity of a course cannot have changed since the earlier snapshot read it.
func (q *quiet) is(course *Course) bool {
	h, known := q.known[course.ID]
	end := cmp.Or(course.EndAt, q.ends[course.EnrollmentTermID])
	if !known || end == nil || q.now.Sub(h.read) >= quietLimit {
		return false
	}
	over := end.Add(copyLife + 24*time.Hour)
	settled := time.Unix(int64(h.last+1)*86400, 0).Add(quietDays * 24 * time.Hour)
	return h.read.After(over) && h.read.After(settled)
}

// others yields the available courses that are not quiet, and remembers those that are.
func (q *quiet) others(ctx context.Context, l *listing) iter.Seq2[*Course, error] {
	return func(yield func(*Course, error) bool) {
		count, listed := tally.Of(ctx), 0
		for course, err := range l.each(ctx, (*listing).available) {
			more := l.length((*listing).available) - listed
			listed += more
			if err == nil && q.is(course) {
				q.found[course.ID] = true
				more--
			}
			if more != 0 {
				count.Expect(more)
				count.Plan(more)
			}
			if err == nil && q.found[course.ID] {
				continue
			}
			if !yield(course, err) {
				return
			}
		}
	}
}

// carry yields the earlier rows of the quiet courses that were met.
func (q *quiet) carry(ctx context.Context, earlier extract.Earlier[Activity], yield func(Activity, error) bool) bool {
	if len(q.found) == 0 {
		return true
	}
	carried := int64(0)
	for row, err := range earlier.Rows() {
		if err != nil {
			yield(row, err)
			return false
		}
		if !q.found[row.CourseID] {
			continue
		}
		carried++
		if !yield(row, nil) {
			return false
		}
	}
	count := tally.Of(ctx)
	count.Carry(carried)
	count.Note("%d courses ended and have been quiet since: their %d rows were taken over from %s.", len(q.found), carried, earlier.Date)
	return true
}
