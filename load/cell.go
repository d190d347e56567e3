package load

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// cells walks one column of a row group page by page, without making a value of each cell.
type cells struct {
	name  string
	typ   string // one of the lake's types
	pages parquet.Pages
	page  parquet.Page

	row, rows int    // of the page
	levels    []byte // 0 where a cell is NULL; empty where the page has none
	value     int    // index of the next value; a NULL cell has none
	index     []int32
	dict      parquet.Dictionary // that values below belong to; nil where they are the page's own
	ints      []int64
	ints32    []int32
	doubles   []float64
	bits      []byte
	bytes     []byte
	offsets   []uint32
	escaped   [][]byte // the dictionary's texts, ready to be written
}

// next moves to the next cell.
func (c *cells) next() error {
	if c.page != nil {
		if len(c.levels) == 0 || c.levels[c.row] != 0 {
			c.value++
		}
		c.row++
	}
	for c.page == nil || c.row == c.rows {
		if err := c.turn(); err != nil {
			return fmt.Errorf("column %q: %w", c.name, err)
		}
	}
	return nil
}

// turn reads the next page.
func (c *cells) turn() error {
	parquet.Release(c.page)
	page, err := c.pages.ReadPage()
	if errors.Is(err, io.EOF) {
		c.page = nil
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		c.page = nil
		return err
	}
	c.page, c.row, c.rows, c.value = page, 0, int(page.NumRows()), 0
	c.levels = page.DefinitionLevels()
	data := page.Data()
	dict := page.Dictionary()
	if dict != nil {
		c.index = data.Int32()
		if dict == c.dict {
			return nil
		}
		data = dict.Page().Data()
	} else {
		c.index = nil
	}
	c.dict, c.escaped = dict, nil
	switch c.typ {
	case lake.BigInt, lake.Timestamp:
		c.ints = data.Int64()
	case lake.Integer, lake.DateType:
		c.ints32 = data.Int32()
	case lake.Double:
		c.doubles = data.Double()
	case lake.Boolean:
		c.bits = data.Boolean()
	case lake.Varchar:
		c.bytes, c.offsets = data.ByteArray()
		if dict != nil {
			for i := range dict.Len() {
				c.escaped = append(c.escaped, appendEscaped(nil, c.text(i)))
			}
		}
	}
	return nil
}

func (c *cells) null() bool { return len(c.levels) > 0 && c.levels[c.row] == 0 }

// at returns the place of the current cell's value.
func (c *cells) at() int {
	if c.index != nil {
		return int(c.index[c.value])
	}
	return c.value
}

func (c *cells) text(i int) []byte { return c.bytes[c.offsets[i]:c.offsets[i+1]] }

// append writes the current cell as a field of LOAD DATA.
func (c *cells) append(dst []byte) []byte {
	if c.null() {
		return append(dst, `\N`...)
	}
	i := c.at()
	switch c.typ {
	case lake.BigInt:
		return strconv.AppendInt(dst, c.ints[i], 10)
	case lake.Integer:
		return strconv.AppendInt(dst, int64(c.ints32[i]), 10)
	case lake.Timestamp:
		return seconds(c.ints[i]).AppendFormat(dst, time.DateTime)
	case lake.DateType:
		return date(c.ints32[i]).AppendFormat(dst, time.DateOnly)
	case lake.Double:
		return strconv.AppendFloat(dst, c.doubles[i], 'g', -1, 64)
	case lake.Boolean:
		return append(dst, '0'+c.bits[i/8]>>(i%8)&1)
	case lake.Varchar:
		if c.escaped != nil {
			return append(dst, c.escaped[i]...)
		}
		return appendEscaped(dst, c.text(i))
	}
	return dst
}

// get returns the current cell as an argument of a statement.
func (c *cells) get() any {
	if c.null() {
		return nil
	}
	i := c.at()
	switch c.typ {
	case lake.BigInt:
		return c.ints[i]
	case lake.Integer:
		return int64(c.ints32[i])
	case lake.Timestamp:
		return seconds(c.ints[i]).Format(time.DateTime)
	case lake.DateType:
		return date(c.ints32[i]).Format(time.DateOnly)
	case lake.Double:
		return c.doubles[i]
	case lake.Boolean:
		return int64(c.bits[i/8] >> (i % 8) & 1)
	case lake.Varchar:
		return string(c.text(i))
	}
	return nil
}

func (c *cells) close() {
	parquet.Release(c.page)
	c.page = nil
	_ = c.pages.Close()
}

// seconds cuts a time to whole seconds, downwards: of fractions, MySQL would round and MariaDB would cut.
func seconds(micros int64) time.Time {
	s := micros / 1e6
	if micros%1e6 < 0 && s > math.MinInt64 {
		s--
	}
	return time.Unix(s, 0).UTC()
}

func date(days int32) time.Time { return time.Unix(int64(days)*86400, 0).UTC() }

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
