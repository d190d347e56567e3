package load_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

type startedHour struct {
	Hour     string    `parquet:"event_hour_utc,dict"`
	CourseID int64     `parquet:"course_id"`
	Latest   time.Time `parquet:"event_time_utc_latest,timestamp(microsecond)"`
	Count    int64     `parquet:"event_count"`
}

type media struct {
	ID        string    `parquet:"id,dict"`
	CreatedAt time.Time `parquet:"created_at,timestamp(microsecond)"`
	Name      string    `parquet:"name"`
	Duration  int64     `parquet:"duration"`
}

type mediaCourse struct {
	MediaID   string `parquet:"media_id,dict"`
	CourseID  int64  `parquet:"course_id"`
	InContext bool   `parquet:"in_context"`
}

var mivideo = named("MIVIDEO")

func named(name string) job.Job {
	jobs, err := job.Select([]string{name})
	if err != nil {
		panic(err)
	}
	return jobs[0]
}

func planOf(j job.Job, from, to lake.Date) load.Plan {
	p := plan(to)
	p.Jobs, p.From = []job.Job{j}, from
	return p
}

// night is what one date tells of an interval.
type night struct {
	date    lake.Date
	from    time.Time
	started []startedHour
	media   []media
	courses []mediaCourse
}

func (n night) commit(t testing.TB, l *lake.Lake) {
	t.Helper()
	run := lake.NewRunID(time.Now())
	m := func(table lake.Table, inputs []lake.Input, key ...string) lake.Manifest {
		return lake.Manifest{Table: table, Date: n.date, Run: run, Key: key, Inputs: inputs, Interval: &lake.Interval{From: n.from, To: n.date.Time()}}
	}
	raw := func(source, name string, asOf time.Time) []lake.Input {
		r := m(lake.Raw(source, name), nil, "event_hour_utc")
		r.SourceAsOf = asOf
		return []lake.Input{commitManifest(t, l, r, n.started).Input()}
	}
	events := raw("udp", "event", n.date.Time())
	entries := raw("kaltura", "media", n.date.Time().Add(7*time.Hour))
	commitManifest(t, l, m(lake.Curated("mivideo_media_started_hourly"), events, "event_hour_utc", "course_id"), n.started)
	commitManifest(t, l, m(lake.Curated("mivideo_media_created"), entries, "id"), n.media)
	commitManifest(t, l, m(lake.Curated("mivideo_media_courses"), entries, "media_id", "course_id", "in_context"), n.courses)
}

func hourOf(t time.Time) string { return t.UTC().Format("2006-01-02 15") }

// wantMIVIDEO is what the tables hold after the last loads of these nights, in any order: hour by hour the newest night
// that saw it whole, else the newest that saw a part; media by media the newest night that tells of it.
func wantMIVIDEO(nights []night) map[string]string {
	nights = slices.SortedFunc(slices.Values(nights), func(a, b night) int { return a.date.Compare(b.date) })
	owner := map[string]int{}
	for _, whole := range []bool{false, true} {
		for i, n := range nights {
			for h := n.from.Truncate(time.Hour); h.Before(n.date.Time()); h = h.Add(time.Hour) {
				if !whole || !h.Before(n.from) {
					owner[hourOf(h)] = i
				}
			}
		}
	}
	told := map[string]int{}
	var lines [3][]string
	for i, n := range nights {
		for _, r := range n.started {
			if owner[r.Hour] == i {
				lines[0] = append(lines[0], fmt.Sprintln(r.Hour, r.CourseID, r.Latest.Truncate(time.Second).Format(time.DateTime), r.Count))
			}
		}
		for _, r := range n.media {
			told[r.ID] = i
		}
	}
	for i, n := range nights {
		for _, r := range n.media {
			if told[r.ID] == i {
				lines[1] = append(lines[1], fmt.Sprintln(r.ID, r.CreatedAt.Truncate(time.Second).Format(time.DateTime), r.Name, r.Duration))
			}
		}
		for _, r := range n.courses {
			if told[r.MediaID] == i {
				lines[2] = append(lines[2], fmt.Sprintln(r.MediaID, r.CourseID, map[bool]int{true: 1}[r.InContext]))
			}
		}
	}
	want := map[string]string{}
	for i, table := range mivideo.Tables {
		slices.Sort(lines[i])
		if text := strings.Join(lines[i], ""); text != "" {
			want[table] = text
		}
	}
	return want
}

// videos is a source in which events arrive late, media changes, and both may vanish.
type videos struct {
	*rand.Rand
	start  time.Time
	events []event
	media  []media
}

type event struct {
	at, arrived, gone time.Time
	course            int64
}

func newVideos(r *rand.Rand, start time.Time, days int) *videos {
	v := &videos{Rand: r, start: start}
	span := time.Duration(days) * 24 * time.Hour
	for range 40 * days {
		at := start.Add(time.Duration(r.Int64N(int64(span)))).Truncate(time.Microsecond)
		e := event{at: at, arrived: at, gone: at.Add(1e6 * time.Second), course: 1 + r.Int64N(3)}
		if r.IntN(4) == 0 {
			e.arrived = at.Add(time.Duration(r.Int64N(int64(4 * 24 * time.Hour))))
		}
		if r.IntN(8) == 0 {
			e.gone = at.Add(time.Duration(r.Int64N(int64(4 * 24 * time.Hour))))
		}
		v.events = append(v.events, e)
	}
	for i := range 4 * days {
		v.media = append(v.media, media{ID: fmt.Sprintf("0_%02dx", i), CreatedAt: start.Add(time.Duration(r.Int64N(int64(span)))).Truncate(time.Second)})
	}
	return v
}

// night reads the interval up to d some time after it.
func (v *videos) night(d lake.Date) night {
	now := d.Time().Add(time.Duration(v.Int64N(int64(40 * time.Hour))))
	n := night{date: d, from: v.start}
	switch back := d.Time().Add(-time.Duration(1+v.IntN(4)) * 24 * time.Hour); {
	case v.IntN(8) == 0:
	case back.Before(v.start):
		n.from = v.start.Add(time.Duration(v.IntN(3)) * 15 * time.Minute)
	case v.IntN(4) == 0:
		n.from = back.Add(time.Duration(v.Int64N(int64(20 * time.Hour)))).Truncate(time.Second)
	default:
		n.from = back
	}
	inside := func(t time.Time) bool { return !t.Before(n.from) && t.Before(d.Time()) }
	type group struct {
		hour   string
		course int64
	}
	groups := map[group]startedHour{}
	for _, e := range v.events {
		if !inside(e.at) || now.Before(e.arrived) || !now.Before(e.gone) {
			continue
		}
		g := group{hourOf(e.at), e.course}
		r := groups[g]
		r.Hour, r.CourseID, r.Count = g.hour, g.course, r.Count+1
		if r.Latest.Before(e.at) {
			r.Latest = e.at
		}
		groups[g] = r
	}
	n.started = slices.SortedFunc(maps.Values(groups), func(a, b startedHour) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.CourseID, b.CourseID))
	})
	for _, m := range v.media {
		if !inside(m.CreatedAt) || v.IntN(5) == 0 {
			continue
		}
		m.Name, m.Duration = fmt.Sprintf("Title%d", v.IntN(3)), v.Int64N(100)
		n.media = append(n.media, m)
		for c := range int64(3) {
			for _, inContext := range []bool{false, true} {
				if v.IntN(3) == 0 {
					n.courses = append(n.courses, mediaCourse{m.ID, large + c, inContext})
				}
			}
		}
	}
	return n
}
