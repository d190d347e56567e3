package lake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// TestKilled kills processes with SIGKILL at random moments of their publications, while a reader looks on.
func TestKilled(t *testing.T) {
	kills := 50
	if *long {
		kills = 1000
	}
	disk := newDisk(t)
	url := "file://" + disk.Dir
	l := open(t, url)
	reader := watch(t, l)
	told := map[int]lake.RunID{} // runs by the numbers under which they were told that they committed
	for range kills {
		c := startChild(t, url)
		if err := c.say("on"); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(rand.N(40 * time.Millisecond))
			_ = c.cmd.Process.Kill()
		}()
		for number, run, more := c.committed(); more; number, run, more = c.committed() {
			told[number] = run
		}
		if err := c.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the process ended with %v", err)
		}
	}
	seen := reader.end(t)
	commits := history(t, l)
	for number, run := range told {
		if commits[number] != run {
			t.Errorf("number %d was told to be %s's, and is %s's", number, run, commits[number])
		}
	}
	if len(commits) < kills/2 || seen < kills/2 {
		t.Errorf("%d commits and %d reads: hardly anything was tried", len(commits), seen)
	}
	torn := 0
	if err := disk.Walk(t.Context(), "", func(e store.Entry) {
		if strings.Contains(e.Key, store.TemporaryPrefix) {
			torn++
		}
	}); err != nil {
		t.Error(err)
	}
	if torn == 0 {
		t.Error("no process was killed in the middle of a file")
	}
	t.Logf("%d kills, %d commits (%d told), %d reads, %d temporary files left", kills, len(commits), len(told), seen, torn)
}

// watcher reads the newest snapshot again and again.
type watcher struct {
	cancel context.CancelFunc
	over   chan error
	seen   int
}

// watch starts a watcher, which ends at the first snapshot that is not whole or older than one seen before.
func watch(t *testing.T, l *lake.Lake) *watcher {
	ctx, cancel := context.WithCancel(t.Context())
	w := &watcher{cancel: cancel, over: make(chan error, 1)}
	go func() { w.over <- w.run(ctx, l) }()
	return w
}

func (w *watcher) run(ctx context.Context, l *lake.Lake) error {
	newest := 0
	for {
		s, err := whole(ctx, l)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, lake.ErrNotFound) && newest == 0:
			continue
		case err != nil:
			return err
		case s.Number < newest:
			return errors.New("an older snapshot appears: " + s.Path)
		}
		newest = s.Number
		w.seen++
	}
}

// end stops the watcher and returns how many snapshots it saw.
func (w *watcher) end(t *testing.T) int {
	t.Helper()
	w.cancel()
	if err := <-w.over; err != nil {
		t.Error("a reader met this:", err)
	}
	return w.seen
}

// history returns the runs of all commits by their number. The commits must be whole and their numbers without a gap.
func history(t *testing.T, l *lake.Lake) map[int]lake.RunID {
	t.Helper()
	commits, numbers := map[int]lake.RunID{}, map[lake.RunID]int{}
	newest, err := l.Find(t.Context(), faultTable, faultDay)
	if err != nil {
		t.Fatal(err)
	}
	for number := 1; number <= newest.Number; number++ {
		s, err := l.Manifest(t.Context(), fmt.Sprintf("%s/dt=%s/_manifest-%06d.json", faultTable, faultDay, number))
		if err == nil {
			err = hasAll(t.Context(), l, s)
		}
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := numbers[s.Run]; twice {
			t.Errorf("the run %s committed as %d and %d", s.Run, other, number)
		}
		commits[number], numbers[s.Run] = s.Run, number
	}
	return commits
}
