package rowsort

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// reader reads a run.
type reader struct {
	number int
	codec  *zstd.Codec
	blocks *io.SectionReader
	packed []byte
	block  []byte      // what is left of it
	row    parquet.Row // the last one read; its texts lie in the block
}

// next reads the next row. It returns false at the end of the run.
func (r *reader) next() (more bool, err error) {
	if len(r.block) == 0 {
		if r.block, err = r.nextBlock(); err != nil || r.block == nil {
			return false, err
		}
	}
	r.row, r.block, err = readRow(r.row[:0], r.block)
	return err == nil, err
}

// nextBlock returns the next block in memory of its own, as rows of the one before may still be in use; nil at the end.
func (r *reader) nextBlock() ([]byte, error) {
	var size [4]byte
	_, err := io.ReadFull(r.blocks, size[:])
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err == nil {
		r.packed = append(r.packed[:0], make([]byte, binary.LittleEndian.Uint32(size[:]))...)
		_, err = io.ReadFull(r.blocks, r.packed)
	}
	var block []byte
	if err == nil {
		block, err = r.codec.Decode(nil, r.packed)
	}
	if err != nil {
		return nil, trouble(err)
	}
	return block, nil
}
