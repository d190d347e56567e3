package docs

import (
	"database/sql"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// table is a table of MySQL, as the migrations leave it.
type table struct {
	name, comment string
	columns       []column
	keys          []key
	references    []reference
}

type column struct {
	name, typ, comment string
	nullable, primary  bool
	extra              string
}

type key struct {
	columns []string
	unique  bool
}

type reference struct{ column, table, of string }

func (t table) column(name string) *column {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i]
		}
	}
	return nil
}

// theSchema applies the migrations to an empty database and reads what they made, bookkeeping of the migrations themselves left out.
func theSchema(t *testing.T) []table {
	t.Helper()
	db, err := sql.Open("mysql", localdbtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := migrations.Up(t.Context(), db, 0, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var tables []table
	for _, r := range query(t, db, `SELECT table_name, table_comment FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_comment <> '' ORDER BY table_name`) {
		tables = append(tables, readTable(t, db, r[0], r[1]))
	}
	for _, r := range query(t, db, `SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_comment = '' AND table_name NOT LIKE '%version%'`) {
		t.Errorf("table %s has no COMMENT", r[0])
	}
	return tables
}

func readTable(t *testing.T, db *sql.DB, name, comment string) table {
	t.Helper()
	found := table{name: name, comment: comment}
	for _, r := range query(t, db, `SELECT column_name, column_type, is_nullable, column_key, extra, column_comment FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`, name) {
		found.columns = append(found.columns, column{
			name: r[0], typ: typeName(r[1]), nullable: r[2] == "YES", primary: r[3] == "PRI", extra: strings.ToUpper(r[4]), comment: r[5],
		})
	}
	for _, r := range query(t, db, `SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index), MAX(non_unique) FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND table_name = ? AND index_name <> 'PRIMARY' GROUP BY index_name ORDER BY 1`, name) {
		found.keys = append(found.keys, key{strings.Split(r[0], ","), r[1] == "0"})
	}
	for _, r := range query(t, db, `SELECT column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage
		WHERE table_schema = DATABASE() AND table_name = ? AND referenced_table_name IS NOT NULL ORDER BY column_name`, name) {
		found.references = append(found.references, reference{r[0], r[1], r[2]})
	}
	return found
}

// width is what MariaDB says of an integer, and MySQL no longer does. TINYINT(1) stays: it is how a truth value is written.
var width = regexp.MustCompile(`^(bigint|int|smallint)\(\d+\)`)

func typeName(text string) string { return strings.ToUpper(width.ReplaceAllString(text, "$1")) }

func query(t *testing.T, db *sql.DB, text string, args ...any) [][]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		cells, targets := make([]string, len(names)), make([]any, len(names))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		all = append(all, cells)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
