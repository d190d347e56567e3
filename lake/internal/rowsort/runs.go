package rowsort

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// blockBytes is the size of a block of rows before compression: what a merge keeps in memory of each run.
const blockBytes = 16 << 10

// runs are sorted runs of rows in a file below the temporary directory. The file has no name there, so that the system removes it
// with the process, however that ends.
type runs struct {
	file  *os.File
	ends  []int64 // of each run
	codec zstd.Codec

	rows, block []byte // reused
}

func create() (*runs, error) {
	file, err := os.CreateTemp("", "course-inventory-sort-")
	if err != nil {
		return nil, trouble(err)
	}
	_ = os.Remove(file.Name()) // the open file stays
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
	return fault.New(fault.Unavailable, "make room for temporary files, or point TMPDIR to a larger disk, and run the same command again",
		fmt.Errorf("sort rows in a temporary file: %w", err))
}
