package lake

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// The types a column can have, by their SQL names.
const (
	BigInt    = "BIGINT"
	Integer   = "INTEGER"
	Double    = "DOUBLE"
	Boolean   = "BOOLEAN"
	Varchar   = "VARCHAR"
	DateType  = "DATE"
	Timestamp = "TIMESTAMP" // microseconds, UTC
)

// Column describes a column of a table.
type Column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Nullable    bool   `json:"nullable"`
	Description string `json:"description,omitempty"`
}

// ColumnsOf returns the columns of the row type T, a flat struct. Names and types come from
// its parquet tags, descriptions from its doc tags:
//
//	ID int64 `parquet:"id" doc:"Canvas' id of the course"`
func ColumnsOf[T any]() ([]Column, error) {
	columns, err := columnsOfSchema(parquet.SchemaOf(new(T)))
	if err != nil {
		return nil, fmt.Errorf("row type %T: %w", *new(T), err)
	}
	docs := map[string]string{}
	for field := range reflect.TypeFor[T]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("parquet"), ",")
		docs[name] = field.Tag.Get("doc")
	}
	for i := range columns {
		columns[i].Description = docs[columns[i].Name]
	}
	return columns, nil
}

func columnsOfSchema(schema *parquet.Schema) ([]Column, error) {
	fields := schema.Fields()
	columns := make([]Column, 0, len(fields))
	for _, f := range fields {
		typ, err := columnType(f)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name(), err)
		}
		columns = append(columns, Column{Name: f.Name(), Type: typ, Nullable: f.Optional()})
	}
	return columns, nil
}

func columnType(f parquet.Field) (string, error) {
	if !f.Leaf() || f.Repeated() {
		return "", errors.New("nested columns are not supported")
	}
	var logical format.LogicalTypeValue
	if l := f.Type().LogicalType(); l != nil {
		logical = l.Value
	}
	switch l := logical.(type) {
	case *format.StringType:
		return Varchar, nil
	case *format.DateType:
		return DateType, nil
	case *format.TimestampType:
		if _, micros := l.Unit.Value.(*format.MicroSeconds); micros && l.IsAdjustedToUTC {
			return Timestamp, nil
		}
	case *format.IntType:
		switch {
		case l.IsSigned && l.BitWidth == 64:
			return BigInt, nil
		case l.IsSigned && l.BitWidth == 32:
			return Integer, nil
		}
	case nil:
		switch f.Type().Kind() {
		case parquet.Int64:
			return BigInt, nil
		case parquet.Int32:
			return Integer, nil
		case parquet.Double:
			return Double, nil
		case parquet.Boolean:
			return Boolean, nil
		}
	}
	return "", fmt.Errorf("type %v is not one of the lake's", f.Type())
}

// checkColumns reports how the columns of a file differ from those that are
// wanted; order does not matter, and the file may have more. Where the file could hold NULL, the wanted column must be nullable too.
func checkColumns(have, want []Column) error {
	var faults []error
	for _, w := range want {
		i := slices.IndexFunc(have, func(h Column) bool { return h.Name == w.Name })
		switch {
		case i < 0:
			faults = append(faults, fmt.Errorf("column %q is missing", w.Name))
		case have[i].Type != w.Type:
			faults = append(faults, fmt.Errorf("column %q is %s, expected %s", w.Name, have[i].Type, w.Type))
		case have[i].Nullable && !w.Nullable:
			faults = append(faults, fmt.Errorf("column %q may be NULL, expected NOT NULL", w.Name))
		}
	}
	return errors.Join(faults...)
}
