package rows

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// pages walks one column of a row group.
type pages struct {
	src  parquet.Pages
	page parquet.Page

	row, rows int    // of the page
	levels    []byte // 0 where a cell is NULL; empty where the page has none
	value     int    // index of the next value; a NULL cell has none
	index     []int32
	dict      parquet.Dictionary // that the values below belong to; nil where they are the page's own
	ints      []int64
	ints32    []int32
	doubles   []float64
	bits      []byte
	bytes     []byte
	offsets   []uint32
}

// begin moves before the first row of a row group's column.
func (c *Cell) begin(src parquet.Pages) { c.pages = pages{src: src} }

// next moves to the next row.
func (c *Cell) next() error {
	if c.page != nil {
		if len(c.levels) == 0 || c.levels[c.row] != 0 {
			c.value++
		}
		c.row++
	}
	for c.page == nil || c.row == c.rows {
		if err := c.turn(); err != nil {
			return fmt.Errorf("column %q: %w", c.column.Name, err)
		}
	}
	return nil
}

// turn reads the next page.
func (c *Cell) turn() error {
	parquet.Release(c.page)
	c.page = nil
	page, err := c.src.ReadPage()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	c.page, c.row, c.rows, c.value = page, 0, int(page.NumRows()), 0
	c.levels = page.DefinitionLevels()
	data := page.Data()
	dict := page.Dictionary()
	c.index = nil
	if dict != nil {
		c.index = data.Int32()
		if dict == c.dict {
			return nil
		}
		data = dict.Page().Data()
	}
	c.dict = dict
	switch c.column.Type {
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
	}
	return nil
}

// at returns the place of the current row's value.
func (c *Cell) at() int {
	if c.index != nil {
		return int(c.index[c.value])
	}
	return c.value
}

func (c *Cell) close() {
	parquet.Release(c.page)
	c.page = nil
	if c.src != nil {
		_ = c.src.Close()
		c.src = nil
	}
}
