package udw

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// observe tells what columns a table of the warehouse has, used or not. It is no error if a column may not be
// selected: the rows that are needed may be all the same.
func (w *warehouse) observe(ctx context.Context, conn *session, table string) {
	ctx, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	tally.Of(ctx).Request(false)
	results := conn.Exec(ctx, "SELECT * FROM "+w.table(table)+" LIMIT 0")
	var columns []pgconn.FieldDescription
	if results.NextResult() {
		columns = results.ResultReader().FieldDescriptions()
	}
	known := pgtype.NewMap()
	for _, c := range columns {
		typ := fmt.Sprintf("type %d", c.DataTypeOID)
		if t, ok := known.TypeForOID(c.DataTypeOID); ok {
			typ = t.Name
		}
		tally.Of(ctx).Field(c.Name, typ)
	}
	_ = results.Close()
}
