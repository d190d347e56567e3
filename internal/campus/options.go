package campus

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Profile says how well the servers behave.
type Profile string

// The profiles, from kind to unkind.
const (
	Clean     Profile = "clean"     // no faults; the rate limit applies as always
	Throttled Profile = "throttled" // somebody else uses up most of the token's bucket now and then
	Flaky     Profile = "flaky"     // one request in twenty fails in one of many ways
	Hostile   Profile = "hostile"   // one in seven fails, pages shift, GraphQL repeats and skips rows
)

// ParseProfile returns the profile of that name.
func ParseProfile(name string) (Profile, error) {
	switch p := Profile(name); p {
	case Clean, Throttled, Flaky, Hostile:
		return p, nil
	}
	return "", fmt.Errorf("profile %q: want clean, throttled, flaky or hostile", name)
}

// Rights says what a token may not do. The zero value may do everything.
type Rights struct {
	NoSIS       bool // every SIS key is absent
	NoAudit     bool // the audit log is refused
	NoAnalytics bool // course activity is refused
	NoRoster    bool // enrollments are refused; GraphQL's connections are null
	ReadOnly    bool // accounts come in their short form
}

// Limits are the constants of Canvas' rate limit, in its units.
type Limits struct {
	HighWater float64 // requests are refused at this level; default 600
	Maximum   float64 // the bucket never holds more; default 800
	Outflow   float64 // units that drain per second; default 10
	UpFront   float64 // reserved while a request runs; default 50
	Status    int     // of a refusal: 429, or 403 as before October 2025; default 429
}

// Break is a permanent fault: requests whose path begins with Prefix get Status.
type Break struct {
	Prefix string
	Status int
}

// ParseBreak reads PATH-PREFIX=STATUS.
func ParseBreak(text string) (Break, error) {
	at := strings.LastIndexByte(text, '=')
	if at < 1 {
		return Break{}, fmt.Errorf("break %q: want PATH-PREFIX=STATUS", text)
	}
	status, err := strconv.Atoi(text[at+1:])
	if err != nil || status < 400 || status > 599 {
		return Break{}, fmt.Errorf("break %q: want a status from 400 to 599", text)
	}
	return Break{Prefix: text[:at], Status: status}, nil
}

// Options say which university to serve, and how. The zero value of each is usable.
type Options struct {
	Seed    uint64
	Courses int       // default 50
	Date    time.Time // the first day to serve; default: today
	Epoch   time.Time // first day of the model; default: start of Date's term

	Profile Profile       // default Clean
	Latency time.Duration // of one request, ±30 %; a GraphQL request takes a tenth more per connection after the first
	Speed   float64       // time runs so many times faster: latency and rate limit, not stalls; default 1
	Stall   time.Duration // how long a hostile server hangs; default 3 s
	Cost    float64       // multiplies the cost of requests; default 1
	Limits  Limits

	Rights           Rights        // of the main token
	GatewayTokenLife time.Duration // default 1 h
	RevokeAfter      int           // the main token is refused after so many requests; 0: never
	Breaks           []Break
	NullCourses      []int64 // courses that GraphQL always answers with null
	ClosedCourses    []int64 // courses of which the main token may see nothing but that they exist
	ClosedStatus     int     // of refusals in them: 403, or 401 as before November 2024; default 403
	NoAuditStore     bool    // the installation keeps no audit log
	NoAuditAccounts  bool    // it has none by account
	Orphans          bool    // one enrollment in a hundred has a null section; the truth leaves those out

	ZoomURL      string       // where launches of Zoom lead; default: the campus itself
	WarehouseDSN string       // PostgreSQL to pour the warehouse into; empty: none
	Log          *slog.Logger // nil: silent
}

func (o Options) withDefaults() Options {
	if o.Courses == 0 {
		o.Courses = 50
	}
	if o.Date.IsZero() {
		o.Date = time.Now().UTC()
	}
	if o.Profile == "" {
		o.Profile = Clean
	}
	if o.Profile == Throttled && o.Latency == 0 {
		o.Latency = 10 * time.Millisecond // without any, requests hardly ever meet
	}
	if o.Stall == 0 {
		o.Stall = 3 * time.Second
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Cost == 0 {
		o.Cost = 1
	}
	if o.ClosedStatus == 0 {
		o.ClosedStatus = http.StatusForbidden
	}
	if o.GatewayTokenLife == 0 {
		o.GatewayTokenLife = time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Limits = o.Limits.withDefaults()
	o.Limits.Outflow *= o.Speed
	return o
}

// closed says whether a course is one of the closed ones.
func (o Options) closed(course int64) bool { return slices.Contains(o.ClosedCourses, course) }

// closedPath says whether a path lies below that of a closed course.
func (o Options) closedPath(path string) bool {
	rest, below := strings.CutPrefix(path, "/api/v1/courses/")
	id, _, inside := strings.Cut(rest, "/")
	course, err := strconv.ParseInt(id, 10, 64)
	return below && inside && err == nil && o.closed(course)
}

func (l Limits) withDefaults() Limits {
	def := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.HighWater, 600)
	def(&l.Maximum, 800)
	def(&l.Outflow, 10)
	def(&l.UpFront, 50)
	if l.Status == 0 {
		l.Status = 429
	}
	return l
}
