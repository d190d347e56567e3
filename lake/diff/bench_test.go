package diff_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/diff"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

type enrollment struct {
	ID        int64  `parquet:"canvas_id"`
	CourseID  int64  `parquet:"course_id"`
	SectionID int64  `parquet:"course_section_id"`
	UserID    int64  `parquet:"user_id"`
	State     string `parquet:"workflow_state,dict"`
	Role      string `parquet:"role_type,dict"`
}

// BenchmarkDiff measures the difference of two days of 3 million enrollments (DIFF_BENCH_ROWS changes that) of
// which 4% differ, beside plain reading of the same files by column pages.
func BenchmarkDiff(b *testing.B) {
	n := int64(3_000_000)
	if s := os.Getenv("DIFF_BENCH_ROWS"); s != "" {
		var err error
		if n, err = strconv.ParseInt(s, 10, 64); err != nil {
			b.Fatal(err)
		}
	}
	l := openLake(b)
	old, fresh := big(b, l, day1, n, 0), big(b, l, day2, n, 25)
	var plain time.Duration
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			for _, s := range []lake.Snapshot{old, fresh} {
				if got := read(b, l, s); got != n {
					b.Fatalf("%d rows", got)
				}
			}
		}
		plain = b.Elapsed() / time.Duration(b.N)
	})
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			d, err := diff.Snapshots(l, old, fresh, diff.Options{})
			if err != nil {
				b.Fatal(err)
			}
			changes := int64(0)
			for _, err := range d.Changes(b.Context()) {
				if err != nil {
					b.Fatal(err)
				}
				changes++
			}
			if want := n / 25; changes < want || changes > want*2 {
				b.Fatalf("%d changes", changes)
			}
		}
		took := b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(2*float64(n)/took.Seconds(), "rows/s")
		b.ReportMetric(took.Seconds()/plain.Seconds(), "x-read")
	})
}

func read(b *testing.B, l *lake.Lake, s lake.Snapshot) int64 {
	b.Helper()
	files, err := rows.Local(b.Context(), l, s.Manifest, s.Columns, "")
	if err != nil {
		b.Fatal(err)
	}
	r, err := rows.New(b.Context(), files, s.Columns, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for {
		more, err := r.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !more {
			return r.Count()
		}
	}
}

// big has one row of every "every" changed: a third in place, a third gone, a third with another id.
func big(b *testing.B, l *lake.Lake, d lake.Date, n int64, every int64) lake.Snapshot {
	b.Helper()
	all := make([]enrollment, 0, n)
	extra := int64(0)
	for i := range n {
		e := enrollment{3 * i, i * 7919 % (n / 50), i * 104729 % (n / 40), i * 31 % 100_000, "active", "StudentEnrollment"}
		if every > 0 && i%every == 0 {
			switch i / every % 3 {
			case 0:
				e.State = "completed"
			case 1:
				extra++
				continue
			default:
				e.ID++
			}
		}
		all = append(all, e)
	}
	for i := range extra {
		all = append(all, enrollment{3*n + i, 1, 1, 1, "invited", "StudentEnrollment"})
	}
	m := lake.Manifest{Table: lake.Curated("enrollment"), Date: d, Run: lake.NewRunID(time.Now()), Key: []string{"canvas_id"}}
	w, err := lake.NewWriter[enrollment](b.Context(), l, lake.Part{Table: m.Table, Date: d, Run: m.Run, SortBy: m.Key})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Write(all...); err != nil {
		b.Fatal(err)
	}
	f, err := w.Close()
	if err != nil {
		b.Fatal(err)
	}
	m.Files = []lake.File{f}
	if m.Columns, err = lake.ColumnsOf[enrollment](); err != nil {
		b.Fatal(err)
	}
	s, err := l.Commit(b.Context(), m)
	if err != nil {
		b.Fatal(err)
	}
	return s
}
