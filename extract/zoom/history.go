package zoom

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// timeZone is what Zoom is asked to write start times in. In UTC no hour comes twice in a year.
const timeZone = "UTC"

// storageZone is what Zoom's own page says of the times that it keeps, wherever the reader is.
const storageZone = "America/Montreal"

// maxPages ends a history whose pages never do.
const maxPages = 2_000

type envelope struct {
	Status  *bool   `json:"status"`
	Code    loose   `json:"errorCode"`
	Message *string `json:"errorMessage"`
	Result  *struct {
		Total    *int64                      `json:"total"`
		PageSize *int64                      `json:"pageSize"`
		List     []lenient.Value[apiMeeting] `json:"list"`
	} `json:"result"`
}

type apiMeeting struct {
	MeetingID     lenient.Value[string] `json:"meetingId"`
	MeetingNumber lenient.Value[string] `json:"meetingNumber"`
	HostID        lenient.Value[string] `json:"hostId"`
	StartTime     lenient.Value[string] `json:"startTime"`
	Status        lenient.Value[int64]  `json:"status"`
}

// lacks says why there is no row for a meeting, "" if there is one.
func (m apiMeeting) lacks() string {
	var why []string
	for _, part := range []struct {
		name  string
		value lenient.Value[string]
	}{{"meetingId", m.MeetingID}, {"startTime", m.StartTime}} {
		if orEmpty(part.value) == "" {
			why = append(why, cmp.Or(part.value.Missing(part.name), part.name+": missing"))
		}
	}
	return strings.Join(why, ", ")
}

// name names a meeting that has no row by its id or, if it has none, by its place in the list.
func (m apiMeeting) name(t tab, place int) string {
	if id := orEmpty(m.MeetingID); id != "" {
		return fmt.Sprintf("meeting %s of course %d (tool %d)", rest.Clean(id, ""), t.CourseID, t.tool)
	}
	return fmt.Sprintf("meeting number %d of course %d (tool %d)", place, t.CourseID, t.tool)
}

// orEmpty returns a text, "" if there is none.
func orEmpty(v lenient.Value[string]) string {
	if s := v.Get(); s != nil {
		return *s
	}
	return ""
}

// loose is a text or number, as text; "" for null.
type loose string

// UnmarshalJSON takes numbers as they are written.
func (l *loose) UnmarshalJSON(data []byte) error {
	var text string
	switch {
	case bytes.Equal(data, []byte("null")):
	case data[0] == '"':
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		text = string(data)
	default:
		return errors.New("neither text nor number")
	}
	*l = loose(text)
	return nil
}

// past are the meetings of a list.
type past struct {
	rows  []Meeting
	odd   []oddMeeting // those without a row
	notes []func(*tally.Table)
	total int64 // the most that a page says, -1 if none says anything
}

type oddMeeting struct{ name, why string }

func (p past) found() int64 { return int64(len(p.rows) + len(p.odd)) }

// history reads the list of past meetings. If it changes on the way, so that it does not hold as many meetings as it says,
// it is read again; one that never adds up has lost meetings on its way, so that its tab counts as one that cannot be read.
func (c *client) history(ctx context.Context, v visit, t tab) ([]Meeting, error) {
	for read := 1; ; read++ {
		p, err := c.list(ctx, v, t)
		if err != nil {
			return nil, err
		}
		count := tally.Of(ctx)
		differs := p.total >= 0 && p.total != p.found()
		if differs && read < c.attempts {
			continue
		} else if p.total > p.found() {
			return nil, never(fmt.Sprintf("Zoom speaks of %d meetings and lists %d", p.total, p.found()))
		} else if differs { // the list went on to an empty page: nothing is lost
			count.Note("Course %d (tool %d): Zoom speaks of %d meetings and lists %d.", t.CourseID, t.tool, p.total, p.found())
		} else if len(p.odd) == 0 && len(p.notes) == 0 { // an interrupted run does not launch this tab again
			memo.Keep(ctx, t.key(), c.now(), "", p.rows)
		}
		for _, odd := range p.odd {
			count.LeftOut(odd.name, odd.why)
		}
		for _, note := range p.notes {
			note(count)
		}
		count.Count(max(p.total, p.found()), int64(len(p.rows)))
		return p.rows, nil
	}
}

// list reads all pages of the list once.
func (c *client) list(ctx context.Context, v visit, t tab) (p past, err error) {
	seen := map[[2]string]bool{}
	place := 0
	p.total = -1
	for number := int64(1); number <= maxPages; number++ {
		e, err := c.page(ctx, v, number)
		if err != nil {
			return past{}, err
		}
		if n := e.Result.Total; n != nil { // the page behind the last one may say 0, or nothing
			p.total = max(p.total, *n)
		}
		fresh := false
		at := c.fetchedAt()
		for _, item := range e.Result.List {
			m := meetingOf(item)
			place++
			if id := [2]string{orEmpty(m.MeetingID), orEmpty(m.StartTime)}; !seen[id] || id == [2]string{} && p.found() < p.total {
				seen[id], fresh = true, true
				if why := m.lacks(); why != "" {
					p.odd = append(p.odd, oddMeeting{m.name(t, place), why})
					continue
				}
				row := m.row(t, &p)
				row.FetchedAt = at
				p.rows = append(p.rows, row)
			}
		}
		if !fresh { // an empty page, or one that is always the same
			return p, nil
		}
		size, found := e.Result.PageSize, p.found()
		// More rows than announced mean that the number is wrong: only an empty page is the end then.
		if found == p.total || found < p.total && size != nil && *size > 0 && number >= (p.total-1) / *size + 1 {
			return p, nil
		}
	}
	return past{}, never(fmt.Sprintf("Zoom's list does not end after %d pages", maxPages))
}

// meetingOf returns a member of the list, an empty meeting for what is none.
func meetingOf(item lenient.Value[apiMeeting]) apiMeeting {
	if m := item.Get(); m != nil {
		return *m
	}
	return apiMeeting{}
}

// page reads one page of the list.
func (c *client) page(ctx context.Context, v visit, number int64) (envelope, error) {
	var e envelope
	request := rest.Request{
		Path: strings.Trim(c.host.EscapedPath(), "/") + "/api/v1/lti/rich/meeting/history/COURSE/all",
		Query: url.Values{
			"page": {strconv.FormatInt(number, 10)}, "total": {"0"}, "lti_scid": {v.scid}, "client_timezone": {timeZone}, "storage_timezone": {storageZone},
		},
		Header:  http.Header{http.CanonicalHeaderKey(tokenName): {v.token}},
		Objects: "result.list",
	}
	request.Path = strings.TrimPrefix(request.Path, "/")
	err := rest.Fetch(ctx, v.client, request, func(a rest.Answer) error {
		e = envelope{}
		if err := decode(a.Body, &e); err != nil {
			return err
		}
		return e.check()
	})
	away, leaves := rest.Redirected(err)
	switch status := rest.StatusOf(err); {
	case leaves:
		return e, again(inList, never(fmt.Sprintf("Zoom sends the list on to %s", away)))
	case status >= 400 && status < 500:
		return e, again(inList, refused("Zoom refuses the list", err))
	case isPage(err):
		return e, again(inList, never("Zoom shows a page instead of the list"))
	case odd(err):
		return e, never("Zoom's list has an unknown form: " + shape(err))
	case err != nil:
		return e, quiet(err)
	case e.Status != nil && !*e.Status:
		return e, again(inList, never("Zoom answers with status false"+e.reason(v.session)))
	case e.Result == nil:
		return e, again(inList, never("Zoom's list has no result"))
	}
	return e, nil
}

// check refuses a page of which no meeting can be read: its form is another one.
func (e envelope) check() error {
	if e.Result == nil {
		return nil
	}
	why := ""
	for _, item := range e.Result.List {
		if why = meetingOf(item).lacks(); why == "" {
			return nil
		}
	}
	if why == "" {
		return nil
	}
	return rest.Shapef("no meeting of the list can be read: %s", why)
}

// personal matches what may be an address or a credential.
var personal = regexp.MustCompile(`\S+@\S+|\S{24,}`)

// reason is what Zoom says of a failure, without what may be about a person or secret.
func (e envelope) reason(s session) string {
	text := ""
	if e.Code != "" {
		text = ", error code " + rest.Clean(string(e.Code), s.token)
	}
	if e.Message != nil && *e.Message != "" {
		text += ": " + rest.Clean(personal.ReplaceAllString(strings.ReplaceAll(*e.Message, s.scid, "***"), "***"), s.token)
	}
	return text
}

// row returns the row of a meeting that lacks nothing. What cannot be read is noted in p.
func (m apiMeeting) row(t tab, p *past) Meeting {
	zone := timeZone
	name := m.name(t, 0)
	for field, odd := range map[string]string{"meetingNumber": m.MeetingNumber.Odd(), "hostId": m.HostID.Odd(), "status": m.Status.Odd()} {
		if odd != "" {
			p.notes = append(p.notes, func(count *tally.Table) { count.Unread(field, name, odd) })
		}
	}
	row := Meeting{
		CourseID: t.CourseID, ToolID: t.tool, TabLabel: t.Label, MeetingID: orEmpty(m.MeetingID), HostID: orEmpty(m.HostID),
		StartTimeText: orEmpty(m.StartTime), TimeZone: &zone, Status: m.Status.Get(),
	}
	if number := orEmpty(m.MeetingNumber); number != "" {
		row.MeetingNumber = &number
	}
	return row
}
