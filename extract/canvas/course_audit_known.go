package canvas

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Of courses that are known to be published only the raw log is still of interest. So the newer events of an account are asked for every
// auditTurn days, a share of the accounts a day, as far back as they may be unknown. After a day without a snapshot, all are.
const (
	auditTurn    = 7
	auditOverlap = 24 * time.Hour // how long an event may take until the index shows it, and more
)

// recall returns the courses whose publication the earlier snapshot knows.
func (a *audit) recall(ctx context.Context, open []*Course, earlier extract.Earlier[AuditEvent]) (map[int64]bool, error) {
	a.since = earlier.AsOf.Add(-auditTurn*24*time.Hour - auditOverlap)
	today := lake.DateOf(a.client.now())
	a.everyone, a.day = today.AddDays(-1) != earlier.Date, today.Time().Unix()/86400
	wanted, known := map[int64]bool{}, map[int64]bool{}
	for _, course := range open {
		wanted[course.ID] = true
	}
	read, err := earlier.Scan(ctx, func(e AuditEvent) {
		if wanted[e.CourseID] && e.EventType == publishedEvent {
			known[e.CourseID] = true
		}
		if !e.CreatedAt.Before(a.since) {
			a.recent[e.ID] = true
		}
	})
	if err != nil || !read {
		return nil, err
	}
	return known, nil
}

// carry yields the earlier rows of known courses.
func (a *audit) carry(ctx context.Context, known map[int64]bool, earlier extract.Earlier[AuditEvent], yield func(AuditEvent, error) bool) bool {
	carried := int64(0)
	for e, err := range earlier.Rows() {
		if err != nil {
			yield(e, err)
			return false
		}
		if !known[e.CourseID] {
			continue
		}
		carried++
		if !yield(e, nil) {
			return false
		}
	}
	count := tally.Of(ctx)
	count.Carry(carried)
	count.Note("%d events of %d courses were taken over from %s; newer ones are asked for by account, at the latest after %d days.", carried, len(known), earlier.Date, auditTurn)
	return true
}
