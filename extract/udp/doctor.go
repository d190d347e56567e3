package udp

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Checkup returns the questions that tell whether the event store can be queried. None of them costs anything.
func Checkup(ctx context.Context, cfg *config.Config, env extract.Env) (checkup.Patient, error) {
	c, err := newClient(ctx, cfg, env, tuning{})
	if err != nil {
		return checkup.Patient{}, err
	}
	return checkup.Patient{Close: c.close, Questions: []checkup.Question{
		{Name: "query of a day, not run", Ask: c.examine},
		{Name: "columns of the table", Ask: c.metadata},
	}}, nil
}

// examine has BigQuery plan the query of a day.
func (c *client) examine(ctx context.Context) (string, error) {
	today := lake.DateOf(c.now()).Time()
	bytes, err := c.plan(ctx, lake.Interval{From: today.Add(-24 * time.Hour), To: today})
	if err != nil {
		return "", err
	}
	if c.maxBytes > 0 && bytes > c.maxBytes {
		return "", fault.New(fault.Config, "raise MIVIDEO.udp_max_bytes_billed",
			checkup.Doubt("", "it would process %s, more than MIVIDEO.udp_max_bytes_billed allows (%s)", size(bytes), size(c.maxBytes)))
	}
	return "it would process " + size(bytes), nil
}

// metadata asks for the columns of the table, without which its changes go unseen.
func (c *client) metadata(ctx context.Context) (string, error) {
	_, err := c.table.in(c.pages).Metadata(ctx)
	if err == nil {
		return "", nil
	}
	if err = c.judge(ctx, err); fault.ClassOf(err) == fault.Permission {
		return "", checkup.Doubt("ask for the right to see the metadata of "+c.table.String()+", or go without warnings about new columns", "%w", err)
	}
	return "", err
}
