package lakecmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake/diff"
)

// field is a cell of a row.
type field struct {
	column string
	value  any
}

// fields are some cells of a row.
type fields []field

// MarshalJSON writes an object with the columns in their order.
func (all fields) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, f := range all {
		name, err := json.Marshal(f.column)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.column, err)
		}
		out.WriteByte("{,"[min(i, 1)])
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	if len(all) == 0 {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// text shows a value of the field as JSON would.
func (f field) text() string {
	switch v := f.value.(type) {
	case nil:
		return "NULL"
	case string:
		return fmt.Sprintf("%q", v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(v)
	}
}

func (all fields) text() string {
	texts := make([]string, len(all))
	for i, f := range all {
		texts[i] = f.column + "=" + f.text()
	}
	return strings.Join(texts, ", ")
}

func (c comparison) print(e *run.Env) {
	fmt.Fprintf(e.Out, "%s from %s (%s) to %s (%s)\n", c.Table, c.Old.Date, c.Old.Manifest, c.New.Date, c.New.Manifest)
	for _, column := range c.Gained {
		fmt.Fprintf(e.Out, "column %s %s is new\n", column.Name, column.Type)
	}
	for _, column := range c.Lost {
		fmt.Fprintf(e.Out, "column %s %s is gone\n", column.Name, column.Type)
	}
	for _, x := range c.Examples {
		if x.Kind != diff.Changed.String() {
			fmt.Fprintf(e.Out, "%-7s  %s: %s%s\n", x.Kind, x.Key.text(), x.Old.text(), x.New.text())
			continue
		}
		changes := make([]string, len(x.Old))
		for i := range x.Old {
			changes[i] = fmt.Sprintf("%s %s -> %s", x.Old[i].column, x.Old[i].text(), x.New[i].text())
		}
		fmt.Fprintf(e.Out, "%-7s  %s: %s\n", x.Kind, x.Key.text(), strings.Join(changes, ", "))
	}
	if int64(len(c.Examples)) < c.Added+c.Removed+c.Changed {
		fmt.Fprintf(e.Out, "…        up to %d of each kind are shown, see --limit\n", c.limit)
	}
	fmt.Fprintf(e.Out, "%s, then %s: %s added, %s removed, %s changed\n", quantity.Of(c.Old.Rows, "row"), quantity.Number(c.New.Rows),
		quantity.Number(c.Added), quantity.Number(c.Removed), quantity.Number(c.Changed))
}
