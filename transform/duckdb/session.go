package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

const (
	rowGroupRows      = 250_000
	exampleCharacters = 60 // of a text in a message
)

type session struct {
	db   *sql.DB
	conn *sql.Conn
}

// View creates a view. See [transform.Session].
func (s *session) View(ctx context.Context, view string, files []string, columns []lake.Column) error {
	schema, table, _ := strings.Cut(view, ".")
	selected := make([]string, len(columns))
	for i, c := range columns {
		selected[i] = name(c.Name)
		if len(files) == 0 {
			selected[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", typeOf(c), name(c.Name))
		}
	}
	query := "SELECT " + strings.Join(selected, ", ")
	if len(files) == 0 {
		query += " WHERE false"
	} else {
		for _, f := range files {
			if strings.ContainsAny(f, "*?[") {
				return fault.New(fault.Config, "choose a lake and a temporary directory without * ? [ in their names: DuckDB reads these as patterns",
					fmt.Errorf("view %s: path %s", view, f))
			}
		}
		// The path holds key=value folders, which are no columns of the table.
		query += fmt.Sprintf(" FROM read_parquet(%s, hive_partitioning = false)", list(files))
	}
	if err := s.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+name(schema)); err != nil {
		return err
	}
	return s.exec(ctx, fmt.Sprintf("CREATE OR REPLACE VIEW %s.%s AS %s", name(schema), name(table), query))
}

// Write evaluates a query into a file. See [transform.Session].
func (s *session) Write(ctx context.Context, query string, out transform.Output) error {
	if err := s.describe(ctx, query, out.Columns); err != nil {
		return err
	}
	return s.exec(ctx, copyStatement(query, out))
}

func copyStatement(query string, out transform.Output) string {
	keys := make([]string, len(out.SortBy))
	for i, k := range out.SortBy {
		keys[i] = name(k)
	}
	statement := "COPY (SELECT * FROM (\n" + query + "\n) AS result"
	if len(keys) > 0 {
		statement += " ORDER BY " + strings.Join(keys, ", ")
	}
	statement += ") TO " + quote(out.File)
	if out.Format == transform.CSV {
		return statement + " (FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ')"
	}
	var metadata []string
	for k, v := range out.Metadata {
		metadata = append(metadata, name(k)+": "+quote(v))
	}
	slices.Sort(metadata)
	options := fmt.Sprintf(" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d", rowGroupRows)
	if len(metadata) > 0 {
		options += ", KV_METADATA {" + strings.Join(metadata, ", ") + "}"
	}
	return statement + options + ")"
}

// describe reports an error unless the query yields exactly the given columns: a
// COPY would write a sum as DOUBLE, and a local timestamp without its zone.
func (s *session) describe(ctx context.Context, query string, columns []lake.Column) error {
	rows, err := s.conn.QueryContext(ctx, "SELECT * FROM (\n"+query+"\n) AS result LIMIT 0")
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	have, err := rows.ColumnTypes()
	if err != nil {
		return explain(err)
	}
	var wrong []error
	for i, c := range columns {
		switch {
		case i >= len(have) || have[i].Name() != c.Name:
			wrong = append(wrong, fmt.Errorf("column %d is not %q", i+1, c.Name))
		case have[i].DatabaseTypeName() != typeOf(c):
			wrong = append(wrong, fmt.Errorf("column %q is %s, expected %s", c.Name, have[i].DatabaseTypeName(), typeOf(c)))
		}
	}
	if len(have) > len(columns) {
		wrong = append(wrong, fmt.Errorf("%d columns, expected %d", len(have), len(columns)))
	}
	return errors.Join(append(wrong, explain(rows.Err()))...)
}

// Find counts and samples rows. See [transform.Session].
func (s *session) Find(ctx context.Context, query string, count transform.Count, limit int) (int64, []string, error) {
	var n int64
	if err := s.conn.QueryRowContext(ctx, "SELECT "+string(count)+" FROM (\n"+query+"\n) AS result").Scan(&n); err != nil {
		return 0, nil, explain(err)
	}
	if n == 0 {
		return 0, nil, nil
	}
	rows, err := s.conn.QueryContext(ctx, fmt.Sprintf("SELECT * FROM (\n%s\n) AS result ORDER BY ALL LIMIT %d", query, limit))
	if err != nil {
		return 0, nil, explain(err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return 0, nil, explain(err)
	}
	var examples []string
	for rows.Next() {
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return 0, nil, explain(err)
		}
		fields := make([]string, len(columns))
		for i, v := range values {
			fields[i] = columns[i].Name() + "=" + text(v, columns[i].DatabaseTypeName())
		}
		examples = append(examples, strings.Join(fields, " "))
	}
	return n, examples, explain(rows.Err())
}

// Close ends the session.
func (s *session) Close() error { return errors.Join(s.conn.Close(), s.db.Close()) }

func (s *session) exec(ctx context.Context, statement string) error {
	_, err := s.conn.ExecContext(ctx, statement)
	return explain(err)
}

// typeOf returns DuckDB's name of a column's type.
func typeOf(c lake.Column) string {
	if c.Type == lake.Timestamp {
		return "TIMESTAMPTZ" // an instant; plain TIMESTAMP would be a reading of some clock
	}
	return c.Type
}

// text returns a value of a DuckDB type for a message.
func text(v any, typ string) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case time.Time:
		if typ == lake.DateType {
			return v.UTC().Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339)
	case string:
		if r := []rune(v); len(r) > exampleCharacters {
			v = string(r[:exampleCharacters]) + "…"
		}
		return fmt.Sprintf("%q", v)
	default:
		return fmt.Sprint(v)
	}
}
