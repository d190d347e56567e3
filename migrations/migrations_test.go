package migrations_test

import (
	"database/sql"
	_ "embed"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

//go:embed testdata/original.sql
var original string

func TestMain(m *testing.M) { localdbtest.Main(m) }

var discard = slog.New(slog.DiscardHandler)

func TestUpOnAnEmptyDatabase(t *testing.T) {
	db := open(t)
	up(t, db)
	schema := describe(t, db)
	for _, table := range []string{
		"account", "term", "course", "course_section", "enrollment", "canvas_course_usage",
		"mivideo_media_started_hourly", "mivideo_media_created", "mivideo_media_courses",
		"lti_type", "lti_placement", "lti_zoom_meeting", "job_run", "data_source_status", "load_record", "load_owner", "load_change", "load_key",
	} {
		if schema[table] == "" {
			t.Errorf("no table %s", table)
		}
	}
	if got := query(t, db, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_comment = '' AND table_name NOT LIKE 'v\\_%' AND table_name <> 'goose_db_version'"); got != "" {
		t.Errorf("columns without a comment:\n%s", got)
	}
	if got := query(t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_comment = '' AND table_name <> 'goose_db_version'"); got != "" {
		t.Errorf("tables without a comment:\n%s", got)
	}
	if diff := cmp.Diff("4352 Bluejeans Bluejeans\n25194 Zoom Zoom\n", query(t, db, "SELECT * FROM lti_type ORDER BY 1")); diff != "" {
		t.Error(diff)
	}
	if got := query(t, db, "SELECT column_name, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND (table_name, column_name) IN (('mivideo_media_created', 'id'), ('mivideo_media_courses', 'media_id')) ORDER BY 1"); got != "id utf8mb4_bin\nmedia_id utf8mb4_bin\n" {
		t.Errorf("ids of media that differ in case only would be the same:\n%s", got)
	}
	up(t, db)
	if diff := cmp.Diff(schema, describe(t, db)); diff != "" {
		t.Errorf("a second run changed the schema:\n%s", diff)
	}
}

// adopted is what each table of testdata/original.sql holds afterwards.
var adopted = map[string]string{
	"account":                      "1 NULL University\n7 LSA Literature, Science & Arts\n",
	"term":                         "164 Fall 2020 2310 2020-08-31 04:00:00 2020-12-31 05:00:00\n",
	"course":                       "400001 31234 PHYS 140 Γ 7 164 2020-06-01 12:00:00 NULL available\n",
	"course_section":               "500001 NULL 001\n",
	"enrollment":                   "600001 400001 500001 17700000000000001 active StudentEnrollment\n",
	"canvas_course_usage":          "12 400001 6 1 2020-09-01\n13 400001 2 0 2020-09-02\n",
	"mivideo_media_started_hourly": "1 2020-09-01 13 400001 2020-09-01 13:59:00 7\n4 2020-09-01 14 400001 2020-09-01 14:01:00 9\n5 2020-09-01 13 999 2020-09-01 13:01:00 1\n",
	"mivideo_media_created":        "1_abc 2020-09-01 00:00:00 Lecture 1 3000\n",
	"mivideo_media_courses":        "1_abc 400001 0\n1_abc 400001 1\n",
	"lti_type":                     "77 Piazza Discussion\n25194 Zoom Zoom\n",
	"lti_placement":                "1 400001 7 PHYS 140 77\n",
	"lti_zoom_meeting":             "1 1 123 h 2020-09-01 00:00:00 2\n",
	"job_run":                      "41 COURSE_INVENTORY 2020-09-02 08:00:00 2020-09-02 09:00:00\n42 MIVIDEO 2020-09-02 09:00:00 2020-09-02 09:01:00\n",
	"data_source_status":           "71 CANVAS_API 2020-09-02 08:00:00 41\n72 KALTURA_API 2020-09-02 09:00:00 42\n",
}

func TestUpAdoptsTheOriginal(t *testing.T) {
	fresh := open(t)
	up(t, fresh)
	want := describe(t, fresh)

	db := open(t)
	exec(t, db, original)
	up(t, db)
	checkAdopted(t, db, want)
	exec(t, db, "INSERT INTO job_run (job_name, started_at, finished_at) VALUES ('X', NOW(), NOW());\n")
	if got := query(t, db, "SELECT MAX(id) FROM job_run"); got != "43\n" {
		t.Errorf("the next job_run is %s", got)
	}
}

// A run may end after any statement. Which one it was leaves no trace in goose's own record before the file is done.
func TestUpAfterAnInterruption(t *testing.T) {
	fresh := open(t)
	up(t, fresh)
	want := describe(t, fresh)
	names, err := fs.Glob(os.DirFS("."), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if name == "00004_merge_duplicates.sql" || name == "00006_lti_type_seed.sql" {
			continue // one transaction with its record
		}
		t.Run(name, func(t *testing.T) {
			db := open(t)
			exec(t, db, original)
			upTo(t, db, i)
			list := statements(t, name)
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list[:(len(list)+1)/2] {
				if _, err := conn.ExecContext(t.Context(), s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			up(t, db)
			checkAdopted(t, db, want)
		})
	}
}

// A kill between goose's own table and its first row leaves the table empty.
func TestUpAfterAnUnbegunRecord(t *testing.T) {
	fresh := open(t)
	up(t, fresh)
	db := open(t)
	exec(t, db, original)
	upTo(t, db, 1)
	exec(t, db, "DELETE FROM goose_db_version")
	up(t, db)
	checkAdopted(t, db, describe(t, fresh))
}

func TestTwoAtOnce(t *testing.T) {
	dsn := localdbtest.Database(t)
	var g errgroup.Group
	for range 3 {
		g.Go(func() error { return migrations.Up(t.Context(), openDSN(t, dsn), 0, discard) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

type written func(text string)

func (w written) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

// Whoever waits for another program says so.
func TestWaitsForAnotherProgram(t *testing.T) {
	const lock = "CONCAT('course-inventory migrate ', LEFT(SHA2(DATABASE(), 256), 16))"
	db := open(t)
	other, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	do := func(query string) {
		if _, err := other.ExecContext(t.Context(), query); err != nil {
			t.Error(err)
		}
	}
	do("DO GET_LOCK(" + lock + ", 0)")
	waited := false
	log := slog.New(slog.NewTextHandler(written(func(text string) {
		if strings.Contains(text, "waiting for another program") {
			waited = true
			do("DO RELEASE_LOCK(" + lock + ")")
		}
	}), nil))
	if err := migrations.Up(t.Context(), db, 0, log); err != nil {
		t.Fatal(err)
	}
	if !waited {
		t.Error("it did not wait")
	}
}

func TestPending(t *testing.T) {
	db := open(t)
	before, err := migrations.Pending(t.Context(), db)
	if err != nil || len(before) < 7 {
		t.Fatalf("got %v, %v", before, err)
	}
	if got := query(t, db, "SHOW TABLES"); got != "" {
		t.Errorf("asking made tables:\n%s", got)
	}
	up(t, db)
	if after, err := migrations.Pending(t.Context(), db); err != nil || len(after) > 0 {
		t.Errorf("got %v, %v", after, err)
	}
}

func checkAdopted(t *testing.T, db *sql.DB, schema map[string]string) {
	t.Helper()
	got := describe(t, db)
	delete(got, "_yoyo_migration")
	delete(got, "yoyo_lock")
	if diff := cmp.Diff(uncollated(schema), uncollated(got)); diff != "" {
		t.Errorf("the adopted schema differs from a new one (-new +adopted):\n%s", diff)
	}
	rows := map[string]string{}
	for table := range adopted {
		rows[table] = query(t, db, "SELECT * FROM "+table+" ORDER BY 1, 2, 3")
	}
	if diff := cmp.Diff(adopted, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// An adopted database keeps the collations that it has; TestAdoptsCollations looks at them.
var collation = regexp.MustCompile(`( CHARACTER SET utf8mb4)? COLLATE[ =]utf8mb4_\w+_ci`)

func uncollated(schema map[string]string) map[string]string {
	all := map[string]string{}
	for table, ddl := range schema {
		all[table] = collation.ReplaceAllString(ddl, "")
	}
	return all
}

func open(t *testing.T) *sql.DB { return openDSN(t, localdbtest.Database(t)) }

func openDSN(t *testing.T, dsn string) *sql.DB {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	cfg.ParseTime = false
	cfg.Params["sql_mode"] = "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func up(t *testing.T, db *sql.DB) {
	t.Helper()
	if err := migrations.Up(t.Context(), db, 0, discard); err != nil {
		t.Fatal(err)
	}
}

// upTo applies the first n files.
func upTo(t *testing.T, db *sql.DB, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	provider, err := goose.NewProvider(goose.DialectMySQL, db, os.DirFS("."), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), int64(n)); err != nil {
		t.Fatal(err)
	}
}

// statements splits a file whose statements end at the end of a line.
func statements(t *testing.T, file string) []string {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return split(string(data))
}

func split(script string) []string {
	var list []string
	for s := range strings.SplitSeq(script, ";\n") {
		if strings.TrimSpace(s) != "" {
			list = append(list, s)
		}
	}
	return list
}

func exec(t *testing.T, db *sql.DB, script string) {
	t.Helper()
	for _, s := range split(script) {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// describe returns the definition of each table but goose's.
func describe(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	schema := map[string]string{}
	for table := range strings.Lines(query(t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'")) {
		table = strings.TrimSpace(table)
		if table == "goose_db_version" {
			continue
		}
		var name, ddl string
		if err := db.QueryRowContext(t.Context(), "SHOW CREATE TABLE "+table).Scan(&name, &ddl); err != nil {
			t.Fatal(err)
		}
		kept := []string{}
		for line := range strings.Lines(ddl) {
			if i := strings.Index(line, " AUTO_INCREMENT="); i >= 0 && strings.HasPrefix(line, ")") {
				rest := strings.SplitN(line[i+1:], " ", 2)
				line = line[:i+1] + rest[1]
			}
			kept = append(kept, line)
		}
		schema[table] = strings.Join(kept, "")
	}
	return schema
}

func query(t *testing.T, db *sql.DB, q string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	values := make([]sql.NullString, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if i > 0 {
				out.WriteByte(' ')
			}
			if v.Valid {
				out.WriteString(v.String)
			} else {
				out.WriteString("NULL")
			}
		}
		fmt.Fprintln(&out)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
