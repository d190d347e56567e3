package lake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// Footer is what a Parquet file says of itself at its end.
type Footer struct {
	Rows    int64
	Columns []Column         // without descriptions; an engine may call every column nullable
	Nulls   map[string]int64 // rows in which a column is NULL, by its name
}

const (
	footerRead  = 64 << 10 // bytes read at once at the end of a file; more than most footers have
	leastFooter = 12       // bytes of the smallest thing that could pass for a Parquet file
)

// Footer reads the footer of a file, mostly in one request. A file that is no Parquet or is not there is an error of class Data.
func (l *Lake) Footer(ctx context.Context, f File) (Footer, error) {
	if f.Bytes < leastFooter {
		return Footer{}, damaged(f.Path, fmt.Errorf("%d bytes are too few for Parquet", f.Bytes))
	}
	src := &watched{src: readerAt{ctx, l.store, f.Path}}
	file, err := parquet.OpenFile(src, f.Bytes, parquet.SkipMagicBytes(true), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true),
		parquet.OptimisticRead(true), parquet.ReadBufferSize(footerRead))
	if src.err != nil {
		return Footer{}, storeError(f.Path, src.err)
	}
	if err != nil {
		return Footer{}, damaged(f.Path, err)
	}
	columns, err := columnsOfSchema(file.Schema())
	if err != nil {
		return Footer{}, damaged(f.Path, err)
	}
	nulls := map[string]int64{}
	for _, group := range file.Metadata().RowGroups {
		for i, chunk := range group.Columns {
			nulls[columns[i].Name] += chunk.MetaData.Statistics.NullCount
		}
	}
	return Footer{file.NumRows(), columns, nulls}, nil
}

// watched remembers what the store said, which is no damage of the file.
type watched struct {
	src io.ReaderAt
	err error
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.src.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
