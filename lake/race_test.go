package lake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestRacingOnDisk(t *testing.T) { race(t, "file://"+t.TempDir()+"/lake", 10) }

func TestRacingOnS3(t *testing.T) { race(t, buckettest.S3(t).URL, 4) }

// race lets processes commit the same table and date at the same moment, round after round, while a reader looks on: every
// number is one process's, and no number is left out.
func race(t *testing.T, url string, rounds int) {
	const racers = 8
	if *long {
		rounds *= 50
	}
	l := open(t, url)
	reader := watch(t, l)
	children := make([]*child, racers)
	for i := range children {
		children[i] = startChild(t, url)
	}
	told := map[int]lake.RunID{} // runs by the numbers that they were told
	for round := range rounds {
		for _, c := range children {
			if err := c.say("go"); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range children {
			number, run, ok := c.committed()
			if _, taken := told[number]; !ok || taken || number <= round*racers || number > (round+1)*racers {
				t.Fatalf("round %d: a process says number %d, run %s\n%s", round, number, run, strings.Join(c.noise, "\n"))
			}
			told[number] = run
		}
		s, err := l.Find(t.Context(), faultTable, faultDay)
		if err != nil {
			t.Fatal(err)
		}
		if s.Number != (round+1)*racers || told[s.Number] != s.Run {
			t.Fatalf("round %d: the newest is number %d by %s", round, s.Number, s.Run)
		}
	}
	for _, c := range children {
		c.end(t)
	}
	seen := reader.end(t)
	if diff := cmp.Diff(told, history(t, l)); diff != "" {
		t.Errorf("what was told and what is there (-told +there):\n%s", diff)
	}
	if seen < rounds {
		t.Errorf("only %d reads", seen)
	}
	t.Logf("%d commits, %d reads", len(told), seen)
}
