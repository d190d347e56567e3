package udw

import (
	"context"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// sectionsOf extracts the warehouse and returns its sections, with the notes of their manifest.
func sectionsOf(t *testing.T, cfg *config.Config) ([]Section, []string) {
	t.Helper()
	l := extracttest.Lake(t)
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, cfg), now)); err != nil {
		t.Fatal(err)
	}
	s, err := l.Find(t.Context(), "raw/udw/course_section_dim", lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	return extracttest.Rows[Section](t, l, "raw/udw/course_section_dim", lake.DateOf(now)), s.Notes
}

// execLater cleans up at the end of a test, whose own context has ended by then.
func execLater(dsn, statement string) {
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		return // the test has failed before
	}
	_, _ = conn.Exec(context.Background(), statement)
	_ = conn.Close(context.Background())
}

// TestSessionIsOurs reads as a role that has settings of its own for all that values are written by.
func TestSessionIsOurs(t *testing.T) {
	_, cfg, dsn := pour(t)
	exec(t, dsn, "UPDATE course_section_dim SET name = 'Zoë ÷ ' || id WHERE id % 2 = 0",
		"UPDATE course_section_dim SET name = '日本 😀', created_at = '2026-02-01 23:30:00.25' WHERE canvas_id = (SELECT min(canvas_id) FROM course_section_dim)",
		"ALTER TABLE course_section_dim ALTER COLUMN updated_at TYPE timestamptz USING updated_at AT TIME ZONE 'UTC'")
	want, _ := sectionsOf(t, cfg)
	user := "odd_" + cfg.UDW.Name
	exec(t, dsn, fmt.Sprintf("CREATE ROLE %s LOGIN SUPERUSER PASSWORD 'odd'", user))
	t.Cleanup(func() { execLater(localdbtest.Postgres(t).DSN(""), "DROP ROLE "+user) })
	for _, setting := range []string{"client_encoding TO 'LATIN1'", "DateStyle TO 'German, DMY'", "IntervalStyle TO 'sql_standard'", "TimeZone TO 'Asia/Tokyo'",
		"bytea_output TO 'escape'", "extra_float_digits TO '-15'", "standard_conforming_strings TO 'off'"} {
		exec(t, dsn, fmt.Sprintf("ALTER ROLE %s SET %s", user, setting))
	}
	cfg.UDW.User, cfg.UDW.Password = user, "odd"
	got, notes := sectionsOf(t, cfg)
	if diff := gocmp.Diff(want, got); diff != "" || len(notes) > 0 {
		t.Errorf("notes %q, rows of the default role (-) and of the odd one (+):\n%.3000s", notes, diff)
	}
}

// TestPadding reads columns of the type character(n), whose values are as wide as the column. Blanks of a varchar are data.
func TestPadding(t *testing.T) {
	_, cfg, dsn := pour(t)
	exec(t, dsn, "UPDATE course_section_dim SET name = name || '  '")
	want, _ := sectionsOf(t, cfg)
	exec(t, dsn, "ALTER TABLE course_section_dim ALTER COLUMN sis_source_id TYPE character(256), ALTER COLUMN workflow_state TYPE character(20)",
		"ALTER TABLE unizin_metadata ALTER COLUMN key TYPE character(40), ALTER COLUMN value TYPE character(60)")
	got, _ := sectionsOf(t, cfg)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("rows of varchar (-) and of character(n) (+):\n%.3000s", diff)
	}
	if len(want) == 0 || !strings.HasSuffix(*want[0].Name, "  ") {
		t.Error("the blanks of a varchar are gone")
	}
}

// TestNoEncoding reads a database that takes any bytes for text.
func TestNoEncoding(t *testing.T) {
	name := strings.ReplaceAll(localdbtest.PostgresDatabase(t), "test_", "bytes_")
	at := strings.LastIndex(name, "bytes_")
	database, _, _ := strings.Cut(name[at:], "?")
	server := localdbtest.Postgres(t)
	exec(t, server.DSN(""), "CREATE DATABASE "+database+" ENCODING SQL_ASCII TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
	t.Cleanup(func() { execLater(server.DSN(""), "DROP DATABASE "+database+" WITH (FORCE)") })
	dsn := server.DSN(database)
	exec(t, dsn, "CREATE TABLE course_section_dim (id bigint, canvas_id bigint, name varchar, course_id bigint, enrollment_term_id bigint, workflow_state varchar, sis_source_id varchar, created_at timestamp, updated_at timestamp)",
		"CREATE TABLE unizin_metadata (key varchar, value varchar)",
		"INSERT INTO unizin_metadata VALUES ('canvasdatadate', '2026-02-03 01:02:03+00')",
		`INSERT INTO course_section_dim (id, canvas_id, name, sis_source_id) VALUES (1, 1, E'Zo\xc3\xab', E'A\xe9B'), (2, 2, E'\xff\xfe', 'C')`)
	rows, notes := sectionsOf(t, configOf(t, dsn))
	if len(rows) != 2 || *rows[0].Name != "Zoë" || *rows[0].SISSourceID != "A\uFFFDB" || *rows[1].Name != "\uFFFD" {
		t.Errorf("read %d rows, the first %q and %q", len(rows), *rows[0].Name, *rows[0].SISSourceID)
	}
	if text := strings.Join(notes, " "); !strings.Contains(text, "2 values of the warehouse held bytes that are no UTF-8") {
		t.Errorf("the notes are %q", text)
	}
}

// TestOldServer meets a server that knows few settings, and one that sends no UTF-8.
func TestOldServer(t *testing.T) {
	server := &redshift{sections: 3}
	if rows, _ := sectionsOf(t, server.start(t)); len(rows) != 3 || server.unset.Load() > 0 {
		t.Errorf("read %d rows, %d queries without the settings", len(rows), server.unset.Load())
	}
	latin := &redshift{sections: 3, latin: true}
	_, err := extract.Run(t.Context(), extracttest.Lake(t), extracttest.Plan(openHasty(t, latin.start(t)), now))
	if fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), "LATIN1") || !strings.Contains(fault.HintOf(err), "client_encoding") {
		t.Errorf("%v (%s, %q)", err, fault.ClassOf(err), fault.HintOf(err))
	}
}
