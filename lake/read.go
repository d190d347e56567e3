package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Local returns the name of a local file with exactly the bytes that f describes. In a
// lake on disk that is the lake's own file, elsewhere a copy in dir, which the caller owns. The size and
// the SHA-256 digest are checked on the way.
func (l *Lake) Local(ctx context.Context, f File, dir string) (string, error) {
	src, err := l.store.Open(ctx, f.Path, 0, -1)
	if err != nil {
		return "", storeError(f.Path, err)
	}
	defer src.Close()
	digest := sha256.New()
	var dst io.Writer = digest
	name := filepath.Join(l.dir, filepath.FromSlash(f.Path))
	if l.dir == "" {
		name = filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return "", fmt.Errorf("local copy of %s: %w", f.Path, err)
		}
		out, err := os.Create(name)
		if err != nil {
			return "", fmt.Errorf("local copy of %s: %w", f.Path, err)
		}
		defer out.Close()
		dst = io.MultiWriter(digest, out)
	}
	size, err := io.Copy(dst, src)
	switch {
	case err != nil:
		return "", storeError(f.Path, err)
	case size != f.Bytes:
		return "", damaged(f.Path, fmt.Errorf("it has %d bytes, its manifest says %d", size, f.Bytes))
	case hex.EncodeToString(digest.Sum(nil)) != f.SHA256:
		return "", damaged(f.Path, errors.New("its SHA-256 digest differs from its manifest's"))
	}
	return name, nil
}

// CheckSchema reports an error of class Data unless the snapshot has every wanted column
// with the wanted type, both by its manifest and in each local file.
func CheckSchema(m Manifest, files []string, want []Column) error {
	wrong := func(what string, err error) error {
		return fault.New(fault.Data, "the table was written by another version of its producer: make the date again with this one",
			fmt.Errorf("%s of %s has the wrong shape: %w", what, m.Table.dir(m.Date), err))
	}
	if err := checkColumns(m.Columns, want); err != nil {
		return wrong("the manifest", err)
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
		dir, err := os.MkdirTemp("", "lake-")
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
					yield(zero, damaged(f.Path, err))
				}
				return
			}
		}
	}
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
