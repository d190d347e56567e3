package rowsort

import (
	"encoding/binary"
	"errors"

	"github.com/parquet-go/parquet-go"
)

// A flat row is stored as the number of its values and, for each of them, a byte for its kind, the level of its definition, the number of
// its bytes, and these; a NULL has the kind null and nothing else.
const null = 0xff

func appendRow(data []byte, row parquet.Row) []byte {
	data = binary.AppendUvarint(data, uint64(len(row)))
	var fixed [16]byte
	for _, v := range row {
		if v.IsNull() {
			data = append(data, null)
			continue
		}
		value := v.AppendBytes(fixed[:0])
		data = append(data, byte(v.Kind()), byte(v.DefinitionLevel()))
		data = binary.AppendUvarint(data, uint64(len(value)))
		data = append(data, value...)
	}
	return data
}

var errTorn = errors.New("a row is not whole")

// readRow appends the values of the first row of data, whose texts stay in data, and returns what follows it.
func readRow(row parquet.Row, data []byte) (parquet.Row, []byte, error) {
	count, n := binary.Uvarint(data)
	if n <= 0 {
		return row, nil, trouble(errTorn)
	}
	data = data[n:]
	for column := range int(count) {
		if len(data) > 0 && data[0] == null {
			row, data = append(row, parquet.NullValue().Level(0, 0, column)), data[1:]
			continue
		}
		if len(data) < 3 {
			return row, nil, trouble(errTorn)
		}
		kind, level := parquet.Kind(data[0]), int(data[1])
		size, n := binary.Uvarint(data[2:])
		if n <= 0 || uint64(len(data)-2-n) < size {
			return row, nil, trouble(errTorn)
		}
		data = data[2+n:]
		row, data = append(row, kind.Value(data[:size]).Level(0, level, column)), data[size:]
	}
	return row, data, nil
}
