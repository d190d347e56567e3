package lake_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// fact is a row of the lake that is copied.
type fact struct {
	ID   int64  `parquet:"id"`
	Name string `parquet:"name,dict"`
}

// A lake on disk works unchanged in a bucket, and a bucket's on disk, after a plain copy of its objects: nothing in it says where it is.
func TestCopiedLake(t *testing.T) {
	dir := t.TempDir()
	first := open(t, "file://"+dir)
	want := map[string]lake.Snapshot{}
	for _, date := range []string{"2026-03-01", "2026-03-02", "2026-03-02"} { // the last commit supersedes
		s := commitFacts(t, first, date)
		want[date] = s
	}
	for name, bucket := range buckets {
		t.Run(name, func(t *testing.T) {
			url := bucket(t).URL
			s, ctx := openBucket(t, url), t.Context()
			err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				key, err := filepath.Rel(dir, path)
				if err != nil {
					return err
				}
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				return s.Put(ctx, filepath.ToSlash(key), data)
			})
			if err != nil {
				t.Fatal(err)
			}
			same(t, open(t, url), want)
			next := commitFacts(t, open(t, url), "2026-03-02")
			if next.Number != 3 {
				t.Errorf("a commit to the copy is number %d, want 3", next.Number)
			}
		})
	}
}

func commitFacts(t *testing.T, l *lake.Lake, date string) lake.Snapshot {
	t.Helper()
	d, err := lake.ParseDate(date)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := lake.ColumnsOf[fact]()
	if err != nil {
		t.Fatal(err)
	}
	run := lake.NewRunID(d.Time())
	part := lake.Part{Table: lake.Raw("test", "fact"), Date: d, Run: run, SortBy: []string{"id"}}
	w, err := lake.NewWriter[fact](t.Context(), l, part)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(fact{2, "two of " + string(run)}, fact{1, "one"}); err != nil {
		t.Fatal(err)
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Commit(t.Context(), lake.Manifest{Table: part.Table, Date: d, Run: run, Files: []lake.File{f}, Columns: columns, Key: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// same fails the test unless the lake has exactly these snapshots, whole.
func same(t *testing.T, l *lake.Lake, want map[string]lake.Snapshot) {
	t.Helper()
	dates, err := l.Dates(t.Context(), lake.Raw("test", "fact"))
	if err != nil || len(dates) != len(want) {
		t.Errorf("%d dates, %v", len(dates), err)
	}
	for _, d := range dates {
		got, err := l.Find(t.Context(), lake.Raw("test", "fact"), d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[d.String()], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", d, diff)
		}
		var rows []fact
		for row, err := range lake.Rows[fact](t.Context(), l, got.Manifest) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		if diff := cmp.Diff([]fact{{1, "one"}, {2, "two of " + string(got.Run)}}, rows); diff != "" {
			t.Errorf("rows of %s (-want +got):\n%s", d, diff)
		}
	}
}

// TestCopyInBucket copies an object by the server, as tools do that move a lake.
func TestCopyInBucket(t *testing.T) {
	bucket := buckettest.S3(t)
	bucket.Setenv(t)
	b, err := blob.OpenBucket(t.Context(), bucket.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.WriteAll(t.Context(), "one", []byte("text"), nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Copy(t.Context(), "two", "one", nil); err != nil {
		t.Fatal(err)
	}
	if data, err := b.ReadAll(t.Context(), "two"); err != nil || string(data) != "text" {
		t.Errorf("the copy holds %q, %v", data, err)
	}
}
