package load_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// A second load leaves, or waits, while the first is in the middle.
func TestTwoLoadsAtOnce(t *testing.T) {
	lk, u := openLake(t), first(6)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))

	waited := make(chan error, 1)
	log := logged{at: func(message string) {
		if message != "ready to commit" {
			return
		}
		_, err := load.Run(t.Context(), lk, cfg, plan(day2))
		checkFault(t, err, fault.Temporary, "another load", "--wait")

		waiting := make(chan struct{})
		second := logged{at: func(message string) {
			if strings.HasPrefix(message, "waiting for another load") {
				close(waiting)
			}
		}}
		go func() {
			p := plan(day2)
			p.Wait = time.Minute
			p.Log = second.logger()
			r, err := load.Run(t.Context(), lk, cfg, p)
			if err == nil && r.Loads[0].Outcome != load.Unchanged {
				err = fmt.Errorf("the second load found %s", r.Loads[0].Outcome)
			}
			waited <- err
		}()
		<-waiting
	}}
	p := plan(day2)
	p.Log = log.logger()
	mustLoad(t, lk, cfg, p)
	if err := <-waited; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(u.next().want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

// Losing the connection loses the lock, and with it the load.
func TestLockLostBeforeTheCommit(t *testing.T) {
	lk, u := openLake(t), first(6)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	before := everything(t, db)

	log := logged{at: func(message string) {
		if message == "ready to commit" {
			id := strings.TrimSpace(query(t, db, "SELECT IS_USED_LOCK(CONCAT('course-inventory load ', LEFT(SHA2(DATABASE(), 256), 16)))"))
			if _, err := db.Exec("KILL CONNECTION " + id); err != nil {
				t.Error(err)
			}
		}
	}}
	p := plan(day2)
	p.Log = log.logger()
	_, err := load.Run(t.Context(), lk, cfg, p)
	if err == nil {
		t.Fatal("it committed")
	}
	if c := fault.ClassOf(err); c != fault.Unavailable && c != fault.Temporary {
		t.Errorf("class %s: %v", c, err)
	}
	after := everything(t, db)
	delete(before, "names")
	delete(after, "names") // staging tables stay until the next load
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
	mustLoad(t, lk, cfg, plan(day2))
	noStaging(t, db)
}

// Another program's lock on a row is waited for, and then the transaction is tried again.
func TestLockedRowIsTriedAgain(t *testing.T) {
	lk, u := openLake(t), first(6)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	if _, err := db.Exec("SET GLOBAL innodb_lock_wait_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	defer db.Exec("SET GLOBAL innodb_lock_wait_timeout = 50")
	other, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec("SELECT * FROM enrollment WHERE canvas_id = 1000 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	log := logged{at: func(message string) {
		if strings.HasPrefix(message, "another program locks") {
			_ = other.Rollback()
		}
	}}
	p := plan(day2)
	p.Log = log.logger()
	mustLoad(t, lk, cfg, p)
	if log.count("another program locks") == 0 {
		t.Error("it met no lock")
	}
	if diff := cmp.Diff(u.next().want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

// Somebody else's change between difference and transaction is noticed.
func TestChangedMeanwhile(t *testing.T) {
	lk, u := openLake(t), first(6)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	log := logged{at: func(message string) {
		if message == "transaction begun" {
			if _, err := db.Exec("DELETE FROM enrollment WHERE canvas_id = 1005"); err != nil {
				t.Error(err)
			}
		}
	}}
	p := plan(day2)
	p.Log = log.logger()
	_, err := load.Run(t.Context(), lk, cfg, p)
	checkFault(t, err, fault.Temporary, "somebody changed table enrollment", "11 rows")
	mustLoad(t, lk, cfg, plan(day2))
	if diff := cmp.Diff(u.next().want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestCancelled(t *testing.T) {
	lk, u := openLake(t), first(6)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	want := tables(t, db)
	for _, at := range []string{"difference computed", "transaction begun", "rows put", "rows deleted", "ready to commit"} {
		ctx, cancel := context.WithCancel(t.Context())
		log := logged{at: func(message string) {
			if message == at {
				cancel()
			}
		}}
		p := plan(day2)
		p.Log = log.logger()
		p.Wait = time.Minute // the server may still be busy with the one before
		_, err := load.Run(ctx, lk, cfg, p)
		cancel()
		if !errors.Is(err, context.Canceled) || fault.ClassOf(err) != fault.Interrupted {
			t.Errorf("at %q: %v", at, err)
		}
		if diff := cmp.Diff(want, tables(t, db)); diff != "" {
			t.Errorf("at %q: something changed:\n%s", at, diff)
		}
	}
	p := plan(day2)
	p.Wait = time.Minute
	mustLoad(t, lk, cfg, p)
	noStaging(t, db)
}

// A load that the server chooses to break a deadlock is tried again.
func TestDeadlock(t *testing.T) {
	lk, u := openLake(t), first(6)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	other, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	// The server rolls back the transaction that changed less: the other one must have changed much.
	for _, s := range []string{
		"INSERT INTO job_run (job_name, started_at, finished_at) SELECT 'BALLAST', NOW(), NOW() FROM information_schema.columns LIMIT 500",
		"SELECT * FROM enrollment WHERE canvas_id = 1002 FOR UPDATE",
	} {
		if _, err := other.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	released := make(chan error, 1)
	log := logged{at: func(message string) {
		if message == "rows put" && len(released) == 0 && other != nil {
			tx := other
			other = nil
			go func() {
				// The load has locked this account, and is about to want that enrollment.
				_, err := tx.Exec("UPDATE account SET name = 'x' WHERE canvas_id = 3")
				released <- errors.Join(err, tx.Rollback())
			}()
		}
	}}
	p := plan(day2)
	p.Log = log.logger()
	mustLoad(t, lk, cfg, p)
	if err := <-released; err != nil {
		t.Errorf("the other transaction: %v", err)
	}
	if log.count("another program locks") == 0 {
		t.Error("there was no deadlock")
	}
	if diff := cmp.Diff(u.next().want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
