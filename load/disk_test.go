package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// A server whose disk is full keeps the old rows, and takes the new ones when there is room again.
func TestDiskFull(t *testing.T) {
	t.Parallel() // it has a server of its own
	dir, err := os.MkdirTemp("", "load-disk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	opt := localdb.Options{Fast: true, Extra: []string{"--innodb-buffer-pool-size=16M"}}
	small := mountSmall(t, dir)
	if small {
		opt.Dir = dir
	} else {
		// Without the right to mount one, a tablespace that may not grow stands in for the small disk.
		opt.Extra = append(opt.Extra, "--innodb-file-per-table=OFF", "--innodb-data-file-path=ibdata1:12M:autoextend:max:24M")
	}
	s, connect := ownServer(t, opt)
	cfg, db := connect()
	lk, u := openLake(t), first(30)
	u.commit(t, lk, day1)
	mustLoad(t, lk, cfg, plan(day1))
	before := everything(t, db)
	rows := int64(40_000)
	if small {
		rows = 15_000
	}
	first(rows).commit(t, lk, day2)
	ballast := filepath.Join(dir, "ballast")
	if small {
		fillDisk(t, ballast, 4<<20)
	}
	_, err = load.Run(t.Context(), lk, cfg, plan(day2))
	checkFault(t, err, fault.Unavailable, "free space on", "still in place")
	if small {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
	if db.Ping() != nil { // some servers end where they cannot write
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		cfg, db = connect()
	}
	after := everything(t, db)
	delete(before, "names") // staging tables may stay until the next load
	delete(after, "names")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
	if !small {
		return
	}
	p := plan(day2)
	p.Wait = time.Minute
	mustLoad(t, lk, cfg, p)
	if got := query(t, db, "SELECT COUNT(*) FROM enrollment"); got != fmt.Sprintln(2*rows) {
		t.Errorf("with room again: %s rows", got)
	}
	noStaging(t, db)
}
