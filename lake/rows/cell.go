package rows

import (
	"bytes"
	"cmp"
	"math"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Cell is the cell of a column in the reader's current row. What it returns is valid until the reader moves on.
type Cell struct {
	column lake.Column
	pages
}

// Column returns the column that the cell is of.
func (c *Cell) Column() lake.Column { return c.column }

// Null reports whether the cell is NULL. Its value must not be asked for then.
func (c *Cell) Null() bool { return len(c.levels) > 0 && c.levels[c.row] == 0 }

// Int returns the value of a BIGINT or INTEGER, the microseconds since 1970 of a TIMESTAMP, the days since 1970 of
// a DATE, or 0 or 1 of a BOOLEAN.
func (c *Cell) Int() int64 {
	i := c.at()
	switch c.column.Type {
	case lake.Integer, lake.DateType:
		return int64(c.ints32[i])
	case lake.Boolean:
		return int64(c.bits[i/8] >> (i % 8) & 1)
	}
	return c.ints[i]
}

// Double returns the value of a DOUBLE.
func (c *Cell) Double() float64 { return c.doubles[c.at()] }

// Text returns the bytes of a VARCHAR.
func (c *Cell) Text() []byte {
	i := c.at()
	return c.bytes[c.offsets[i]:c.offsets[i+1]]
}

// Value returns the cell as nil, int64, float64, bool, string or time.Time.
func (c *Cell) Value() any {
	if c.Null() {
		return nil
	}
	switch c.column.Type {
	case lake.Varchar:
		return string(c.Text())
	case lake.Double:
		return c.Double()
	case lake.Boolean:
		return c.Int() == 1
	case lake.Timestamp:
		return time.UnixMicro(c.Int()).UTC()
	case lake.DateType:
		return time.Unix(c.Int()*86400, 0).UTC()
	}
	return c.Int()
}

// Equal reports whether two cells of one type hold the same: NULL equals NULL, and NaN equals NaN.
func (c *Cell) Equal(o *Cell) bool { return c.Compare(o) == 0 }

// Compare orders two cells of one type as the lake's files are sorted: texts by their bytes, NULL last.
func (c *Cell) Compare(o *Cell) int {
	if c.Null() || o.Null() {
		return nulls(c.Null(), o.Null())
	}
	switch c.column.Type {
	case lake.Varchar:
		return bytes.Compare(c.Text(), o.Text())
	case lake.Double:
		return compareDoubles(c.Double(), o.Double())
	}
	return cmp.Compare(c.Int(), o.Int())
}

// nulls compares two cells of which at least one is NULL.
func nulls(a, b bool) int {
	switch {
	case a && b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compareDoubles takes NaN for the largest number, as engines do that sort by it.
func compareDoubles(a, b float64) int {
	if math.IsNaN(a) || math.IsNaN(b) {
		return nulls(math.IsNaN(a), math.IsNaN(b))
	}
	return cmp.Compare(a, b)
}
