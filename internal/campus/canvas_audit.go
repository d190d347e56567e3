package campus

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

type auditJSON struct {
	Links  map[string]*string `json:"links"`
	Events []auditEventJSON   `json:"events"`
	Linked auditLinkedJSON    `json:"linked"`
}

type auditLinkedJSON struct {
	PageViews []int            `json:"page_views"`
	Courses   []courseJSON     `json:"courses"`
	Users     []map[string]any `json:"users"`
}

type auditEventJSON struct {
	ID          string         `json:"id"`
	CreatedAt   string         `json:"created_at"`
	EventType   string         `json:"event_type"`
	EventSource *string        `json:"event_source"`
	EventData   map[string]any `json:"event_data"`
	Links       auditLinkJSON  `json:"links"`
}

type auditLinkJSON struct {
	Course     int64  `json:"course"`
	CopiedFrom *int64 `json:"copied_from,omitempty"`
	PageView   *int64 `json:"page_view"`
	User       *int64 `json:"user"`
	SISBatch   *int64 `json:"sis_batch"`
}

// audit answers with a course's log, newest first, by bookmark. Deleted courses have one too.
func (c *Campus) audit(q *call) *reply {
	i, found := q.day.University().Find(q.id("course"))
	switch {
	case c.opts.NoAuditStore:
		return jsonReply(http.StatusNotFound, map[string]any{"message": "Auditors are not configured"})
	case !found:
		return notFound()
	case q.rights.NoAudit:
		return forbidden()
	}
	return q.auditReply(q.day.Audit(i), func(university.AuditEvent) int { return i })
}

// accountAudit answers with the log of the courses that belong to an account itself, not to those below it.
func (c *Campus) accountAudit(q *call) *reply {
	a, found := q.findAccount()
	switch {
	case c.opts.NoAuditStore:
		return jsonReply(http.StatusNotFound, map[string]any{"message": "Auditors are not configured"})
	case !found, c.opts.NoAuditAccounts:
		return notFound()
	case q.rights.NoAudit:
		return forbidden()
	}
	var log []university.AuditEvent
	course := map[string]int{}
	u := q.day.University()
	for i := range u.Courses() {
		if u.AccountOf(i) != a.ID {
			continue
		}
		for _, e := range q.day.Audit(i) {
			course[e.ID] = i
			log = append(log, e)
		}
	}
	slices.SortFunc(log, func(a, b university.AuditEvent) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.ID, b.ID)) })
	return q.auditReply(log, func(e university.AuditEvent) int { return course[e.ID] })
}

// auditReply answers with a page of a log, newest first, whose events each belong to a course.
func (q *call) auditReply(log []university.AuditEvent, courseOf func(university.AuditEvent) int) *reply {
	from, until := instant(q.query.Get("start_time")), instant(q.query.Get("end_time"))
	log = slices.DeleteFunc(log, func(e university.AuditEvent) bool {
		return !from.IsZero() && e.At.Before(from) || !until.IsZero() && e.At.After(until)
	})
	places := make([]int64, len(log))
	for k := range places {
		places[k] = int64(k)
	}
	page, links, valid := bookmarkReply(q, places,
		func(last int64) int { return int(max(0, last+1)) }, func(place int64) int64 { return place })
	if !valid {
		return notFound()
	}
	template := func(s string) *string { s = q.base + "/api/v1/" + s; return &s }
	out := auditJSON{
		Links: map[string]*string{
			"events.course": template("courses/{events.course}"), "events.user": nil, "events.sis_batch": nil,
		},
		Events: []auditEventJSON{},
		Linked: auditLinkedJSON{PageViews: []int{}, Courses: []courseJSON{}, Users: []map[string]any{}},
	}
	linked := map[int]bool{}
	for _, place := range page {
		e := log[place]
		i := courseOf(e)
		id := q.day.University().ID(i)
		row := auditEventJSON{
			ID: e.ID, CreatedAt: stamp(e.At), EventType: e.Type, EventData: map[string]any{}, Links: auditLinkJSON{Course: id},
		}
		if e.Source != "" {
			row.EventSource = &e.Source
		}
		if e.Type == "copied_from" {
			other := id - 1
			row.Links.CopiedFrom = &other
		}
		if e.UserID != 0 {
			row.Links.User = &e.UserID
			if len(out.Linked.Users) == 0 {
				out.Linked.Users = append(out.Linked.Users, map[string]any{"id": e.UserID, "name": "Robin Campus"})
			}
		}
		out.Events = append(out.Events, row)
		if !linked[i] {
			linked[i] = true
			out.Linked.Courses = append(out.Linked.Courses, q.courseJSON(i))
		}
	}
	rep := ok(out)
	rep.header["link"] = []string{links}
	return rep
}

// instant reads a time parameter; zero if there is none.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
