package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

type hourRow struct {
	Hour   string `parquet:"event_hour_utc,dict" doc:"hour of the starts, YYYY-MM-DD HH in UTC"`
	Course int64  `parquet:"course_id" doc:"Canvas' id of the course in which the media was started"`
	Count  int64  `parquet:"event_count" doc:"number of starts"`
}

type mediaRow struct {
	ID        string    `parquet:"id" doc:"Kaltura's id of the media"`
	CreatedAt time.Time `parquet:"created_at,timestamp(microsecond)"`
	Name      string    `parquet:"name"`
}

type mediaCourseRow struct {
	Media     string `parquet:"media_id"`
	Course    int64  `parquet:"course_id"`
	InContext bool   `parquet:"in_context"`
}

type eventRow struct {
	ID string    `parquet:"event_id"`
	At time.Time `parquet:"event_time,timestamp(microsecond)"`
}

func span(from, to string) *lake.Interval { return &lake.Interval{From: at(from), To: at(to)} }

var (
	hours   = lake.Curated("mivideo_media_started_hourly")
	media   = lake.Curated("mivideo_media_created")
	courses = lake.Curated("mivideo_media_courses")
	events  = lake.Raw("udp", "event")
)

func TestHours(t *testing.T) {
	l := openLake(t, t.TempDir())
	key := []string{"event_hour_utc", "course_id"}
	publish(t, l, snapshot[hourRow]{table: hours, date: "2026-03-02", key: key, interval: span("2026-02-28 12:30", "2026-03-02"), rows: []hourRow{
		{"2026-02-28 12", 42, 1}, {"2026-03-01 21", 42, 5}, {"2026-03-01 22", 42, 7}, {"2026-03-01 23", 42, 9}, {"2026-03-01 23", 43, 1},
	}})
	publish(t, l, snapshot[hourRow]{table: hours, date: "2026-03-03", key: key, interval: span("2026-03-01 22:30", "2026-03-03"), rows: []hourRow{
		{"2026-03-01 22", 42, 3}, {"2026-03-01 23", 42, 10}, {"2026-03-02 05", 42, 4},
	}})
	rebuild(t, l)
	d := openDuck(t, l)
	query := "SELECT * FROM curated.mivideo_media_started_hourly%s ORDER BY ALL"
	d.want(t, fmt.Sprintf(query, ""), "2026-02-28 12 | 42 | 1", "2026-03-01 21 | 42 | 5", "2026-03-01 22 | 42 | 7", "2026-03-01 23 | 42 | 10", "2026-03-02 05 | 42 | 4")
	d.want(t, fmt.Sprintf(query, "_asof('2026-03-02')"), "2026-02-28 12 | 42 | 1", "2026-03-01 21 | 42 | 5", "2026-03-01 22 | 42 | 7", "2026-03-01 23 | 42 | 9", "2026-03-01 23 | 43 | 1")
	d.want(t, "SELECT dt, sum(event_count) FROM curated.mivideo_media_started_hourly_all GROUP BY dt ORDER BY dt", "2026-03-02 | 23", "2026-03-03 | 17")
	d.refused(t, fmt.Sprintf(query, "_asof('2026-03-01')"), "begins on 2026-03-02")
	d.want(t, "SELECT comment FROM duckdb_views() WHERE view_name = 'mivideo_media_started_hourly'", "every hour once, as the newest date tells that saw it wholly, up to 2026-03-03 00:00")
}

// TestHoursOfAnyIntervals lets dates see any hours and compares with the rule, said for one hour.
func TestHoursOfAnyIntervals(t *testing.T) {
	l := openLake(t, t.TempDir())
	random := rand.New(rand.NewPCG(7, 7))
	begin := at("2026-03-01")
	type claim struct{ from, to time.Time }
	var claims []claim
	first := day("2026-04-01")
	for i := range 30 {
		from := begin.Add(time.Duration(random.IntN(40*4)) * 15 * time.Minute)
		c := claim{from, from.Add(time.Duration(1+random.IntN(10*4)) * 15 * time.Minute)}
		s := snapshot[hourRow]{table: hours, date: first.AddDays(i).String(), interval: &lake.Interval{From: c.from, To: c.to}}
		for h := from.Truncate(time.Hour); h.Before(c.to); h = h.Add(time.Hour) {
			s.rows = append(s.rows, hourRow{h.Format("2006-01-02 15"), 42, int64(i)})
		}
		publish(t, l, s)
		claims = append(claims, c)
	}
	rebuild(t, l)
	d := openDuck(t, l)
	for _, last := range []int{0, 11, 29} {
		var want []string
		for h := begin; h.Before(begin.Add(60 * time.Hour)); h = h.Add(time.Hour) {
			whole, part := -1, -1
			for i, c := range claims[:last+1] {
				if !c.from.After(h) && !c.to.Before(h.Add(time.Hour)) {
					whole = i
				} else if c.from.Before(h.Add(time.Hour)) && c.to.After(h) {
					part = i
				}
			}
			if owner := max(whole, part); whole >= 0 {
				want = append(want, fmt.Sprintf("%s | 42 | %d", h.Format("2006-01-02 15"), whole))
			} else if owner >= 0 {
				want = append(want, fmt.Sprintf("%s | 42 | %d", h.Format("2006-01-02 15"), owner))
			}
		}
		d.want(t, fmt.Sprintf("FROM curated.mivideo_media_started_hourly_asof('%s') ORDER BY ALL", first.AddDays(last)), want...)
	}
}

func TestMedia(t *testing.T) {
	l := openLake(t, t.TempDir())
	made := at("2026-03-01 10:00")
	for _, s := range []snapshot[mediaRow]{
		{table: media, date: "2026-03-02", interval: span("2026-02-01", "2026-03-02"), rows: []mediaRow{{"a", made, "draft"}, {"b", made, "talk"}}},
		{table: media, date: "2026-03-03", interval: span("2026-03-01", "2026-03-03"), rows: []mediaRow{{"a", made, "film"}}},
	} {
		publish(t, l, s)
	}
	publish(t, l, snapshot[mediaCourseRow]{table: courses, date: "2026-03-02", interval: span("2026-02-01", "2026-03-02"), rows: []mediaCourseRow{{"a", 1, true}, {"b", 2, true}}})
	publish(t, l, snapshot[mediaCourseRow]{table: courses, date: "2026-03-03", interval: span("2026-03-01", "2026-03-03")}) // a is in no course any more
	rebuild(t, l)
	d := openDuck(t, l)
	d.want(t, "SELECT id, name FROM curated.mivideo_media_created ORDER BY id", "a | film", "b | talk")
	d.want(t, "FROM curated.mivideo_media_courses", "b | 2 | true")
	d.want(t, "FROM curated.mivideo_media_courses_asof('2026-03-02') ORDER BY media_id", "a | 1 | true", "b | 2 | true")
}

func TestEvents(t *testing.T) {
	l := openLake(t, t.TempDir())
	publish(t, l, snapshot[eventRow]{table: events, date: "2026-03-02", interval: span("2026-03-01", "2026-03-02"), rows: []eventRow{{"a", at("2026-03-01 10:00")}, {"b", at("2026-03-01 23:00")}}})
	publish(t, l, snapshot[eventRow]{table: events, date: "2026-03-03", interval: span("2026-03-01 22:00", "2026-03-03"), rows: []eventRow{{"b", at("2026-03-01 23:00")}, {"late", at("2026-03-01 23:30")}, {"c", at("2026-03-02 01:00")}}})
	rebuild(t, l)
	d := openDuck(t, l)
	d.want(t, "SELECT event_id FROM raw_udp.event ORDER BY ALL", "a", "b", "c", "late")
	d.want(t, "SELECT event_id FROM raw_udp.event_asof('2026-03-02') ORDER BY ALL", "a", "b")
}

// TestUnknownIncrement keeps of a table that has no rule the newest rows of each key.
func TestUnknownIncrement(t *testing.T) {
	l := openLake(t, t.TempDir())
	for date, name := range map[string]string{"2026-03-02": "old", "2026-03-03": "new"} {
		s := things1(date, name)
		s.interval = span("2026-03-01", date)
		if name == "old" {
			s.rows = append(s.rows, thing{2, "only once"})
		}
		publish(t, l, s)
	}
	rebuild(t, l)
	openDuck(t, l).want(t, "FROM raw_test.thing ORDER BY id", "1 | new", "2 | only once")
}
