package load_test

import (
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// newDatabase is an empty database of this test's own, as the configuration names it and as the test looks into it.
func newDatabase(t testing.TB) (config.Database, *sql.DB) {
	t.Helper()
	dsn := localdbtest.Database(t)
	name, _, _ := strings.Cut(dsn[strings.LastIndexByte(dsn, '/')+1:], "?")
	return settings(t, name), openDSN(t, dsn)
}

// database is the one that the tests share: its tables are there, and empty.
func database(t testing.TB) (config.Database, *sql.DB) {
	t.Helper()
	const name = "shared"
	s := localdbtest.MySQL(t)
	if _, err := openDSN(t, s.DSN("")).Exec("CREATE DATABASE IF NOT EXISTS " + name); err != nil {
		t.Fatal(err)
	}
	db := openDSN(t, s.DSN(name))
	if err := migrations.Up(t.Context(), db, 0, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	empty(t, db)
	return settings(t, name), db
}

// empty removes all rows, and puts back the keys that a load took and was kept from putting back.
func empty(t testing.TB, db *sql.DB) {
	t.Helper()
	for table := range strings.Lines(query(t, db, "SHOW TABLES LIKE '\\_load\\_%'")) {
		if _, err := db.Exec("DROP TABLE " + table); err != nil {
			t.Fatal(err)
		}
	}
	emptied := []string{"data_source_status", "load_change", "load_key", "load_record", "load_owner", "job_run", "lti_type WHERE canvas_id NOT IN (25194, 4352)"}
	for _, table := range load.Tables() {
		emptied = append([]string{table.Name}, emptied...)
	}
	taken := keysTaken(t, db)
	for _, table := range emptied {
		if _, err := db.Exec("DELETE FROM " + table); err != nil {
			t.Fatal(err)
		}
	}
	for table, keys := range taken {
		for _, key := range keys {
			_, _ = db.Exec("ALTER TABLE `" + table + "` ADD " + key) // refused where it is back already
		}
	}
	for _, table := range []string{"canvas_course_usage", "data_source_status", "job_run"} {
		if _, err := db.Exec("ALTER TABLE " + table + " AUTO_INCREMENT = 1"); err != nil {
			t.Fatal(err)
		}
	}
}

// keysTaken returns the definitions of the keys that loads took off tables, references last.
func keysTaken(t testing.TB, db *sql.DB) map[string][]string {
	t.Helper()
	rows, err := db.Query("SELECT table_name, definition FROM load_key ORDER BY definition LIKE 'CONSTRAINT%', key_name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	taken := map[string][]string{}
	for rows.Next() {
		var table, key string
		if err := rows.Scan(&table, &key); err != nil {
			t.Fatal(err)
		}
		taken[table] = append(taken[table], key)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return taken
}

func settings(t testing.TB, name string) config.Database {
	t.Helper()
	s := localdbtest.MySQL(t)
	return config.Database{Host: s.Host(), Port: s.Port(), Name: name, User: s.User(), Password: config.Secret(s.Password())}
}

var now = at("2027-01-11T09:30:00.6Z")

func plan(d lake.Date) load.Plan {
	return load.Plan{
		Jobs: job.All()[:1], From: d, To: d, Drop: drop.Rule{Max: load.DefaultMaxDrop}, RunID: "RUN", ToolVersion: "test",
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	}
}

func mustLoad(t testing.TB, l *lake.Lake, db config.Database, p load.Plan) load.JobLoad {
	t.Helper()
	r, err := load.Run(t.Context(), l, db, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Loads) != 1 {
		t.Fatalf("got %d loads", len(r.Loads))
	}
	return r.Loads[0]
}

// counts returns inserted/updated/deleted of each table that changed.
func counts(l load.JobLoad) map[string][3]int64 {
	m := map[string][3]int64{}
	for _, t := range l.Tables {
		if c := [3]int64{t.Inserted, t.Updated, t.Deleted}; c != [3]int64{} {
			m[t.Name] = c
		}
	}
	return m
}
