package localdbtest_test

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

func TestMain(m *testing.M) { localdbtest.Main(m) }

func TestDatabasesAreApart(t *testing.T) {
	for driver, database := range map[string]func(testing.TB) string{
		"mysql": localdbtest.Database, "pgx": localdbtest.PostgresDatabase,
	} {
		for range 2 {
			t.Run(driver, func(t *testing.T) {
				db, err := sql.Open(driver, database(t))
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (n INT)"); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
