package load

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// tally is the number of a table's rows and the sum of their CRC-32, which the server computes alike (see [Table.sumQuery]). It is
// a sum and not an exclusive or, in which two rows that were edited in the same way would hide each other.
type tally struct {
	rows int64
	sum  uint64
	line []byte
}

// add counts a row. Each value is followed, where it may be NULL, by whether it is.
func (t *tally) add(cells []*rows.Cell) {
	t.line = t.line[:0]
	for i, c := range cells {
		if i > 0 {
			t.line = append(t.line, '\t')
		}
		null := c.Null()
		if !null {
			t.line = appendPlain(t.line, c)
		}
		switch {
		case !c.Column().Nullable:
		case null:
			t.line = append(t.line, "\t1"...)
		default:
			t.line = append(t.line, "\t0"...)
		}
	}
	t.rows++
	t.sum += uint64(crc32.ChecksumIEEE(t.line))
}

// summable tells whether the table holds all rows of its snapshot, with values that program and server print alike.
func (t Table) summable() bool {
	return !t.selective() && !slices.ContainsFunc(t.Columns, func(c lake.Column) bool { return c.Type == lake.Double })
}

// sumQuery asks for the tally of the live rows.
func (t Table) sumQuery() string {
	var values []string
	for _, c := range t.Columns {
		value := "t." + quote(c.Name)
		if c.Type == lake.Varchar {
			value = "CAST(" + value + " AS BINARY)"
		}
		if c.Nullable {
			value = fmt.Sprintf("COALESCE(%s, ''), t.%s IS NULL", value, quote(c.Name))
		}
		values = append(values, value)
	}
	return fmt.Sprintf(`SELECT COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('\t', %s))), 0) FROM %s t`, strings.Join(values, ", "), quote(t.Name))
}
