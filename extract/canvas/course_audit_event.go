package canvas

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// AuditEvent is a row of raw/canvas/course_audit_event: something that happened to a course
// that has students and is available. Canvas keeps a year of them.
type AuditEvent struct {
	ID          string    `parquet:"id" doc:"Canvas' id of the event, a UUID"`
	CourseID    int64     `parquet:"course_id" doc:"the course whose log was asked for"`
	CreatedAt   time.Time `parquet:"created_at,timestamp(microsecond)" doc:"when it happened"`
	EventType   string    `parquet:"event_type,dict" doc:"created, published, claimed (unpublished), updated, concluded, ..."`
	EventSource *string   `parquet:"event_source,optional,dict" doc:"manual, api, sis, ..."`
	FetchedAt   time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas"`
}

type apiAudit struct {
	Events *[]apiAuditEvent `json:"events"`
}

type apiAuditEvent struct {
	ID          *string    `json:"id"`
	CreatedAt   *time.Time `json:"created_at"`
	EventType   *string    `json:"event_type"`
	EventSource *string    `json:"event_source"`
}

// auditEvents yields the whole log of every available course with students.
func (c *client) auditEvents(ctx context.Context) iter.Seq2[AuditEvent, error] {
	return func(yield func(AuditEvent, error) bool) {
		l, err := c.listing.get(ctx)
		if err != nil {
			yield(AuditEvent{}, err)
			return
		}
		count := tally.Of(ctx)
		count.Expect(len(l.open))
		var unconfigured atomic.Bool
		fanout.Each(ctx, c.workers, l.open, func(ctx context.Context, course Course) ([]AuditEvent, error) {
			defer count.Done(1)
			if unconfigured.Load() {
				return nil, nil
			}
			events, err := c.auditOf(ctx, course.ID)
			if notConfigured(err) {
				unconfigured.Store(true)
				return nil, nil
			}
			return events, err
		})(yield)
		if unconfigured.Load() {
			count.Note("This Canvas keeps no audit log of courses: publication times are not known.")
		}
	}
}

// notConfigured reports whether the installation has no audit log at all.
func notConfigured(err error) bool {
	var status *rest.StatusError
	return rest.NotFound(err) && errors.As(err, &status) && strings.Contains(status.Message, "Auditors are not configured")
}

func (c *client) auditOf(ctx context.Context, course int64) ([]AuditEvent, error) {
	request := rest.Request{Path: restPath + "audit/course/courses/" + id(course), Query: url.Values{"per_page": {"100"}}, Objects: "events"}
	var events []AuditEvent
	for page, err := range rest.Pages(ctx, c.direct, request, checkAudit) {
		if err != nil {
			return nil, err
		}
		at := c.fetchedAt()
		for _, e := range *page.Events {
			events = append(events, AuditEvent{
				ID: *e.ID, CourseID: course, CreatedAt: *utc(e.CreatedAt), EventType: *e.EventType, EventSource: e.EventSource, FetchedAt: at,
			})
		}
	}
	return events, nil
}

func checkAudit(page *apiAudit) error {
	if page.Events == nil {
		return rest.Shapef("events: missing")
	}
	for i, e := range *page.Events {
		if e.ID == nil || e.CreatedAt == nil || e.EventType == nil {
			return rest.Shapef("events[%d]: id, created_at or event_type missing", i)
		}
	}
	return nil
}
