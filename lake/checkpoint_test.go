package lake_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// segments returns what a checkpoint holds, sorted, and how many of its segments are damaged.
func segments(t *testing.T, l *lake.Lake, c lake.Checkpoint) (texts []string, damaged int) {
	t.Helper()
	err := l.Checkpoint(t.Context(), c, func(data []byte, err error) {
		if err != nil {
			damaged++
			return
		}
		texts = append(texts, string(data))
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(texts)
	return texts, damaged
}

func TestCheckpoint(t *testing.T) {
	for name, url := range map[string]string{"memory": "mem://", "files": "file://" + filepath.ToSlash(t.TempDir())} {
		t.Run(name, func(t *testing.T) {
			l, err := lake.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			date := func(text string) lake.Date {
				d, err := lake.ParseDate(text)
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
			today := lake.Checkpoint{Source: "canvas", Date: date("2026-02-03"), Digest: "a1"}
			others := map[string]lake.Checkpoint{}
			for name, change := range map[string]func(*lake.Checkpoint){
				"yesterday": func(c *lake.Checkpoint) { c.Date = date("2026-02-02") }, "tomorrow": func(c *lake.Checkpoint) { c.Date = date("2026-02-04") },
				"otherwise": func(c *lake.Checkpoint) { c.Digest = "a2" }, "zoom": func(c *lake.Checkpoint) { c.Source = "zoom" },
			} {
				c := today
				change(&c)
				others[name] = c
				if err := l.PutCheckpoint(t.Context(), c, "01RUN", 1, []byte(name)); err != nil {
					t.Fatal(err)
				}
			}
			if texts, _ := segments(t, l, today); texts != nil {
				t.Errorf("an empty checkpoint holds %q", texts)
			}
			var want []string
			for _, run := range []lake.RunID{"01RUN", "02RUN"} {
				for n := range 12 {
					text := fmt.Sprintf("%s of %s", fmt.Sprint(n), run)
					want = append(want, text)
					if err := l.PutCheckpoint(t.Context(), today, run, n+1, []byte(text)); err != nil {
						t.Fatal(err)
					}
				}
			}
			slices.Sort(want)
			texts, damaged := segments(t, l, today)
			if diff := cmp.Diff(want, texts); diff != "" || damaged > 0 {
				t.Errorf("%d damaged, (-want +got):\n%s", damaged, diff)
			}
			if err := l.DropCheckpoints(t.Context(), today); err != nil {
				t.Fatal(err)
			}
			left := map[string]bool{}
			for name, c := range others {
				texts, _ := segments(t, l, c)
				left[name] = len(texts) == 1
			}
			if texts, _ := segments(t, l, today); texts != nil {
				t.Errorf("after it was dropped: %q", texts)
			}
			if diff := cmp.Diff(map[string]bool{"yesterday": false, "tomorrow": true, "otherwise": true, "zoom": true}, left); diff != "" {
				t.Errorf("others left (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDamagedCheckpoint loses no other segment than the damaged ones.
func TestDamagedCheckpoint(t *testing.T) {
	dir := t.TempDir()
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := lake.Checkpoint{Source: "canvas", Date: lake.Date{}, Digest: "d"}
	for n := range 5 {
		if err := l.PutCheckpoint(t.Context(), c, "01RUN", n+1, []byte(fmt.Sprint("segment ", n))); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "_checkpoints/canvas/*/d/*.zst"))
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	for n, change := range []func([]byte) []byte{
		func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, func(b []byte) []byte { return b[:len(b)-1] },
		func([]byte) []byte { return nil }, func(b []byte) []byte { return append(b, 0) },
	} {
		data, err := os.ReadFile(files[n])
		if err == nil {
			err = os.WriteFile(files[n], change(data), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if texts, damaged := segments(t, l, c); damaged != 4 || !slices.Equal(texts, []string{"segment 4"}) {
		t.Errorf("%q, %d damaged", texts, damaged)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Checkpoint(ctx, c, func([]byte, error) {}); err == nil {
		t.Error("no error of a cancelled reading")
	}
}
