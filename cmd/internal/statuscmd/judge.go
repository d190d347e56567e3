package statuscmd

import (
	"math"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// judge tells what is late and what is stale.
func (s *Status) judge(maxAge time.Duration) {
	if maxAge > 0 {
		s.MaxAge = brief(maxAge)
	}
	for i := range s.Jobs {
		for n := range s.Jobs[i].Tables {
			t := &s.Jobs[i].Tables[n]
			s.judgeTable(t)
			if maxAge == 0 {
				continue
			}
			if t.State == Missing || t.State == Unread || t.age > maxAge {
				s.Stale = append(s.Stale, string(t.Table))
			}
			if m := t.MySQL; m != nil && (m.Date.IsZero() || !m.AsOf.IsZero() && s.At.Sub(m.AsOf) > maxAge) {
				s.Stale = append(s.Stale, "mysql:"+t.Table.Name())
			}
		}
	}
}

func (s *Status) judgeTable(t *Table) {
	if t.Date.IsZero() {
		return
	}
	switch days := daysBetween(t.Date, s.Today); days {
	case 0:
		t.State = Today
	case 1:
		t.State = Yesterday
	default:
		t.State, t.DaysLate = Late, days-1
	}
	asOf := t.AsOf
	if asOf.IsZero() {
		asOf = t.Date.Time()
	}
	t.age = max(0, s.At.Sub(asOf))
	t.AgeHours = math.Round(t.age.Hours()*10) / 10
}

func daysBetween(a, b lake.Date) int { return int(b.Time().Sub(a.Time()) / (24 * time.Hour)) }

// brief writes a duration without the units that are zero at its end.
func brief(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
