package migrations_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

// What docs/tableau.md and docs/load.md ask works, for a user with the rights that docs/tableau.md gives it.
func TestQueriesOfTheDocs(t *testing.T) {
	dsn := localdbtest.Database(t)
	db := openDSN(t, dsn)
	up(t, db)
	exec(t, db, inventory)
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	var queries []string
	for _, page := range []string{"tableau.md", "load.md"} {
		for _, s := range fenced(t, "../docs/"+page) {
			switch {
			case strings.HasPrefix(s, "CREATE USER"), strings.HasPrefix(s, "GRANT"):
				// The server of the tests has no TLS, and listens to this machine only.
				s = strings.NewReplacer("…", "reading", " REQUIRE SSL", "", "'%'", "'127.0.0.1'", "course_inventory.", "`"+cfg.DBName+"`.").Replace(s)
				exec(t, db, s+";\n")
			case strings.HasPrefix(s, "SELECT"):
				queries = append(queries, s)
			}
		}
	}
	defer exec(t, db, "DROP USER tableau@'127.0.0.1';\n")
	cfg.User, cfg.Passwd = "tableau", "reading"
	reader := openDSN(t, cfg.FormatDSN())
	if len(queries) < 4 {
		t.Errorf("only %d queries in the docs", len(queries))
	}
	shares := 0
	for _, q := range queries {
		if !strings.Contains(q, " AS percent ") {
			query(t, reader, q)
			continue
		}
		shares++
		q = "SELECT COUNT(*) > 0, COALESCE(SUM(percent NOT BETWEEN 0 AND 100), 0) FROM (" + q + ") AS answer"
		if got := query(t, reader, q); got != "1 0\n" {
			t.Errorf("rows, and rows outside of 0 to 100 percent: %s\n%s", got, q)
		}
	}
	if shares == 0 {
		t.Error("no query in the docs asks for a share")
	}
	for _, q := range []string{"DELETE FROM course", "INSERT INTO lti_type VALUES (1, 'x', 'y')", "DROP VIEW v_data_freshness"} {
		if _, err := reader.Exec(q); err == nil {
			t.Errorf("the reader may %s", q)
		}
	}
}

var comment = regexp.MustCompile(`(?m)^--.*\n`)

// fenced returns the SQL statements of a page.
func fenced(t *testing.T, page string) (all []string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(data), "```") {
		sql, found := strings.CutPrefix(part, "sql\n")
		if i%2 == 0 || !found {
			continue
		}
		for s := range strings.SplitSeq(comment.ReplaceAllString(sql, ""), ";\n") {
			if s = strings.TrimSpace(s); s != "" {
				all = append(all, s)
			}
		}
	}
	return all
}
