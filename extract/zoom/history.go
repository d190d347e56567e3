package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

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
		Total    *int64       `json:"total"`
		PageSize *int64       `json:"pageSize"`
		List     []apiMeeting `json:"list"`
	} `json:"result"`
}

type apiMeeting struct {
	MeetingID     loose `json:"meetingId"`
	MeetingNumber loose `json:"meetingNumber"`
	HostID        loose `json:"hostId"`
	StartTime     loose `json:"startTime"`
	Status        loose `json:"status"`
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

// history reads the list of past meetings. If it changes on the way, so that it does not hold as many meetings as it says,
// it is read again; a list that never adds up is kept, and noted.
func (c *client) history(ctx context.Context, v visit, t tab) ([]Meeting, error) {
	for read := 1; ; read++ {
		rows, total, err := c.list(ctx, v, t)
		if err != nil {
			return nil, err
		}
		if short := total >= 0 && total != int64(len(rows)); short && read < c.attempts {
			continue
		} else if short {
			tally.Of(ctx).Note("Course %d (tool %d): Zoom speaks of %d meetings and lists %d.", t.CourseID, t.tool, total, len(rows))
		} else { // an interrupted run does not launch this tab again
			memo.Keep(ctx, t.key(), c.now(), "", rows)
		}
		tally.Of(ctx).Count(max(total, int64(len(rows))), int64(len(rows)))
		return rows, nil
	}
}

// list reads all pages of the list once. total is what the last page says, -1 if it says nothing.
func (c *client) list(ctx context.Context, v visit, t tab) (rows []Meeting, total int64, err error) {
	seen := map[[2]string]bool{}
	for number := int64(1); number <= maxPages; number++ {
		e, err := c.page(ctx, v, number)
		if err != nil {
			return nil, 0, err
		}
		total = -1
		if n := e.Result.Total; n != nil && *n >= 0 {
			total = *n
		}
		fresh := false
		at := c.fetchedAt()
		for _, m := range e.Result.List {
			if id := [2]string{string(m.MeetingID), string(m.StartTime)}; !seen[id] {
				seen[id], fresh = true, true
				row := m.row(t)
				row.FetchedAt = at
				rows = append(rows, row)
			}
		}
		if !fresh { // an empty page, or one that is always the same
			return rows, total, nil
		}
		size, found := e.Result.PageSize, int64(len(rows))
		// More rows than announced mean that the number is wrong: only an empty page is the end then.
		if found == total || found < total && size != nil && *size > 0 && number >= (total-1) / *size + 1 {
			return rows, total, nil
		}
	}
	return nil, 0, never(fmt.Sprintf("Zoom's list does not end after %d pages", maxPages))
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

func (e envelope) check() error {
	if e.Result == nil {
		return nil
	}
	for i, m := range e.Result.List {
		if m.MeetingID == "" || m.StartTime == "" {
			return rest.Shapef("list[%d]: meetingId or startTime missing", i)
		}
	}
	return nil
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

func (m apiMeeting) row(t tab) Meeting {
	zone := timeZone
	row := Meeting{
		CourseID: t.CourseID, ToolID: t.tool, TabLabel: t.Label, MeetingID: string(m.MeetingID), HostID: string(m.HostID),
		StartTimeText: string(m.StartTime), TimeZone: &zone,
	}
	if m.MeetingNumber != "" {
		number := string(m.MeetingNumber)
		row.MeetingNumber = &number
	}
	if n, err := strconv.ParseInt(string(m.Status), 10, 64); err == nil {
		row.Status = &n
	}
	return row
}
