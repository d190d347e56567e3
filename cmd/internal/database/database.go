// Package database asks MySQL which snapshots its tables hold, for the commands that show it.
package database

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/report"
)

const timeout = 15 * time.Second // for all that is asked of MySQL

// Answer is what MySQL said.
type Answer struct {
	Server string         // host and port; "" where INVENTORY_DB is not configured
	Held   []load.Holding // each table's oldest date first
	Err    error          // why MySQL could not be asked
}

// Ask asks the configured MySQL server which snapshots its tables hold.
func Ask(ctx context.Context, cfg *config.Config) Answer {
	if err := cfg.Require(config.PartInventoryDB); err != nil {
		return Answer{Err: fault.New(fault.Config, fault.HintOf(err), errors.New("INVENTORY_DB is not configured"))}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	db := cfg.InventoryDB
	held, err := load.Held(ctx, db)
	return Answer{Server: net.JoinHostPort(db.Host, strconv.Itoa(db.Port)), Held: held, Err: err}
}

// ForReport asks the configured MySQL server and returns the answer as the report takes it.
func ForReport(ctx context.Context, cfg *config.Config) *report.MySQL {
	a := Ask(ctx, cfg)
	m := &report.MySQL{Server: a.Server, Newest: map[string]report.Loaded{}}
	if a.Err != nil {
		m.Error, m.Remedy = a.Err.Error(), fault.HintOf(a.Err)
	}
	for _, h := range a.Held { // the newest comes last
		m.Newest[h.Table] = report.Loaded{Table: lake.Curated(h.Table), Date: h.Date, SHA256: h.SHA256}
	}
	return m
}
