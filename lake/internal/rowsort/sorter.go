// Package rowsort sorts more rows than the memory should hold. Sorted runs of them lie in one temporary file until they
// are merged, so that memory grows with the number of runs, by a block each, and not with the number of rows.
package rowsort

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
)

// What is sorted in memory at once.
const (
	maxValues = 80_000  // 2 MB
	maxTexts  = 2 << 20 // bytes
)

const (
	chunkRows  = 512
	chunkTexts = 64 << 10
)

// Sorter takes flat rows in any order and gives them back sorted.
type Sorter struct {
	schema  *parquet.Schema
	columns int
	compare func(a, b parquet.Row) int
	rows    []parquet.Row
	chunks  [][]parquet.Value // what the rows consist of, chunkRows each
	texts   []byte            // the newest chunk of them
	size    int               // of all texts
	runs    *runs             // nil as long as rows are few
}

// New returns a sorter for rows of a schema. Its user calls Close.
func New(schema *parquet.Schema, by ...parquet.SortingColumn) *Sorter {
	return &Sorter{schema: schema, columns: len(schema.Columns()), compare: schema.Comparator(by...)}
}

// TextError reports a text that is not UTF-8.
type TextError struct{ Column string }

func (e *TextError) Error() string { return "column " + e.Column + ": the text is not UTF-8" }

// Add copies a row, given as a pointer to a struct of the schema. A row with a text that is not UTF-8 is refused with a [*TextError].
func (s *Sorter) Add(row any) error {
	if len(s.rows)*s.columns >= maxValues || s.size >= maxTexts {
		if err := s.spill(); err != nil {
			return err
		}
	}
	n := len(s.rows)
	if n == len(s.chunks)*chunkRows {
		s.chunks = append(s.chunks, make([]parquet.Value, chunkRows*s.columns))
	}
	values := s.schema.Deconstruct(s.chunks[n/chunkRows][n%chunkRows*s.columns:][:0:s.columns], row)
	for i, v := range values {
		if v.Kind() == parquet.ByteArray {
			if !utf8.Valid(v.ByteArray()) {
				return &TextError{strings.Join(s.schema.Columns()[i], ".")}
			}
			values[i] = parquet.ByteArrayValue(s.text(v.ByteArray())).Level(0, v.DefinitionLevel(), i)
		}
	}
	s.rows = append(s.rows, values)
	return nil
}

// text copies a text, of which the original may be part of something much larger.
func (s *Sorter) text(text []byte) []byte {
	if len(s.texts)+len(text) > cap(s.texts) {
		s.texts = make([]byte, 0, max(chunkTexts, len(text)))
	}
	from := len(s.texts)
	s.texts = append(s.texts, text...)
	s.size += len(text)
	return s.texts[from:len(s.texts):len(s.texts)]
}

// spill moves the rows in memory to the file.
func (s *Sorter) spill() (err error) {
	if s.runs == nil {
		if s.runs, err = create(); err != nil {
			return err
		}
	}
	slices.SortFunc(s.rows, s.compare)
	err = s.runs.add(s.rows)
	s.rows, s.texts, s.size = s.rows[:0], nil, 0
	for _, chunk := range s.chunks {
		clear(chunk) // lets go of the texts
	}
	return err
}

// Sorted calls write with all rows in order. The rows are write's during the call only. A cancelled ctx ends it.
func (s *Sorter) Sorted(ctx context.Context, write func([]parquet.Row) (int, error)) error {
	if s.runs == nil {
		slices.SortFunc(s.rows, s.compare)
		_, err := write(s.rows)
		return err
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.rows, s.chunks, s.texts = nil, nil, nil
	return s.runs.merge(ctx, s.compare, write)
}

// Close gives up the rows and their room on the disk.
func (s *Sorter) Close() error {
	if s.runs == nil {
		return nil
	}
	return s.runs.file.Close()
}
