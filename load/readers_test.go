package load_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// look asks for all that belongs together. One statement is one view of the data: all of it must be of one load.
const look = `SELECT (SELECT MAX(dt) FROM load_record), (SELECT COUNT(DISTINCT dt) FROM load_record), (SELECT COUNT(DISTINCT job_run_id) FROM load_record),
	(SELECT MAX(job_run_id) FROM load_record) = (SELECT MAX(id) FROM job_run),
	(SELECT COUNT(*) FROM data_source_status s JOIN job_run r ON r.id = s.job_run_id) = 2 * (SELECT COUNT(*) FROM job_run),
	(SELECT COUNT(*) FROM load_change) = 6 * (SELECT COUNT(*) FROM job_run),
	(SELECT COUNT(*) FROM course), (SELECT SUM(account_id) FROM course), (SELECT COUNT(*) FROM account), (SELECT SUM(course_id) FROM v_course_enrollment_counts),
	(SELECT COUNT(*) FROM enrollment e JOIN course c ON c.canvas_id = e.course_id JOIN course_section s ON s.canvas_id = e.course_section_id),
	(SELECT SUM(e.canvas_id) FROM enrollment e), (SELECT SUM(views) FROM canvas_course_usage)`

// killsVariable says how often TestReaders kills a load, instead of 20 times.
const killsVariable = "LOAD_TEST_KILLS"

// Dashboards that ask all the time see one whole state or another, whenever a load is killed, at its very first as later.
func TestReaders(t *testing.T) {
	kills := 20
	if s := os.Getenv(killsVariable); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	lk, u := openLake(t), first(60)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	states := map[string]string{query(t, db, look): "empty"}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var readers sync.WaitGroup
	seen := make([]map[string]int, 2)
	for i := range seen {
		seen[i] = map[string]int{}
		readers.Go(func() {
			for ctx.Err() == nil {
				s, err := queryErr(db, look)
				if err != nil {
					t.Error(err)
					return
				}
				seen[i][s]++
				time.Sleep(time.Millisecond) // leave the loads something of the machine
			}
		})
	}
	loads := 0
	run := func(d lake.Date) {
		t.Helper()
		var log logged
		p := plan(d)
		p.Wait, p.AllowOlder, p.BulkRows, p.Log = time.Minute, true, 1, log.logger()
		if l := mustLoad(t, lk, cfg, p); l.Outcome == load.Loaded {
			loads++
		}
		noStaging(t, db)
		states[query(t, db, look)] = d.String()
	}
	// A killed load has some thirty messages to die at; between them it dies somewhere in a statement.
	kill := func(d lake.Date) {
		t.Helper()
		v := newVictim(lk, cfg, "COURSE_INVENTORY", d, "")
		v.Nth, v.Later = 1+rand.IntN(30), time.Duration(1+rand.IntN(8000))*time.Microsecond
		if rand.IntN(3) == 0 {
			// The record is lost, so rows are compared in the database.
			if _, err := db.Exec("UPDATE load_record SET row_sum = NULL"); err != nil {
				t.Fatal(err)
			}
		}
		if v.kill(t) {
			kills--
		}
		if s := query(t, db, look); states[s] == "" && loads > 1 {
			t.Fatalf("killed %s after message %d, it left %s", v.Later, v.Nth, s)
		}
	}
	for range kills / 5 {
		kill(day1)
	}
	run(day1)
	run(day2)
	for i := 0; loads < 20 || kills > 0; i++ {
		d := []lake.Date{day1, day2}[i%2]
		for range 1 + kills/20 {
			if kills > 0 {
				kill(d)
			}
		}
		run(d)
	}
	cancel()
	readers.Wait()
	if len(states) != 3 {
		t.Errorf("%d states, want 3: %v", len(states), states)
	}
	for _, m := range seen {
		if len(m) < 2 {
			t.Errorf("a reader saw no change: %v", m)
		}
		for s := range m {
			if states[s] == "" {
				t.Errorf("a reader saw %s", s)
			}
		}
	}
}
