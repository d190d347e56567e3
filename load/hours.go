package load

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// hours are the hours [from, to), counted from 1970 in UTC.
type hours struct{ from, to int64 }

func (h hours) contains(hr int64) bool { return h.from <= hr && hr < h.to }

// hourText returns an hour as the tables write it.
func hourText(h int64) string { return time.Unix(h*3600, 0).UTC().Format("2006-01-02 15") }

// claim is what a loaded date says it covers: hours that it saw wholly, and hours of which it saw at least a part.
type claim struct {
	date        lake.Date
	whole, seen hours
}

func newClaim(d lake.Date, i lake.Interval) claim {
	down := func(t time.Time) int64 { return t.Truncate(time.Hour).Unix() / 3600 }
	up := func(t time.Time) int64 { return down(t.Add(time.Hour - time.Nanosecond)) }
	return claim{date: d, whole: hours{up(i.From), down(i.To)}, seen: hours{down(i.From), up(i.To)}}
}

// owner returns whose rows an hour shows: the newest date that saw it wholly, else the newest that saw a part of it.
func owner(claims []claim, hour int64) (lake.Date, bool) {
	var best claim
	found, whole := false, false
	for _, c := range claims {
		w := c.whole.contains(hour)
		switch {
		case !c.seen.contains(hour), whole && !w, found && whole == w && !best.date.Before(c.date):
			continue
		}
		best, found, whole = c, true, w
	}
	return best.date, found
}

// shares says what becomes of the hours that a load touches.
type shares struct {
	take  map[lake.Date][]hours // hours that get the rows of a date: the loaded one, or an older one where it withdrew
	clear []hours               // hours that nobody claims any more
}

// share compares who owned each hour before a date's claim changed, in before, with who owns it now, in after.
// Hours of other dates are left alone.
func share(date lake.Date, before, after []claim) shares {
	var cuts []int64
	mine := func(c claim) bool { return c.date == date }
	for _, c := range slices.Concat(before, after) {
		cuts = append(cuts, c.whole.from, c.whole.to, c.seen.from, c.seen.to)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	s := shares{take: map[lake.Date][]hours{}}
	for i := 1; i < len(cuts); i++ {
		part := hours{cuts[i-1], cuts[i]}
		touched := func(c claim) bool { return mine(c) && c.seen.contains(part.from) }
		if !slices.ContainsFunc(before, touched) && !slices.ContainsFunc(after, touched) {
			continue
		}
		old, _ := owner(before, part.from)
		now, has := owner(after, part.from)
		switch {
		case has && (now == date || old != now):
			s.take[now] = join(s.take[now], part)
		case !has:
			s.clear = join(s.clear, part)
		}
	}
	return s
}

// all returns all hours that change hands or are written again.
func (s shares) all() []hours {
	all := slices.Concat(slices.Collect(maps.Values(s.take))...)
	all = append(all, s.clear...)
	slices.SortFunc(all, func(a, b hours) int { return cmp.Compare(a.from, b.from) })
	var joined []hours
	for _, h := range all {
		joined = join(joined, h)
	}
	return joined
}

// join adds hours at the end of a list, to its last entry where they follow it at once.
func join(list []hours, h hours) []hours {
	if n := len(list); n > 0 && list[n-1].to == h.from {
		list[n-1].to = h.to
		return list
	}
	return append(list, h)
}
