package rest

import (
	"math"
	"net/http"
	"time"
)

// fits returns how many more requests the bucket would have borne when the answer was sent. It is
// negative where the bucket is over its mark.
func (p *polite) fits(h http.Header) (int, bool) {
	if p.bucket == nil || h == nil {
		return 0, false
	}
	remaining, known := p.bucket.Remaining(h)
	if !known {
		return 0, false
	}
	p.pace.Remaining = remaining
	q := &p.pace.Quota
	if q.AtOnce == 0 {
		q.Least, q.Most = remaining, remaining
	}
	q.Least, q.Most = min(q.Least, remaining), max(q.Most, remaining)
	q.AtOnce = max(q.AtOnce, p.active+1) // the answered one too
	// One that would fill the bucket to the mark exactly is refused.
	return int(math.Ceil(remaining/p.bucket.Reserve)) - 1, true
}

// Rounds of answers, as many as requests may be under way, after which the limit moves by itself.
const (
	riseRounds = 2
	fullRounds = 12
)

// fit adapts the limit to the room in the bucket: the requests under way and those that still fit.
//
// The room tells of all users of a token. Once the bucket has been full for a while, a quarter is given back and taken
// again one by one. That lets newcomers in, whose first request else never fits, and as every limiter takes at
// the same speed but gives in proportion, they come to equal shares without knowing of each other, as connections on
// one line do. Who finds not even the place of its own answer free, because somebody was quicker, gives up half.
func (p *polite) fit(f Feedback, fits int) {
	room := p.active + fits
	// Requests that the source has not met yet make the room look larger than it is: the least counts.
	if p.good == 1 || room < p.least {
		p.least = room
	}
	if p.daring {
		p.dare(room)
		return
	}
	switch {
	case fits <= 0 && !f.Started.Before(p.halved):
		p.fall(min(p.limit/2, room))
		p.halved = time.Now()
	case room < p.limit:
		p.fall(room)
	case p.limit < p.max && p.good >= riseRounds*p.limit && p.least > p.limit:
		p.rise()
	case p.limit < p.max && p.good >= fullRounds*p.limit:
		p.fall(p.limit - (p.limit+3)/4)
	}
}

// dare raises the limit with every answer, up to the room that the first one told of, when nothing else was under way.
func (p *polite) dare(room int) {
	if p.pace.Answered == 1 {
		p.room = room
	}
	if room = min(room, p.room, p.max); p.limit < room {
		p.rise()
		return
	}
	p.fall(min(p.limit, room))
}

// fall lowers the limit and ends the daring.
func (p *polite) fall(limit int) {
	p.limit, p.good, p.daring = max(1, limit), 0, false
}

func (p *polite) rise() {
	p.limit++
	p.good = 0
}

// pause starts a pause, unless the refused request went out before the last one began: a wave of
// refusals is one.
func (p *polite) pause(f Feedback) {
	now := time.Now()
	d := min(f.RetryAfter, maxPause)
	if !f.Started.Before(p.paused) {
		d = max(d, min(maxPause, p.first<<min(p.refusals, 10)))
		p.refusals++
		p.paused = now
		p.fall(p.limit / 2)
	}
	if until := now.Add(d); until.After(p.until) {
		p.until = until
	}
}
