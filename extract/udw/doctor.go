package udw

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
)

// Checkup returns the questions that tell whether the warehouse can be read.
func Checkup(_ context.Context, cfg *config.Config, env extract.Env) (checkup.Patient, error) {
	w, err := newWarehouse(cfg, env)
	if err != nil {
		return checkup.Patient{}, err
	}
	return checkup.Patient{Close: func() error { return nil }, Questions: []checkup.Question{
		{Name: "connection", Basic: true, Ask: w.examine(w.encrypted)},
		{Name: "unizin_metadata", Ask: w.examine(w.fresh)},
		{Name: "course_section_dim", Tables: []string{"course_section_dim"}, Ask: w.examine(w.readable)},
	}}, nil
}

// examine asks something on a connection of its own.
func (w *warehouse) examine(ask func(context.Context, *session) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		conn, err := w.connect(ctx)
		if err != nil {
			return "", err
		}
		defer conn.end(ctx)
		return ask(ctx, conn)
	}
}

func (w *warehouse) encrypted(_ context.Context, conn *session) (string, error) {
	text := "server " + conn.ParameterStatus("server_version")
	if _, ok := conn.Conn().(*tls.Conn); !ok {
		text += ", not encrypted"
	}
	return text, nil
}

func (w *warehouse) fresh(ctx context.Context, conn *session) (string, error) {
	if err := w.checkClock(ctx, conn); err != nil {
		return "", err
	}
	asOf, err := w.dataDate(ctx, conn)
	if err != nil {
		return "", err
	}
	c := w.checkAge(asOf)
	if !c.Passed {
		return "", checkup.Doubt("ask Unizin whether its nightly refresh works", "%s", c.Detail)
	}
	return c.Detail, nil
}

// readable reads a row with the columns that the table needs.
func (w *warehouse) readable(ctx context.Context, conn *session) (string, error) {
	sql := "SELECT " + sectionColumns + " FROM " + w.table("course_section_dim") + " LIMIT 1"
	n := 0
	for _, err := range query(ctx, w, conn, sql, func(*record) (struct{}, error) { return struct{}{}, nil }) {
		if err != nil {
			return "", err
		}
		n++
	}
	if n == 0 {
		return "", checkup.Doubt("ask Unizin whether the table is being loaded", "%s has no rows", w.table("course_section_dim"))
	}
	return fmt.Sprintf("%s has rows", w.table("course_section_dim")), nil
}
