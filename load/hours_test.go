package load

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func interval(from, to string) lake.Interval {
	parse := func(s string) time.Time {
		t, err := time.Parse("2006-01-02 15:04:05", s)
		if err != nil {
			panic(err)
		}
		return t
	}
	return lake.Interval{From: parse(from), To: parse(to)}
}

func dateOf(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestShare(t *testing.T) {
	first := newClaim(dateOf("2027-01-10"), interval("2027-01-08 10:30:00", "2027-01-10 00:00:00"))
	second := newClaim(dateOf("2027-01-11"), interval("2027-01-09 00:00:00", "2027-01-11 00:00:00"))
	short := newClaim(dateOf("2027-01-11"), interval("2027-01-09 23:00:00", "2027-01-11 00:00:00"))
	texts := func(s shares) map[string][][2]string {
		m := map[string][][2]string{}
		add := func(name string, list []hours) {
			for _, h := range list {
				m[name] = append(m[name], [2]string{hourText(h.from), hourText(h.to)})
			}
		}
		for d, list := range s.take {
			add(d.String(), list)
		}
		add("clear", s.clear)
		return m
	}
	for name, c := range map[string]struct {
		date          string
		before, after []claim
		want          map[string][][2]string
	}{
		"first of all": {"2027-01-10", nil, []claim{first}, map[string][][2]string{"2027-01-10": {{"2027-01-08 10", "2027-01-10 00"}}}},
		"newer on top": {"2027-01-11", []claim{first}, []claim{first, second}, map[string][][2]string{"2027-01-11": {{"2027-01-09 00", "2027-01-11 00"}}}},
		"older below":  {"2027-01-10", []claim{second}, []claim{second, first}, map[string][][2]string{"2027-01-10": {{"2027-01-08 10", "2027-01-09 00"}}}},
		"withdrawn": {"2027-01-11", []claim{first, second}, []claim{first, short}, map[string][][2]string{
			"2027-01-10": {{"2027-01-09 00", "2027-01-09 23"}}, "2027-01-11": {{"2027-01-09 23", "2027-01-11 00"}}}},
		"withdrawn from nothing": {"2027-01-11", []claim{second}, []claim{short}, map[string][][2]string{
			"clear": {{"2027-01-09 00", "2027-01-09 23"}}, "2027-01-11": {{"2027-01-09 23", "2027-01-11 00"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, texts(share(dateOf(c.date), c.before, c.after))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An hour that the newer date saw only in part stays as the date has it that saw it wholly.
func TestOwnerPrefersWholeHours(t *testing.T) {
	whole := newClaim(dateOf("2027-01-10"), interval("2027-01-08 10:00:00", "2027-01-10 00:00:00"))
	part := newClaim(dateOf("2027-01-11"), interval("2027-01-08 10:30:00", "2027-01-11 00:00:00"))
	for range 20 {
		claims := []claim{whole, part}
		rand.Shuffle(2, func(i, j int) { claims[i], claims[j] = claims[j], claims[i] })
		if d, _ := owner(claims, whole.seen.from); d != whole.date {
			t.Fatalf("%s owns the hour", d)
		}
		if d, _ := owner(claims, whole.seen.from+1); d != part.date {
			t.Fatalf("%s owns the next hour", d)
		}
	}
}
