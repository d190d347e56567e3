package zoom

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// visit is what can be asked for after a launch.
type visit struct {
	client *rest.Client
	session
}

// follow goes the whole way to the tab's meetings. Where a step fails that cannot be taken twice, it begins again, until one
// step has failed as often as a request may.
func (c *client) follow(ctx context.Context, t tab) (rows []Meeting, err error) {
	failed := map[step]int{}
	most := 0
	wait := retry.BackoffFunc(func() (time.Duration, bool) {
		d := min(c.canvas.MaxWait, c.canvas.FirstWait<<min(most-1, 20))
		return retry.WithJitterPercent(25, retry.BackoffFunc(func() (time.Duration, bool) { return d, false })).Next()
	})
	err = retry.Do(ctx, wait, func(ctx context.Context) error {
		var stop *stopped
		rows, err = c.once(ctx, t)
		if !errors.As(err, &stop) || stop.final || ctx.Err() != nil {
			return err
		}
		failed[stop.at]++
		if most = max(most, failed[stop.at]); failed[stop.at] >= c.attempts {
			return exhausted(stop, failed[stop.at])
		}
		c.log.Debug("launch begins again", "course_id", t.CourseID, "tool_id", t.tool, "error", err)
		return retry.RetryableError(err)
	})
	return rows, err
}

// exhausted is the end of the last launch.
func exhausted(stop *stopped, launches int) error {
	var c *closed
	if errors.As(stop.err, &c) {
		return c
	}
	return fault.New(fault.ClassOf(stop.err), "see whether Canvas and Zoom are up, then run the same command again; MAX_REQ_ATTEMPTS allows more launches",
		fmt.Errorf("launch begun %d times in vain: %w", launches, stop.err))
}

// once goes the way one time.
func (c *client) once(ctx context.Context, t tab) ([]Meeting, error) {
	link, err := c.link(ctx, t)
	if err != nil {
		return nil, err
	}
	form, action, err := c.form(ctx, link)
	if err != nil {
		return nil, err
	}
	v, err := c.enter(ctx, form, action)
	if err != nil {
		return nil, err
	}
	return c.history(ctx, v, t)
}

// link asks Canvas for the launch link of a tab.
func (c *client) link(ctx context.Context, t tab) (*url.URL, error) {
	at, err := url.Parse(t.launchURL())
	base, baseErr := url.Parse(c.canvas.Base)
	path, below := "", false
	if err == nil && baseErr == nil && sameServer(at, base) {
		path, below = strings.CutPrefix(at.EscapedPath(), base.EscapedPath()+"/")
	}
	if !below {
		return nil, never("the tab's launch URL does not lead to CANVAS.CANVAS_URL, so that the token must not go there")
	}
	var answer struct {
		URL *string `json:"url"`
	}
	err = rest.Fetch(ctx, c.canvas, rest.Request{Path: path, Query: at.Query()}, func(a rest.Answer) error { return decode(a.Body, &answer) })
	switch status := rest.StatusOf(err); {
	case status == http.StatusUnauthorized:
		return nil, err // the token itself is refused
	case status >= 400 && status < 500:
		return nil, refused("Canvas refuses the launch", err)
	case isPage(err):
		return nil, never("Canvas shows a page instead of a launch: the course has no such tool any more")
	case odd(err):
		return nil, never("Canvas' launch has an unknown form: " + shape(err))
	case err != nil:
		return nil, quiet(err)
	case answer.URL == nil:
		return nil, never("Canvas' launch has no URL")
	}
	link, err := url.Parse(*answer.URL)
	if err != nil || !sameServer(link, base) {
		return nil, never("Canvas' launch leads to another server, as that of an LTI 1.3 tool may")
	}
	return link, nil
}

// form fetches the page behind a launch link, which works once, and returns the form for Zoom in it.
func (c *client) form(ctx context.Context, link *url.URL) (url.Values, *url.URL, error) {
	var page []byte
	request := rest.Request{Path: strings.TrimPrefix(link.EscapedPath(), "/"), Query: link.Query(), Attempts: 1}
	if base, err := url.Parse(c.pages.Base); err == nil { // CANVAS_URL may have a path
		request.Path = strings.TrimPrefix(request.Path, strings.TrimPrefix(base.EscapedPath()+"/", "/"))
	}
	client, err := browse(c.pages)
	if err != nil {
		return nil, nil, err
	}
	err = rest.Fetch(ctx, client, request, func(a rest.Answer) error { page = a.Body; return nil })
	away, leaves := rest.Redirected(err)
	switch status := rest.StatusOf(err); {
	case leaves:
		return nil, nil, never(fmt.Sprintf("the launch goes on to %s, as that of an LTI 1.3 tool does", away))
	case status >= 400 && status < 500:
		return nil, nil, again(onPage, refused("Canvas refuses the launch page", err))
	case err != nil:
		return nil, nil, again(onPage, quiet(err))
	}
	tool, host := "", ""
	for _, f := range forms(page) {
		action, err := link.Parse(f.action)
		switch {
		case err != nil:
		case f.logsIn():
			tool = "an LTI 1.3 tool, whose login cannot be followed"
		case f.launches() && !f.whole:
			return nil, nil, again(onPage, never("the launch page ends inside its form"))
		case f.launches() && sameServer(action, c.host):
			return f.fields, action, nil
		case f.launches():
			host = cmp.Or(action.Host, action.Scheme)
		}
	}
	switch {
	case tool != "":
		return nil, nil, never("the launch page belongs to " + tool)
	case host != "":
		return nil, nil, never(fmt.Sprintf("the launch form goes to %s, not to CANVAS.ZOOM_URL", rest.Clean(host, "")))
	}
	why := never("the launch page has no form that launches a tool, as that of a tool which is not set up, or of an LTI 1.3 tool")
	if notSetUp(page) {
		return nil, nil, why
	}
	return nil, nil, again(onPage, why) // a page of something between, or one that is cut
}

// enter sends the form to Zoom, which works once, and reads the session from its page.
func (c *client) enter(ctx context.Context, form url.Values, action *url.URL) (visit, error) {
	client, err := browse(c.zoom)
	if err != nil {
		return visit{}, err
	}
	var page []byte
	request := rest.Request{
		Method: http.MethodPost, Path: strings.TrimPrefix(action.EscapedPath(), "/"), Query: action.Query(), Form: form, Attempts: 1,
		Header: http.Header{"Accept": {"text/html"}},
	}
	err = rest.Fetch(ctx, client, request, func(a rest.Answer) error { page = a.Body; return nil })
	away, leaves := rest.Redirected(err)
	switch status := rest.StatusOf(err); {
	case leaves:
		return visit{}, never(fmt.Sprintf("Zoom sends the launch on to %s", away))
	case status >= 400 && status < 500:
		return visit{}, again(inZoom, refused("Zoom refuses the launch", err))
	case err != nil:
		return visit{}, again(inZoom, quiet(err))
	}
	s := readSession(page)
	switch {
	case s.scid == "" && s.token == "":
		return visit{}, again(inZoom, never("Zoom's page has neither scid nor token: may the user of CANVAS.CANVAS_TOKEN open Zoom here?"))
	case s.scid == "":
		return visit{}, again(inZoom, never("Zoom's page has no scid"))
	case s.token == "":
		return visit{}, again(inZoom, never("Zoom's page has no "+tokenName))
	}
	return visit{client, s}, nil
}

// quiet is err without what the server itself said, which may be about a person.
func quiet(err error) error {
	var status *rest.StatusError
	if !errors.As(err, &status) || status.Message == "" {
		return err
	}
	mute := *status
	mute.Message = ""
	return fault.New(fault.ClassOf(err), fault.HintOf(err), &mute)
}
