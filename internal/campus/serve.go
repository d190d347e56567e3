package campus

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// call is a request on its way through an endpoint of Canvas.
type call struct {
	*http.Request
	day     *university.Day
	rights  Rights
	query   url.Values
	base    string // scheme and host for links
	body    []byte
	hostile bool   // lists shift, connections repeat rows
	fault   kind   // one that the endpoint itself must act out
	victim  uint64 // chooses what the fault hits
}

// id returns the number in a path parameter, or 0.
func (q *call) id(name string) int64 {
	n, err := strconv.ParseInt(q.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// link returns a linker for the list being asked for.
func (q *call) link() linker { return newLinker(q.base+q.URL.Path, q.query) }

// identity tells requests apart for the injection of faults. The port that the campus
// happens to listen on is no part of it.
func (q *call) identity() string {
	return strings.Join([]string{
		q.Method, strings.TrimPrefix(q.base, "http://"+q.Host), q.URL.Path, q.query.Encode(), string(q.body), q.day.Date().String(),
	}, "\n")
}

// endpoint answers a call that has passed authentication and the rate limit.
type endpoint func(*Campus, *call) *reply

// baseKey holds the base of links where it is not the request's own host.
type baseKey struct{}

// serve wraps an endpoint with everything that Canvas does around it.
func (c *Campus) serve(name string, answer endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return // the client is gone
		}
		cred := credentialOf(r, body)
		end := c.stats.begin(name, c.tokenName(cred.value))
		defer end()

		var b *bucket
		if cred.throttle != "" {
			b = c.bucketOf(cred.throttle)
			if !b.reserve(time.Now()) {
				c.stats.refusal(c.tokenName(cred.value))
				rep := refused(c.opts.Limits.Status)
				setRemaining(rep, b.settle(0, time.Now()))
				c.send(w, rep)
				return
			}
		}
		rep, fault := c.answer(r, body, cred, answer)
		service := c.serviceTime(r, body, rep)
		took := time.Duration(float64(service) / c.opts.Speed)
		if fault == faultStall {
			took += c.opts.Stall
		}
		pause(r.Context(), took)
		cost := c.opts.Cost * (0.002*rep.weight + service.Seconds()) // waiting costs nothing
		c.stats.spent(service, cost)
		if b != nil {
			remaining := b.settle(cost, time.Now())
			if !isRefusal(fault) {
				rep.header["x-request-cost"] = []string{strconv.FormatFloat(cost, 'f', -1, 64)}
			}
			setRemaining(rep, remaining)
		}
		c.deliver(w, rep, fault)
	}
}

// answer works out the true answer, or what is sent in its place.
func (c *Campus) answer(r *http.Request, body []byte, cred credential, answer endpoint) (*reply, kind) {
	t, refusal := c.authenticate(cred)
	if refusal != nil {
		return refusal, none
	}
	for _, b := range c.opts.Breaks {
		if strings.HasPrefix(r.URL.Path, b.Prefix) {
			return broken(b.Status), none
		}
	}
	if t.name == "canvas" && c.opts.closedPath(r.URL.Path) {
		rep := forbidden()
		rep.status = c.opts.ClosedStatus
		return rep, none
	}
	q := &call{Request: r, day: c.day.Load(), rights: t.rights, query: r.URL.Query(), body: body, base: "http://" + r.Host, hostile: c.opts.Profile == Hostile}
	if base, ok := r.Context().Value(baseKey{}).(string); ok {
		q.base = base
	}
	var own []kind
	if r.Method == http.MethodPost {
		own = graphqlKinds
	}
	fault, victim := c.faults.next(q.identity(), 1, own)
	if fault != none {
		c.stats.fault(string(fault))
		if rep := fault.replacement(); rep != nil {
			return rep, fault
		}
		q.fault, q.victim = fault, victim
	}
	rep := answer(c, q)
	if strings.Contains(r.Header.Get("Accept"), "application/json+canvas-string-ids") {
		rep.body = stringIDs(rep.body)
	}
	return rep, fault
}

func isRefusal(k kind) bool { return k == faultLimit403 || k == faultLimit429 }

func setRemaining(rep *reply, remaining float64) {
	rep.header["x-rate-limit-remaining"] = []string{strconv.FormatFloat(remaining, 'f', -1, 64)}
}

// serviceTime is how long the request takes: always the same for the same request.
func (c *Campus) serviceTime(r *http.Request, body []byte, rep *reply) time.Duration {
	if c.opts.Latency == 0 {
		return 0
	}
	x := scramble(c.opts.Seed)
	for _, b := range []byte(r.URL.RequestURI() + string(body)) {
		x = x*31 + uint64(b)
	}
	jitter := 0.7 + 0.6*float64(scramble(x)%1000)/1000
	extra := 1.0
	if r.Method == http.MethodPost {
		extra += 0.1 * max(0, rep.weight-1)
	}
	return time.Duration(float64(c.opts.Latency) * jitter * extra)
}

// tokenName returns a token's name for statistics.
func (c *Campus) tokenName(value string) string {
	for _, t := range c.tokens {
		if t.value == value {
			return t.name
		}
	}
	return "unknown"
}
