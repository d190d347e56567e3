package rows

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// held is a cell of an earlier row.
type held struct {
	null   bool
	number int64
	double float64
	text   []byte
}

func (h *held) keep(c *Cell) {
	h.null = c.Null()
	switch {
	case h.null:
	case c.column.Type == lake.Varchar:
		h.text = append(h.text[:0], c.Text()...)
	case c.column.Type == lake.Double:
		h.double = c.Double()
	default:
		h.number = c.Int()
	}
}

// compare orders what is held and a later cell of the same column.
func (h *held) compare(c *Cell) int {
	if h.null || c.Null() {
		return nulls(h.null, c.Null())
	}
	switch c.column.Type {
	case lake.Varchar:
		return bytes.Compare(h.text, c.Text())
	case lake.Double:
		return compareDoubles(h.double, c.Double())
	}
	return cmp.Compare(h.number, c.Int())
}

func (h *held) value(column lake.Column) any {
	switch {
	case h.null:
		return nil
	case column.Type == lake.Varchar:
		return string(h.text)
	case column.Type == lake.Double:
		return h.double
	case column.Type == lake.Boolean:
		return h.number == 1
	case column.Type == lake.Timestamp:
		return time.UnixMicro(h.number).UTC()
	case column.Type == lake.DateType:
		return time.Unix(h.number*86400, 0).UTC()
	}
	return h.number
}

// describe names a key by columns and values.
func (w *walk) describe(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = w.cells[w.key[i]].column.Name + " " + Format(v, w.cells[w.key[i]].column)
	}
	return strings.Join(parts, ", ")
}

// Format returns a value of a column, as [Cell.Value] returns it, in the form in which people read it.
func Format(v any, column lake.Column) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case time.Time:
		if column.Type == lake.DateType {
			return v.Format(time.DateOnly)
		}
		return v.Format("2006-01-02 15:04:05.999999")
	}
	return fmt.Sprint(v)
}
