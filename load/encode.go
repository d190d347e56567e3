package load

import (
	"math"
	"strconv"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// appendField writes a cell as a field of LOAD DATA.
func appendField(dst []byte, c *rows.Cell) []byte {
	switch {
	case c.Null():
		return append(dst, `\N`...)
	case c.Column().Type == lake.Varchar:
		return appendEscaped(dst, c.Text())
	}
	return appendPlain(dst, c)
}

// appendPlain writes a cell that is not NULL as the server prints it.
func appendPlain(dst []byte, c *rows.Cell) []byte {
	switch c.Column().Type {
	case lake.Varchar:
		return append(dst, c.Text()...)
	case lake.Timestamp:
		return seconds(c.Int()).AppendFormat(dst, time.DateTime)
	case lake.DateType:
		return date(c.Int()).AppendFormat(dst, time.DateOnly)
	case lake.Double:
		return strconv.AppendFloat(dst, c.Double(), 'g', -1, 64)
	}
	return strconv.AppendInt(dst, c.Int(), 10)
}

// argument returns a cell as an argument of a statement.
func argument(c *rows.Cell) any {
	if c.Null() {
		return nil
	}
	switch c.Column().Type {
	case lake.Varchar:
		return string(c.Text())
	case lake.Timestamp:
		return seconds(c.Int()).Format(time.DateTime)
	case lake.DateType:
		return date(c.Int()).Format(time.DateOnly)
	case lake.Double:
		return c.Double()
	}
	return c.Int()
}

// seconds cuts a time to whole seconds, downwards: of fractions, MySQL would round and MariaDB would cut.
func seconds(micros int64) time.Time {
	s := micros / 1e6
	if micros%1e6 < 0 && s > math.MinInt64 {
		s--
	}
	return time.Unix(s, 0).UTC()
}

func date(days int64) time.Time { return time.Unix(days*86400, 0).UTC() }

// appendEscaped writes a text so that LOAD DATA … ESCAPED BY '\\' reads the same text.
func appendEscaped(dst, s []byte) []byte {
	start := 0
	for i, b := range s {
		var e byte
		switch b {
		case '\\', '\t':
			e = b
			if b == '\t' {
				e = 't'
			}
		case '\n':
			e = 'n'
		case '\r':
			e = 'r'
		case 0:
			e = '0'
		default:
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, '\\', e)
		start = i + 1
	}
	return append(dst, s[start:]...)
}
