package canvas

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// AuditEvent is a row of raw/canvas/course_audit_event: something that happened to a course
// that has students and is available. Canvas keeps a year of them.
type AuditEvent struct {
	ID          string    `parquet:"id" doc:"Canvas' id of the event, a UUID"`
	CourseID    int64     `parquet:"course_id" doc:"the course that it happened to"`
	CreatedAt   time.Time `parquet:"created_at,timestamp(microsecond)" doc:"when it happened"`
	EventType   string    `parquet:"event_type,dict" doc:"created, published, claimed (unpublished), updated, concluded, ..."`
	EventSource *string   `parquet:"event_source,optional,dict" doc:"manual, api, sis, ..."`
	FetchedAt   time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas; an earlier day for rows taken over"`
}

type apiAudit struct {
	Events *[]apiAuditEvent `json:"events"`
}

type apiAuditEvent struct {
	ID          *string                  `json:"id"`
	CreatedAt   lenient.Value[time.Time] `json:"created_at"`
	EventType   *string                  `json:"event_type"`
	EventSource *string                  `json:"event_source"`
	Links       struct {
		Course *ident `json:"course"`
	} `json:"links"`
}

const publishedEvent = "published"

// auditEvents yields the log of every available course with students.
//
// What the earlier snapshot has of a course that was published then is taken over, and only newer events are asked for,
// account by account. Of other courses the whole log is asked for: by account where several of them are in one, and one by one where
// that does not tell when they were published.
func (c *client) auditEvents(ctx context.Context, earlier extract.Earlier[AuditEvent]) iter.Seq2[AuditEvent, error] {
	return func(yield func(AuditEvent, error) bool) {
		open, err := c.listing.whole(ctx, (*listing).available)
		if err != nil {
			yield(AuditEvent{}, err)
			return
		}
		count := tally.Of(ctx)
		count.Expect(len(open))
		count.Count(int64(len(open)), 0)
		a := &audit{client: c, recent: map[string]bool{}}
		known, err := a.recall(ctx, open, earlier)
		if err != nil {
			yield(AuditEvent{}, err)
			return
		}
		if len(known) > 0 && !a.carry(ctx, known, earlier, yield) {
			return
		}
		accounts := a.accounts(open, known)
		count.Done(a.rest)
		count.Count(0, int64(a.rest))
		for e, err := range fanout.Each(ctx, c.workers, accounts, a.account) {
			if !yield(e, err) || err != nil {
				return
			}
		}
		count.Plan(len(a.single))
		for e, err := range fanout.Each(ctx, c.workers, a.single, a.course) {
			if !yield(e, err) || err != nil {
				return
			}
		}
		if a.unconfigured.Load() {
			count.Note("This Canvas keeps no audit log of courses: publication times are not known.")
		}
		settle(ctx, c, "course_audit_event", earlier, func(e AuditEvent) int64 { return e.CourseID }, yield)
	}
}

// notConfigured reports whether the installation has no audit log at all.
func notConfigured(err error) bool {
	var status *rest.StatusError
	return rest.NotFound(err) && errors.As(err, &status) && strings.Contains(status.Message, "Auditors are not configured")
}

// course yields the whole log of one course.
func (a *audit) course(ctx context.Context, course int64) ([]AuditEvent, error) {
	defer tally.Of(ctx).Done(1)
	var events []AuditEvent
	var err error
	if !a.unconfigured.Load() {
		events, err = a.client.auditOf(ctx, course)
	}
	if notConfigured(err) {
		a.unconfigured.Store(true)
		err = nil
	}
	return answered(ctx, a.client, "course_audit_event", course, events, err)
}

func (c *client) auditOf(ctx context.Context, course int64) ([]AuditEvent, error) {
	request := rest.Request{Path: restPath + "audit/course/courses/" + id(course), Query: url.Values{"per_page": {"100"}}, Objects: "events"}
	var events []AuditEvent
	for page, err := range rest.Pages(ctx, c.direct, auditListing(request, checkAudit)) {
		if err != nil {
			return nil, err
		}
		for _, e := range *page.Value.Events {
			if e.dated(ctx) {
				events = append(events, e.row(course, page.At))
			}
		}
	}
	return events, nil
}

// dated tells whether the event has a time. One without is left out and noted: it is no publication, see checkAudit, and nothing else
// counts.
func (e apiAuditEvent) dated(ctx context.Context) bool {
	if e.CreatedAt.Get() == nil {
		tally.Of(ctx).Unread("created_at", "event "+*e.ID, cmp.Or(e.CreatedAt.Odd(), "nothing")+" (left out)")
		return false
	}
	return true
}

func (e apiAuditEvent) row(course int64, at time.Time) AuditEvent {
	return AuditEvent{
		ID: *e.ID, CourseID: course, CreatedAt: *e.CreatedAt.Get(), EventType: *e.EventType, EventSource: e.EventSource, FetchedAt: fetched(at),
	}
}

func auditListing(r rest.Request, check func(*apiAudit) error) rest.Listing[apiAudit] {
	return rest.Listing[apiAudit]{Request: r, Check: check, Keys: func(page *apiAudit) []string {
		return keys(*page.Events, func(e apiAuditEvent) string { return *e.ID })
	}}
}

func checkAudit(page *apiAudit) error {
	if page.Events == nil {
		return rest.Shapef("events: missing")
	}
	for i, e := range *page.Events {
		if e.ID == nil || e.EventType == nil {
			return rest.Shapef("events[%d]: id or event_type missing", i)
		}
		if why := e.CreatedAt.Missing("created_at"); why != "" && *e.EventType == publishedEvent {
			return rest.Shapef("event %s: %s", *e.ID, why)
		}
	}
	return nil
}
