package udw

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// record is a row as the server sent it.
type record struct {
	types    *pgtype.Map
	columns  []pgconn.FieldDescription
	values   [][]byte // of the row at hand only
	repaired int64    // values of all rows that were not UTF-8
}

// Scan reads the values, in the order of the columns. Blanks at the end of a character(n), which fill its width, are no part of the
// value. A database without an encoding (SQL_ASCII) may hold any bytes: what is not UTF-8 becomes U+FFFD.
func (r *record) Scan(into ...any) error {
	if len(into) != len(r.values) {
		return fmt.Errorf("%d columns instead of %d", len(r.values), len(into))
	}
	for i, value := range r.values {
		c := r.columns[i]
		if c.DataTypeOID == pgtype.BPCharOID {
			value = bytes.TrimRight(value, " ")
		}
		if c.Format == pgtype.TextFormatCode && !utf8.Valid(value) {
			value = bytes.ToValidUTF8(value, []byte("\uFFFD"))
			r.repaired++
		}
		if err := r.types.Scan(c.DataTypeOID, c.Format, value, into[i]); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return nil
}
