package lake_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// TestDiskUnderFault lets every change of the file system fail that a publication asks for, for a moment or from then on: a
// disk that is full, fails or may not be written any more. A process that is killed leaves the same as one
// whose changes all fail from then on.
func TestDiskUnderFault(t *testing.T) {
	for _, test := range []struct {
		failure error
		lasting bool
	}{{syscall.EIO, false}, {syscall.ENOSPC, true}, {syscall.EACCES, true}} {
		t.Run(fmt.Sprintf("%v, lasting %t", test.failure, test.lasting), func(t *testing.T) {
			disk := newDisk(t)
			p := newPublications(t, disk)
			before, steps := openFiles(t), 0
			for first := 0; ; first++ {
				steps = 0
				faulty := disk
				failed := ""
				faulty.Step = func(op, _ string) error {
					if steps++; steps-1 == first || test.lasting && steps > first {
						if op != "remove" { // what cannot be removed does no harm
							failed = op
						}
						return test.failure
					}
					return nil
				}
				run := lake.NewRunID(time.Now())
				s, err := publish(t.Context(), lake.New(faulty, "test://"), run)
				p.newest = p.either(t, run, s, err)
				if steps <= first {
					break
				}
				if (err == nil) != (failed == "") || err != nil && !errors.Is(err, test.failure) {
					t.Errorf("step %d, %s: %v", first, failed, err)
				}
				if err != nil && p.newest.Run == run && !errors.Is(err, store.ErrUnsynced) {
					t.Errorf("step %d: committed, and told %v", first, err)
				}
				p.publish(t)
			}
			if steps < 30 {
				t.Errorf("only %d steps", steps)
			}
			if after := openFiles(t); after > before {
				t.Errorf("%d files are open, %d were before", after, before)
			}
			if !test.lasting {
				leftovers(t, disk, 1) // of the step that was to remove it
			}
		})
	}
}

func newDisk(t *testing.T) store.Disk {
	t.Helper()
	disk, err := store.OpenDisk(t.TempDir() + "/lake")
	if err != nil {
		t.Fatal(err)
	}
	return disk
}

// leftovers fails if there are more temporary files than that.
func leftovers(t *testing.T, s store.Store, most int) {
	t.Helper()
	var left []string
	if err := s.Walk(t.Context(), "", func(e store.Entry) {
		if strings.Contains(e.Key, store.TemporaryPrefix) {
			left = append(left, e.Key)
		}
	}); err != nil {
		t.Error(err)
	}
	if len(left) > most {
		t.Errorf("%d temporary files are left, such as %s", len(left), left[0])
	}
}

// TestUnmounted takes the lake away between the parts and the commit, and leaves an empty directory or none in its place.
func TestUnmounted(t *testing.T) {
	for _, empty := range []bool{true, false} {
		disk := newDisk(t)
		l := lake.New(disk, "test://")
		m, err := write(t.Context(), l, lake.NewRunID(time.Now()))
		if err == nil {
			err = os.Rename(disk.Dir, disk.Dir+" elsewhere")
		}
		if err == nil && empty {
			err = os.Mkdir(disk.Dir, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Commit(t.Context(), m)
		if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "mounted") {
			t.Errorf("commit: class %s, hint %q: %v", fault.ClassOf(err), fault.HintOf(err), err)
		}
		if _, err := publish(t.Context(), l, lake.NewRunID(time.Now())); (err == nil) != empty {
			t.Errorf("a run that begins afterwards: %v", err)
		}
		if _, err := l.Find(t.Context(), faultTable, faultDay); (err == nil) != empty || !empty && errors.Is(err, lake.ErrNotFound) {
			t.Errorf("find: %v", err)
		}
	}
}
