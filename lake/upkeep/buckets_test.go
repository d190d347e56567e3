package upkeep_test

import (
	"os"
	"testing"
	"time"

	_ "gocloud.dev/blob/s3blob"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

func TestMain(m *testing.M) { os.Exit(buckettest.Run(m)) }

func TestMemory(t *testing.T) {
	testVerify(t, open(t, "mem://"))
	testCleanBesideCommits(t, open(t, "mem://"), 20)
}

// TestS3 stands for all buckets, whose stores pass one suite.
func TestS3(t *testing.T) {
	testVerify(t, open(t, buckettest.S3(t).URL))
	testCleanBesideCommits(t, open(t, buckettest.S3(t).URL), 8)
}

func open(t *testing.T, url string) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// testVerify finds a lake of a few snapshots sound, and leaves no copies of its files.
func testVerify(t *testing.T, l *lake.Lake) {
	r := &racers{lake: l, date: date("2026-03-01")}
	for i := range 3 {
		if err := r.publish(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TMPDIR", t.TempDir())
	v, err := upkeep.Verify(t.Context(), l, upkeep.VerifyOptions{Deep: true, Now: time.Now(), Grace: day})
	if err != nil || v.Snapshots != 1 || v.Rows != 3 || len(v.Findings) > 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("%d copies are left, %v", len(left), err)
	}
	all, err := upkeep.List(t.Context(), l, nil)
	if err != nil || len(all) != 1 || all[0].Dates != 1 || all[0].Number != 3 || all[0].Rows != 3 {
		t.Errorf("%+v, %v", all, err)
	}
}
