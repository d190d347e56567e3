package campus

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// zoomBase is the path under which the campus serves Zoom.
const zoomBase = "/zoom"

// launchLife is how long a launch may be fetched.
const launchLife = 5 * time.Minute

// launches are the tools about to be opened. Each can be fetched once. The zero value is ready.
type launches struct {
	mu   sync.Mutex
	open map[string]launch // by verifier
	life time.Duration     // 0: launchLife
}

type launch struct {
	course  int
	tool    university.Tool
	expires time.Time
}

// start returns the verifier of a new launch.
func (l *launches) start(course int, tool university.Tool) string {
	var random [64]byte
	_, _ = rand.Read(random[:]) // never fails
	verifier := hex.EncodeToString(random[:])
	l.mu.Lock()
	defer l.mu.Unlock()
	now, life := time.Now(), l.life
	if life == 0 {
		life = launchLife
	}
	if l.open == nil {
		l.open = map[string]launch{}
	}
	for v, old := range l.open {
		if old.expires.Before(now) {
			delete(l.open, v)
		}
	}
	l.open[verifier] = launch{course, tool, now.Add(life)}
	return verifier
}

// take returns a launch, which is used up thereby.
func (l *launches) take(verifier string) (launch, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.open[verifier]
	delete(l.open, verifier)
	return one, ok && time.Now().Before(one.expires)
}

// putBack undoes take: who goes over the rate limit does not get as far as the launch.
func (l *launches) putBack(verifier string, one launch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[verifier] = one
}

// sessionlessLaunch answers with a link that opens a tool without a login.
func (c *Campus) sessionlessLaunch(q *call) *reply {
	i, found := q.findCourse()
	if !found {
		return notFound()
	}
	course := q.day.Course(i).ID
	if !q.query.Has("id") && !q.query.Has("url") {
		return jsonReply(http.StatusBadRequest, map[string]any{"errors": map[string]any{
			"id": []any{map[string]string{"attribute": "id", "message": "A tool id, tool url, or module item id must be provided", "type": "id"}},
		}})
	}
	id, _ := strconv.ParseInt(q.query.Get("id"), 10, 64)
	tool, found := q.day.Tool(i, id)
	if !found {
		rep := textReply(http.StatusFound, "text/html", "<html><body>You are being redirected.</body></html>")
		rep.header["location"] = []string{fmt.Sprintf("%s/courses/%d", q.base, course)}
		return rep
	}
	link := fmt.Sprintf("%s/courses/%d/external_tools/sessionless_launch?verifier=%s", q.base, course, c.launches.start(i, tool))
	if tool.Launch == university.LaunchLogin {
		link = fmt.Sprintf("%s/courses/%d/external_tools/%d?display=borderless&session_token=%s", q.base, course, tool.ID, c.launches.start(i, tool))
	}
	return ok(map[string]any{"id": tool.ID, "name": tool.Name, "url": link})
}

// coursePage is what a person's browser sees of a course.
func (c *Campus) coursePage(q *call) *reply {
	return textReply(http.StatusOK, "text/html", "<!DOCTYPE html>\n<html><body><h1>Course "+strconv.FormatInt(q.id("course"), 10)+"</h1></body></html>\n")
}

// launchPage serves the page behind a launch link. It asks for no token; the link itself is the credential. Once
// looked at, the launch is gone, also if the page then gets lost on its way.
func (c *Campus) launchPage(w http.ResponseWriter, r *http.Request) {
	defer c.stats.begin("launch page", "none")()
	for _, b := range c.opts.Breaks {
		if strings.HasPrefix(r.URL.Path, b.Prefix) {
			c.send(w, broken(b.Status))
			return
		}
	}
	one, valid := c.launches.take(verifierOf(r))
	if !valid {
		c.send(w, textReply(http.StatusNotFound, "text/html",
			"<!DOCTYPE html>\n<html><body>Cannot locate launch request, please try again.</body></html>\n"))
		return
	}
	day := c.day.Load()
	// The verifier differs each time; which launch fails must not.
	fault, _ := c.faults.next(fmt.Sprintf("launch page %d %d %s", one.course, one.tool.ID, day.Date()), 1, nil)
	if fault != none {
		c.stats.fault(string(fault))
		if isRefusal(fault) {
			c.launches.putBack(verifierOf(r), one)
		}
		if rep := fault.replacement(); rep != nil {
			c.deliver(w, rep, fault)
			return
		}
	}
	service := c.serviceTime(r, nil, &reply{})
	if fault == faultStall {
		service += c.opts.Stall
	}
	pause(r.Context(), service)
	if r.URL.Query().Has("session_token") && one.course%2 == 1 { // first a session, then the page itself
		rep := textReply(http.StatusFound, "text/html", "<html><body>You are being redirected.</body></html>")
		rep.header["location"] = []string{"http://" + r.Host + r.URL.Path + "?display=borderless"}
		rep.header["set-cookie"] = []string{launchCookie + "=" + c.launches.start(one.course, one.tool) + "; path=/; HttpOnly"}
		c.deliver(w, rep, fault)
		return
	}
	c.deliver(w, c.toolPage(day, one, "http://"+r.Host), fault)
}

// launchCookie holds the session that a session token opened.
const launchCookie = "canvas_session"

// verifierOf returns what a request shows to open a launch.
func verifierOf(r *http.Request) string {
	q := r.URL.Query()
	if v := q.Get("verifier") + q.Get("session_token"); v != "" {
		return v
	}
	if cookie, err := r.Cookie(launchCookie); err == nil {
		return cookie.Value
	}
	return ""
}
