package canvas

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// audit reads the logs of courses by way of their accounts, as far as that goes.
type audit struct {
	client       *client
	since        time.Time       // events before it are known of the courses that are taken over
	recent       map[string]bool // ids of events from then on that are known
	everyone     bool            // all accounts are asked for newer events
	day          int64           // else those whose turn it is
	unconfigured atomic.Bool     // there is no log at all
	unindexed    atomic.Bool     // there is none by account

	mu     sync.Mutex
	single []int64 // courses to ask for one by one
	rest   int     // courses that nothing is asked of today
}

// auditAccount is an account with the courses whose logs are wanted: all that is newer of some, everything of others.
type auditAccount struct {
	id           int64
	known, fresh map[int64]bool
}

// fewCourses is the number of courses of an account up to which each is asked for by itself.
const fewCourses = 2

// accounts returns the accounts worth asking, and puts the courses of the others down to be asked for one by one.
func (a *audit) accounts(open []*Course, known map[int64]bool) []auditAccount {
	all := map[int64]*auditAccount{}
	for _, course := range open {
		at := all[course.AccountID]
		if at == nil {
			at = &auditAccount{course.AccountID, map[int64]bool{}, map[int64]bool{}}
			all[course.AccountID] = at
		}
		if known[course.ID] {
			at.known[course.ID] = true
		} else {
			at.fresh[course.ID] = true
		}
	}
	var worth []auditAccount
	for _, at := range all {
		if !a.everyone && (at.id+a.day)%auditTurn != 0 {
			a.rest += len(at.known)
			at.known = nil
		}
		if len(at.fresh) <= fewCourses {
			a.oneByOne(at.fresh)
			at.fresh = nil
		}
		if len(at.known)+len(at.fresh) > 0 {
			worth = append(worth, *at)
		}
	}
	slices.SortFunc(worth, func(a, b auditAccount) int { return cmp.Compare(a.id, b.id) })
	return worth
}

func (a *audit) oneByOne(courses map[int64]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for course := range courses {
		a.single = append(a.single, course)
	}
	slices.Sort(a.single)
}

// account returns the events of an account's courses. Courses of which it does not bring the publication, and all new ones where
// the index is longer than asking for each of them, are put down to be asked for one by one.
func (a *audit) account(ctx context.Context, at auditAccount) ([]AuditEvent, error) {
	var events []AuditEvent
	whole := len(at.fresh) > 0
	if whole {
		all, complete, err := a.list(ctx, at.id, time.Time{}, len(at.fresh))
		if err != nil {
			return nil, err
		}
		published := map[int64]bool{}
		for _, e := range all {
			if complete && e.EventType == publishedEvent {
				published[e.CourseID] = true
			}
		}
		left := map[int64]bool{}
		for course := range at.fresh {
			if !published[course] {
				left[course] = true
			}
		}
		a.oneByOne(left)
		tally.Of(ctx).Done(len(at.fresh) - len(left))
		tally.Of(ctx).Count(0, int64(len(at.fresh)-len(left)))
		for _, e := range all {
			if published[e.CourseID] && at.fresh[e.CourseID] || complete && at.known[e.CourseID] && !a.recent[e.ID] && !e.CreatedAt.Before(a.since) {
				events = append(events, e)
			}
		}
		whole = complete
	}
	if !whole && len(at.known) > 0 {
		newer, _, err := a.list(ctx, at.id, a.since, 0)
		if err != nil {
			return nil, err
		}
		for _, e := range newer {
			if at.known[e.CourseID] && !a.recent[e.ID] {
				events = append(events, e)
			}
		}
	}
	tally.Of(ctx).Done(len(at.known))
	tally.Of(ctx).Count(0, int64(len(at.known)))
	return events, nil
}

// list reads the index of an account, newest first, as far back as since, but hardly more than so many pages if that is not 0. It is
// not complete where it was longer, or where the server has no such index.
func (a *audit) list(ctx context.Context, account int64, since time.Time, pages int) (events []AuditEvent, complete bool, err error) {
	if a.unconfigured.Load() || a.unindexed.Load() {
		return nil, false, nil
	}
	query := url.Values{"per_page": {"100"}}
	if !since.IsZero() {
		query.Set("start_time", since.UTC().Format(time.RFC3339))
	}
	tally.Of(ctx).Plan(1)
	request := rest.Request{Path: restPath + "audit/course/accounts/" + id(account), Query: query, Objects: "events"}
	read := 0
	for page, err := range rest.Pages(ctx, a.client.direct, auditListing(request, checkAccountAudit)) {
		switch {
		case notConfigured(err):
			a.unconfigured.Store(true)
			return nil, false, nil
		case rest.StatusOf(err) >= 400 && rest.StatusOf(err) < 500: // what it means shows when courses are asked for
			if !a.unindexed.Swap(true) {
				tally.Of(ctx).Note("This Canvas gives no audit log by account (%d): courses were asked for one by one.", rest.StatusOf(err))
			}
			return nil, false, nil
		case err != nil && hopeless(ctx, err):
			return nil, false, err
		case err != nil: // the courses themselves may do better
			return nil, false, nil
		}
		for _, e := range *page.Value.Events {
			if e.Links.Course != nil && e.dated(ctx) {
				events = append(events, e.row(int64(*e.Links.Course), page.At))
			}
		}
		if read++; pages > 0 && read > pages {
			return events, false, nil
		}
	}
	return events, true, nil
}

func checkAccountAudit(page *apiAudit) error {
	if err := checkAudit(page); err != nil {
		return err
	}
	for i, e := range *page.Events {
		if e.Links.Course == nil {
			return rest.Shapef("events[%d].links.course: missing", i)
		}
	}
	return nil
}
