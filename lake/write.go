package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/rowsort"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

const (
	rowGroupRows = 250_000

	// pageBytes is when a page is full. What is not longer than 128 kB is compressed without a history, which takes 16 MB.
	pageBytes = 96 << 10
)

// Part names one file that a run is about to write.
type Part struct {
	Table    Table
	Date     Date
	Run      RunID
	Number   int               // 0 for the first
	SortBy   []string          // columns to sort the rows by, ascending
	Metadata map[string]string // for the file's own key-value metadata
}

func (p Part) key() string { return p.Table.partKey(p.Date, p.Run, p.Number) }

// Writer writes rows of type T, a flat struct with parquet tags (see [ColumnsOf]), as one file.
// The file is visible to nobody until a manifest names it.
type Writer[T any] struct {
	lake   *Lake
	key    string
	object *object
	rows   *rowsort.Sorter
	out    *parquet.GenericWriter[T]
	count  int64
}

// NewWriter starts a file. The caller ends it with Close or Abort.
func NewWriter[T any](ctx context.Context, l *Lake, p Part) (*Writer[T], error) {
	if _, err := ColumnsOf[T](); err != nil {
		return nil, err
	}
	object, err := l.newObject(ctx, p.key())
	if err != nil {
		return nil, err
	}
	sorting := make([]parquet.SortingColumn, len(p.SortBy))
	for i, c := range p.SortBy {
		sorting[i] = parquet.Ascending(c)
	}
	options := []parquet.WriterOption{
		parquet.Compression(l.codec),
		parquet.PageBufferSize(pageBytes),
		parquet.MaxRowsPerRowGroup(rowGroupRows),
		parquet.KeyValueMetadata("run_id", string(p.Run)),
		parquet.SortingWriterConfig(parquet.SortingColumns(sorting...)),
	}
	for k, v := range p.Metadata {
		options = append(options, parquet.KeyValueMetadata(k, v))
	}
	out := parquet.NewGenericWriter[T](object, options...)
	return &Writer[T]{lake: l, key: p.key(), object: object, rows: rowsort.New(out.Schema(), sorting...), out: out}, nil
}

// Write adds rows, in any order. A text that is not UTF-8 is an error of class Data: readers of Parquet stumble over it, so a source
// must have converted it.
func (w *Writer[T]) Write(rows ...T) error {
	for i := range rows {
		var text *rowsort.TextError
		err := w.rows.Add(&rows[i])
		if errors.As(err, &text) {
			return fault.New(fault.Data, "find the row at the source and correct its text",
				fmt.Errorf("%s, row %d in the order of the source: %w", PlaceOf(w.key).Table, w.count+1, err))
		}
		if err != nil {
			return storeError(w.key, err)
		}
		w.count++
	}
	return nil
}

// Rows returns the number of rows written so far.
func (w *Writer[T]) Rows() int64 { return w.count }

// Close finishes the file, reads its size and footer back, and returns its entry for the manifest.
// On an error the file is deleted, if it was there and the store still answers.
func (w *Writer[T]) Close() (File, error) {
	err := errors.Join(w.rows.Sorted(w.object.ctx, w.out.WriteRows), w.rows.Close())
	if err == nil {
		err = w.out.Close()
	}
	if err != nil {
		w.object.abort()
		return File{}, storeError(w.key, err)
	}
	return w.object.close(w.count)
}

// Abort ends the writer and leaves no file behind.
func (w *Writer[T]) Abort() {
	_ = w.rows.Close() // nobody needs them
	w.object.abort()
}

// Upload copies a Parquet file from the local disk into the lake and returns its entry for the manifest.
func (l *Lake) Upload(ctx context.Context, p Part, name string) (File, error) {
	src, err := os.Open(name)
	if err != nil {
		return File{}, fmt.Errorf("upload %s: %w", p.key(), err)
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return File{}, fmt.Errorf("upload %s: %w", p.key(), err)
	}
	footer, err := parquet.OpenFile(src, info.Size())
	if err != nil {
		return File{}, fmt.Errorf("upload %s: %w", p.key(), err)
	}
	object, err := l.newObject(ctx, p.key())
	if err != nil {
		return File{}, err
	}
	if _, err := io.Copy(object, io.NewSectionReader(src, 0, info.Size())); err != nil {
		object.abort()
		return File{}, storeError(p.key(), err)
	}
	return object.close(footer.NumRows())
}

// Discard deletes files that a run has written and will not commit. What it cannot delete does no harm: nobody reads it.
func (l *Lake) Discard(ctx context.Context, files ...File) {
	for _, f := range files {
		_ = l.store.Delete(ctx, f.Path)
	}
}

// object is an object being written, with its size and digest so far.
type object struct {
	w      store.Writer
	lake   *Lake
	ctx    context.Context
	key    string
	size   int64
	digest hash.Hash
}

func (l *Lake) newObject(ctx context.Context, key string) (*object, error) {
	w, err := l.store.Writer(ctx, key)
	if err != nil {
		return nil, storeError(key, err)
	}
	return &object{w: w, lake: l, ctx: ctx, key: key, digest: sha256.New()}, nil
}

func (o *object) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.size += int64(n)
	o.digest.Write(p[:n])
	return n, err
}

func (o *object) abort() { o.w.Abort() }

func (o *object) close(rows int64) (File, error) {
	f := File{Path: o.key, Bytes: o.size, Rows: rows, SHA256: hex.EncodeToString(o.digest.Sum(nil))}
	err := storeError(o.key, o.w.Close())
	if err == nil {
		err = o.lake.inspect(o.ctx, f)
	}
	if err != nil {
		ctx, cancel := settle(o.ctx)
		defer cancel()
		o.lake.Discard(ctx, f)
		return File{}, err
	}
	return f, nil
}

// inspect compares an object's size and Parquet footer with what f says of them.
func (l *Lake) inspect(ctx context.Context, f File) error {
	there, err := l.store.Stat(ctx, f.Path)
	if err != nil {
		return storeError(f.Path, err)
	}
	if there.Size != f.Bytes {
		return damaged(f.Path, fmt.Errorf("it has %d bytes, its manifest says %d", there.Size, f.Bytes))
	}
	footer, err := l.Footer(ctx, f)
	if err == nil && footer.Rows != f.Rows {
		err = damaged(f.Path, fmt.Errorf("it has %d rows, its manifest says %d", footer.Rows, f.Rows))
	}
	return err
}

func damaged(key string, err error) error {
	return fault.New(fault.Data, "the object is not what was committed: restore it from a backup, or make the date again",
		fmt.Errorf("lake object %s is damaged: %w", key, err))
}
