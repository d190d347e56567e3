package rowsort

import (
	"encoding/binary"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
)

// blockBytes is the size of a block of rows before compression: what a merge keeps in memory of each run.
const blockBytes = 16 << 10

// runs are sorted runs of rows in a file below the temporary directory. The file has no name.
type runs struct {
	file  *os.File
	ends  []int64 // of each run
	codec zstd.Codec

	rows, block []byte // reused
}

func create() (*runs, error) {
	file, err := scratch.Nameless("sort rows", "course-inventory-sort-")
	if err != nil {
		return nil, err
	}
	return &runs{file: file, codec: zstd.Codec{Level: zstd.SpeedFastest}}, nil
}

// add writes sorted rows as one more run.
func (r *runs) add(rows []parquet.Row) error {
	end := r.end()
	for i, row := range rows {
		r.rows = appendRow(r.rows, row)
		if len(r.rows) < blockBytes && i < len(rows)-1 {
			continue
		}
		packed, err := r.codec.Encode(nil, r.rows)
		if err != nil {
			return trouble(err)
		}
		r.block = append(binary.LittleEndian.AppendUint32(r.block[:0], uint32(len(packed))), packed...)
		n, err := r.file.Write(r.block)
		if err != nil {
			return trouble(err)
		}
		end += int64(n)
		r.rows = r.rows[:0]
	}
	r.ends = append(r.ends, end)
	return nil
}

// end is where the last run ends.
func (r *runs) end() int64 {
	if len(r.ends) == 0 {
		return 0
	}
	return r.ends[len(r.ends)-1]
}

// readers returns a reader of each run.
func (r *runs) readers() []*reader {
	readers, from := make([]*reader, len(r.ends)), int64(0)
	for i, end := range r.ends {
		readers[i] = &reader{number: i, codec: &r.codec, blocks: io.NewSectionReader(r.file, from, end-from)}
		from = end
	}
	return readers
}

// trouble says that the file cannot be used.
func trouble(err error) error {
	return scratch.Trouble("sort rows", os.TempDir(), err)
}
