package transform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// smallDisk mounts a file system of the given size, which takes a privileged user.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// manyEnrollments commits a university whose enrollments take several megabytes.
func manyEnrollments(t *testing.T, l *lake.Lake) {
	t.Helper()
	db := openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	file := filepath.Join(t.TempDir(), "x.parquet")
	exec(t, db, `COPY (SELECT i AS id, CAST(10 AS BIGINT) AS course_id, CAST(5 AS BIGINT) AS section_id, 'A' AS section_name,
		CAST(hash(i) >> 8 AS BIGINT) AS user_id, 'active' AS state, 'StudentEnrollment' AS type, now() AS fetched_at
		FROM range(1, 300001) AS t(i)) TO '`+file+`' (FORMAT parquet, COMPRESSION zstd)`)
	commitFile(t, l, lake.Raw("canvas", "enrollment"), day, "RAW", file, inputColumns(t, "raw_canvas.enrollment"))
}

func TestScratchDiskFull(t *testing.T) {
	l := openLake(t)
	manyEnrollments(t, l)
	p := plan(day)
	p.WorkDir = smallDisk(t, 1)
	_, err := transform.Run(t.Context(), l, engine, p)
	if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "TMPDIR") {
		t.Errorf("got %v (class %s, hint %q)", err, fault.ClassOf(err), fault.HintOf(err))
	}
	nothingCommitted(t, l, day)
	if entries, err := os.ReadDir(p.WorkDir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestLakeDiskFull(t *testing.T) {
	disk := smallDisk(t, 8)
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(disk))
	if err != nil {
		t.Fatal(err)
	}
	manyEnrollments(t, l)
	fillDisk(t, disk)
	_, err = transform.Run(t.Context(), l, engine, plan(day))
	if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "the lake's disk is full") {
		t.Errorf("got %v (class %s, hint %q)", err, fault.ClassOf(err), fault.HintOf(err))
	}
	nothingCommitted(t, l, day)
}

// fillDisk leaves no more than a megabyte free.
func fillDisk(t *testing.T, dir string) {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	free := int64(s.Bavail)*s.Bsize - 1<<20
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, max(0, free)), 0o600); err != nil {
		t.Fatal(err)
	}
}
