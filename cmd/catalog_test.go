package cmd_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// TestCatalogShowsWhatMySQLShows runs some nights and compares the views of the catalog that they leave behind with the
// tables in MySQL, the incremental ones too.
func TestCatalogShowsWhatMySQLShows(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.config["JOB_NAMES"] = []string{"COURSE_INVENTORY", "MIVIDEO"}
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if err := w.start(campus.Options{Seed: 5, Courses: 30, Date: monday}, true); err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{0, 1, 3} { // nobody was there on Wednesday
		if err := w.move(monday.AddDate(0, 0, days)); err != nil {
			t.Fatal(err)
		}
		w.night(t, 0)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	statements, err := os.ReadFile(filepath.Join(w.dir, "lake", "_catalog", "catalog.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(statements)); err != nil {
		t.Fatal(err)
	}
	for _, table := range load.Tables() {
		if strings.HasPrefix(table.Name, "lti_") {
			continue // MySQL shows the tools of a list that is its own
		}
		var inDuckDB, inMySQL []string
		for _, c := range table.Columns {
			text := `CAST("` + c.Name + `" AS VARCHAR)`
			switch c.Type {
			case lake.Timestamp:
				text = `strftime("` + c.Name + `", '%Y-%m-%d %H:%M:%S')`
			case lake.Boolean:
				text = `CAST(CAST("` + c.Name + `" AS INTEGER) AS VARCHAR)`
			}
			inDuckDB = append(inDuckDB, "coalesce("+text+", 'NULL')")
			inMySQL = append(inMySQL, "coalesce(CAST(`"+c.Name+"` AS CHAR), 'NULL')")
		}
		got := texts(t, db, fmt.Sprintf("SELECT concat_ws('|', %s) FROM curated.%s", strings.Join(inDuckDB, ", "), table.Name))
		want := texts(t, w.db, fmt.Sprintf("SELECT concat_ws('|', %s) FROM %s", strings.Join(inMySQL, ", "), table.Name))
		if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
			t.Errorf("%s, %d rows (-MySQL +DuckDB):\n%s", table.Name, len(got), diff)
		}
	}
	nights := texts(t, db, "SELECT DISTINCT CAST(dt AS VARCHAR) FROM curated.mivideo_media_started_hourly_all")
	if diff := cmp.Diff([]string{"2026-03-02", "2026-03-03", "2026-03-05"}, nights); diff != "" {
		t.Errorf("nights (-want +got):\n%s", diff)
	}
}

// texts returns the sorted texts that a query yields.
func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
