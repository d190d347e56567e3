package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
)

// CheckSchema reports an error of class Data unless the snapshot has every wanted column
// with the wanted type, both by its manifest and in each local file.
func CheckSchema(m Manifest, files []string, want []Column) error {
	wrong := func(what string, err error) error {
		return fault.New(fault.Data, "another version of its producer wrote the table, or the file is damaged: rebuild the date",
			fmt.Errorf("%s of %s has the wrong shape: %w", what, m.Table.dir(m.Date), err))
	}
	if err := checkColumns(m.Columns, want); err != nil {
		return wrong("the manifest "+path.Base(m.Table.manifestKey(m.Date, m.Number)), err)
	}
	for _, name := range files {
		have, err := fileColumns(name)
		if err != nil {
			return wrong(filepath.Base(name), err)
		}
		// Engines write every column as optional; that it holds no NULL is what the manifest vouches for.
		for i := range have {
			have[i].Nullable = false
		}
		if err := checkColumns(have, want); err != nil {
			return wrong(filepath.Base(name), err)
		}
	}
	return nil
}

func fileColumns(name string) ([]Column, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	return columnsOfSchema(file.Schema())
}

// Rows yields the rows of a snapshot as values of T, a flat struct whose columns the snapshot must have
// (it may have more). It ends at the first error, which it yields.
func Rows[T any](ctx context.Context, l *Lake, m Manifest) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		want, err := ColumnsOf[T]()
		if err != nil {
			yield(zero, err)
			return
		}
		dir, err := scratch.Dir("copy a snapshot", "lake-")
		if err != nil {
			yield(zero, err)
			return
		}
		defer os.RemoveAll(dir)
		for _, f := range m.Files {
			name, err := l.Local(ctx, f, dir)
			if err == nil {
				err = CheckSchema(m, []string{name}, want)
			}
			if err != nil {
				yield(zero, err)
				return
			}
			if more, err := eachRow(ctx, name, yield); err != nil || !more {
				if err != nil {
					yield(zero, readError(f.Path, err))
				}
				return
			}
		}
	}
}

// readError tells the trouble of reading a local file from what its bytes, whose digest was right, cannot be read as.
func readError(key string, err error) error {
	var system *fs.PathError
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &system) {
		return storeError(key, err)
	}
	return damaged(key, err)
}

func eachRow[T any](ctx context.Context, name string, yield func(T, error) bool) (more bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	rows := parquet.NewGenericReader[T](f)
	defer rows.Close()
	batch := make([]T, 1024)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		clear(batch)
		n, err := rows.Read(batch)
		for _, row := range batch[:n] {
			if !yield(row, nil) {
				return false, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}
