package upkeep

import (
	"bytes"
	"cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// heldCell is a key's cell of an earlier row.
type heldCell struct {
	null   bool
	number int64
	double float64
	text   []byte
}

func (h *heldCell) keep(c *rows.Cell) {
	h.null = c.Null()
	switch {
	case h.null:
	case c.Column().Type == lake.Varchar:
		h.text = append(h.text[:0], c.Text()...)
	case c.Column().Type == lake.Double:
		h.double = c.Double()
	default:
		h.number = c.Int()
	}
}

// compare orders what is held and a later cell of its column, NULL last, as files are sorted.
func (h *heldCell) compare(c *rows.Cell) int {
	switch null := c.Null(); {
	case h.null && null:
		return 0
	case h.null:
		return 1
	case null:
		return -1
	}
	switch c.Column().Type {
	case lake.Varchar:
		return bytes.Compare(h.text, c.Text())
	case lake.Double:
		return cmp.Compare(h.double, c.Double())
	}
	return cmp.Compare(h.number, c.Int())
}
