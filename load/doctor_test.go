package load

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

// TestCheckupPrivileges examines the database as users with and without what a load needs. A pattern in the name of a grant's database
// counts, and one that fits another database does not.
func TestCheckupPrivileges(t *testing.T) {
	dsn, err := mysql.ParseDSN(localdbtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("mysql", dsn.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const user, password = "examined", "Secret-1-of-the-examined"
	host, port, _ := strings.Cut(dsn.Addr, ":")
	db := config.Database{Host: host, Name: dsn.DBName, User: user, Password: password, TLS: "false"}
	if _, err := fmt.Sscan(port, &db.Port); err != nil {
		t.Fatal(err)
	}
	pattern := strings.ReplaceAll(dsn.DBName, "_", `\_`)
	for _, test := range []struct {
		grant string
		class fault.Class
		says  string
	}{
		{"GRANT ALL PRIVILEGES ON `" + pattern + "`.* TO ", fault.OK, ""},
		{"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, CREATE TEMPORARY TABLES ON `" + pattern[:3] + "%`.* TO ", fault.OK, ""},
		{"GRANT SELECT, INSERT ON `" + pattern + "`.* TO ", fault.Permission, "lacks UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, CREATE TEMPORARY TABLES"},
	} {
		for _, statement := range []string{
			"DROP USER IF EXISTS '" + user + "'@'%'", "CREATE USER '" + user + "'@'%' IDENTIFIED BY '" + password + "'", test.grant + "'" + user + "'@'%'",
		} {
			if _, err := pool.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		detail, err := answer(t, db, "privileges")
		if fault.ClassOf(err) != test.class || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %s, %v", test.grant, detail, err)
		}
	}
	if _, err := pool.ExecContext(t.Context(), "DROP USER '"+user+"'@'%'"); err != nil {
		t.Fatal(err)
	}
	if _, err := answer(t, db, "connection"); fault.ClassOf(err) != fault.Permission || strings.Contains(err.Error(), password) {
		t.Errorf("without the user: %v", err)
	}
}

// TestCheckup examines a sound database: there is nothing to fail on, and nothing changes.
func TestCheckup(t *testing.T) {
	dsn, err := mysql.ParseDSN(localdbtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := strings.Cut(dsn.Addr, ":")
	db := config.Database{Host: host, Name: dsn.DBName, User: dsn.User, Password: config.Secret(dsn.Passwd), TLS: "preferred"}
	if _, err := fmt.Sscan(port, &db.Port); err != nil {
		t.Fatal(err)
	}
	p, err := Checkup(db)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, q := range p.Questions {
		if detail, err := q.Ask(t.Context()); err != nil && !checkup.Doubtful(err) {
			t.Errorf("%s: %s, %v", q.Name, detail, err)
		}
	}
	held, err := Held(t.Context(), db)
	if err != nil || len(held) > 0 {
		t.Errorf("an empty database holds %v, %v", held, err)
	}
}

// answer asks one question.
func answer(t *testing.T, db config.Database, name string) (string, error) {
	t.Helper()
	p, err := Checkup(db)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, q := range p.Questions {
		if q.Name == name {
			return q.Ask(context.WithoutCancel(t.Context()))
		}
	}
	t.Fatalf("no question %s", name)
	return "", nil
}
