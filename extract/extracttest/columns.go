package extracttest

import (
	"os"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// emptyColumns returns the columns that hold nothing but NULL.
func emptyColumns(t *testing.T, l *lake.Lake, m lake.Manifest) []string {
	t.Helper()
	filled := map[string]bool{}
	for _, f := range m.Files {
		name, err := l.Local(t.Context(), f, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := fillColumns(name, filled); err != nil {
			t.Fatal(err)
		}
	}
	var empty []string
	for _, c := range m.Columns {
		if !filled[c.Name] {
			empty = append(empty, c.Name)
		}
	}
	return empty
}

func fillColumns(name string, filled map[string]bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return err
	}
	columns := file.Schema().Fields()
	for _, group := range file.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			pages := chunk.Pages()
			for {
				page, err := pages.ReadPage()
				if err != nil {
					break // io.EOF: Local has checked the file's digest
				}
				if page.NumNulls() < page.NumValues() {
					filled[columns[i].Name()] = true
				}
				parquet.Release(page)
			}
			if err := pages.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}
