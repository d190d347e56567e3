package udw

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
)

// record is a row as the server sent it.
type record struct {
	types    *pgtype.Map
	columns  []pgconn.FieldDescription
	values   [][]byte // of the row at hand only
	repaired int64    // values of all rows that were not UTF-8
	unread   []unread // of the row at hand
}

// unread is a value that could not be read, of a column that may be NULL.
type unread struct{ column, value string }

// unneeded is where the value of a column goes that may be NULL: what cannot be read is NULL.
type unneeded interface {
	scan(types *pgtype.Map, c pgconn.FieldDescription, value []byte) error
}

// orNull is an [unneeded] value.
type orNull[T any] struct{ into **T }

func (o orNull[T]) scan(types *pgtype.Map, c pgconn.FieldDescription, value []byte) error {
	err := types.Scan(c.DataTypeOID, c.Format, value, o.into)
	if at, ok := any(*o.into).(*time.Time); err == nil && ok && at != nil {
		err = lenient.Storable(*at)
	}
	if err != nil {
		*o.into = nil
	}
	return err
}

// Scan reads the values, in the order of the columns. Blanks at the end of a character(n), which fill its width, are no part of the
// value. A database without an encoding (SQL_ASCII) may hold any bytes: what is not UTF-8 becomes U+FFFD.
func (r *record) Scan(into ...any) error {
	if len(into) != len(r.values) {
		return fmt.Errorf("%d columns instead of %d", len(r.values), len(into))
	}
	r.unread = nil
	for i, value := range r.values {
		c := r.columns[i]
		if c.DataTypeOID == pgtype.BPCharOID {
			value = bytes.TrimRight(value, " ")
		}
		if c.Format == pgtype.TextFormatCode && !utf8.Valid(value) {
			value = bytes.ToValidUTF8(value, []byte("\uFFFD"))
			r.repaired++
		}
		if optional, ok := into[i].(unneeded); ok {
			if err := optional.scan(r.types, c, value); err != nil {
				r.unread = append(r.unread, unread{c.Name, strings.ToValidUTF8(string(value[:min(len(value), 40)]), "")})
			}
			continue
		}
		if err := r.types.Scan(c.DataTypeOID, c.Format, value, into[i]); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return nil
}
