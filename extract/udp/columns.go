package udp

import (
	"context"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// observeLimit bounds the question for the table's columns, on which nothing depends.
const observeLimit = time.Minute

// observe tells what columns the table of events has, used or not. An account that may query it but not see its
// metadata goes without.
func (c *client) observe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, observeLimit)
	defer cancel()
	m, err := c.table.in(c.pages).Metadata(ctx)
	if err != nil {
		c.log.Debug("the table's columns are not watched", "relation", c.table.String(), "error", c.judge(ctx, err))
		return
	}
	see(tally.Of(ctx), "", m.Schema)
}

func see(t *tally.Table, within string, columns bigquery.Schema) {
	for _, f := range columns {
		typ := string(f.Type)
		if f.Repeated {
			typ += " array"
		}
		t.Field(within+f.Name, typ)
		see(t, within+f.Name+".", f.Schema)
	}
}
