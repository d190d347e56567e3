package lake_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gocloud.dev/blob"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const benchRounds = 7 // in turn, ours and plain; the median of the ratios counts

// BenchmarkPublish publishes a Parquet file as a snapshot and compares with writing the same bytes plainly to the same store: on
// disk a file with one fsync, in buckets one upload by the same client. "ratio" is the time of upload, read-back of the
// footer and commit to the plain write's; "overhead-ms" is their difference.
func BenchmarkPublish(b *testing.B) {
	for _, rows := range []int{1_000, 500_000} {
		name, data := benchFile(b, rows)
		b.Run(fmt.Sprintf("file/%.2gMB", float64(len(data))/1e6), func(b *testing.B) {
			dir := b.TempDir()
			benchPublish(b, "file://"+dir, name, func(_ context.Context, i int) error {
				f, err := os.Create(filepath.Join(dir, fmt.Sprint("plain-", i)))
				if err != nil {
					return err
				}
				defer f.Close()
				if _, err := f.Write(data); err != nil {
					return err
				}
				return f.Sync()
			})
		})
		for _, store := range []string{"s3", "gs", "azblob"} {
			b.Run(fmt.Sprintf("%s/%.2gMB", store, float64(len(data))/1e6), func(b *testing.B) {
				url := buckets[store](b).URL
				bucket, err := blob.OpenBucket(b.Context(), url)
				if err != nil {
					b.Fatal(err)
				}
				defer bucket.Close()
				benchPublish(b, url, name, func(ctx context.Context, i int) error {
					return bucket.Upload(ctx, fmt.Sprint("plain-", i), bytes.NewReader(data), &blob.WriterOptions{ContentType: "application/octet-stream"})
				})
			})
		}
	}
}

// benchFile makes a Parquet file of rows that hardly compress.
func benchFile(b *testing.B, rows int) (name string, data []byte) {
	b.Helper()
	dir := b.TempDir()
	l, err := lake.Open(b.Context(), "file://"+dir)
	if err != nil {
		b.Fatal(err)
	}
	w, err := lake.NewWriter[fact](b.Context(), l, benchPart())
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		text := fmt.Sprintf("%016x%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64())
		if err := w.Write(fact{int64(i), text}); err != nil {
			b.Fatal(err)
		}
	}
	f, err := w.Close()
	if err != nil {
		b.Fatal(err)
	}
	name = filepath.Join(dir, filepath.FromSlash(f.Path))
	if data, err = os.ReadFile(name); err != nil {
		b.Fatal(err)
	}
	return name, data
}

func benchPart() lake.Part {
	d := lake.DateOf(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	return lake.Part{Table: lake.Raw("bench", "fact"), Date: d, Run: lake.NewRunID(time.Now()), SortBy: []string{"id"}}
}

func benchPublish(b *testing.B, url, name string, plain func(ctx context.Context, i int) error) {
	l, err := lake.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	columns, err := lake.ColumnsOf[fact]()
	if err != nil {
		b.Fatal(err)
	}
	publish := func(ctx context.Context) error {
		p := benchPart()
		f, err := l.Upload(ctx, p, name)
		if err != nil {
			return err
		}
		_, err = l.Commit(ctx, lake.Manifest{Table: p.Table, Date: p.Date, Run: p.Run, Files: []lake.File{f}, Columns: columns})
		return err
	}
	for b.Loop() {
		var ratios, overheads []float64
		for i := range benchRounds + 1 {
			begin := time.Now()
			if err := publish(b.Context()); err != nil {
				b.Fatal(err)
			}
			ours := time.Since(begin)
			begin = time.Now()
			if err := plain(b.Context(), i); err != nil {
				b.Fatal(err)
			}
			bare := time.Since(begin)
			if i > 0 { // the first opens connections and proves the store
				ratios = append(ratios, ours.Seconds()/bare.Seconds())
				overheads = append(overheads, (ours-bare).Seconds()*1000)
			}
		}
		slices.Sort(ratios)
		slices.Sort(overheads)
		b.ReportMetric(ratios[benchRounds/2], "ratio")
		b.ReportMetric(overheads[benchRounds/2], "overhead-ms")
	}
}
