package load_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// refusals are error numbers of MySQL, MariaDB, Galera, Group Replication, managed servers and proxies.
var refusals = []uint16{
	3, 1021, 1030, 1040, 1041, 1042, 1044, 1045, 1046, 1047, 1048, 1049, 1053, 1054, 1062, 1064, 1071, 1099, 1105, 1114, 1118, 1129, 1130, 1142, 1143, 1146,
	1148, 1153, 1158, 1159, 1160, 1161, 1180, 1193, 1194, 1195, 1196, 1203, 1205, 1206, 1213, 1223, 1226, 1227, 1235, 1251, 1264, 1267, 1290, 1292, 1300, 1317,
	1336, 1347, 1364, 1366, 1370, 1406, 1419, 1449, 1451, 1452, 1461, 1505, 1553, 1568, 1613, 1615, 1637, 1644, 1665, 1689, 1694, 1785, 1792, 1820, 1833, 1836,
	1862, 1873, 1877, 1927, 1932, 1969, 2006, 2013, 3024, 3098, 3100, 3101, 3118, 3159, 3572, 3750, 3819, 3948, 3955, 4025, 4031, 4078, 4151, 4166, 8022, 9001, 9002, 9006, 65535,
}

// situation is a database before a load.
type situation struct {
	db    querier
	reset func() // brings the database to it
	load  func(config.Database) error
}

// TestRefusedStatements refuses each statement that any kind of load sends in turn, with the next of all numbers. With LOAD_REFUSALS=all it does so
// with every number at every statement of every kind, which takes long.
func TestRefusedStatements(t *testing.T) {
	all := os.Getenv("LOAD_REFUSALS") == "all"
	next, refused := 0, map[string]bool{}
	for _, kind := range []struct {
		name    string
		prepare func(*testing.T) (config.Database, situation)
	}{{"first load", firstLoad}, {"changes", changedRows}, {"edited table", editedTable}, {"incremental", incrementalRows}} {
		t.Run(kind.name, func(t *testing.T) {
			direct, s := kind.prepare(t)
			r, cfg := newRefuser(t, direct)
			s.reset()
			before := tables(t, s.db)
			statements := record(t, r, func() error { return s.load(cfg) })
			after := tables(t, s.db)
			if cmp.Equal(before, after) {
				t.Fatal("the load changes nothing")
			}
			t.Logf("%d statements", len(statements))
			s.reset()
			for i, statement := range statements {
				numbers := refusals
				if !all {
					if refused[statement] {
						continue
					}
					refused[statement] = true
					numbers = refusals[next%len(refusals):][:1]
					next++
				}
				for _, n := range numbers {
					e := refusal(n)
					err := refuseOne(r, statement, e, func() error { return s.load(cfg) })
					if err == nil {
						// The load went on without it, or tried again.
						if diff := cmp.Diff(after, tables(t, s.db)); diff != "" {
							t.Fatalf("%v at %s (-want +got):\n%s", e, statement, diff)
						}
						s.reset()
						continue
					}
					if fault.ClassOf(err) == fault.Defect || fault.HintOf(err) == "" {
						t.Errorf("%v at %s: class %s, remedy %q: %v", e, statement, fault.ClassOf(err), fault.HintOf(err), err)
					}
					want := before
					if strings.Contains(err.Error(), "the rows were loaded") {
						want = after
					}
					if diff := cmp.Diff(want, tables(t, s.db)); diff != "" {
						t.Fatalf("%v at %s (-want +got):\n%s", e, statement, diff)
					}
					if strings.Contains(err.Error(), "the rows were loaded") {
						s.reset()
					}
				}
				if !all && i%8 > 0 {
					continue
				}
				if err := s.load(direct); err != nil {
					t.Fatalf("the load after a refusal of %s: %v", statement, err)
				}
				if diff := cmp.Diff(after, tables(t, s.db)); diff != "" {
					t.Fatalf("the load after a refusal of %s (-want +got):\n%s", statement, diff)
				}
				noStaging(t, s.db)
				s.reset()
			}
		})
	}
	if next > 0 && next < len(refusals) {
		t.Errorf("%d statements were refused, fewer than the %d numbers", next, len(refusals))
	}
}

// refusal is an error with the SQLSTATE that servers send with its number.
func refusal(n uint16) *mysql.MySQLError {
	e := &mysql.MySQLError{Number: n, Message: "refused by the test"}
	state := map[uint16]string{1213: "40001", 3101: "40000", 1045: "28000", 1062: "23000", 1064: "42000", 1792: "25006", 1047: "08S01"}[n]
	if state == "" {
		state = "HY000"
	}
	copy(e.SQLState[:], state)
	return e
}

// record returns the statements of f, each with how many of the same text came before it.
func record(t *testing.T, r *refuser, f func() error) []string {
	t.Helper()
	var statements []string
	seen := map[string]int{}
	r.set(func(s string) *mysql.MySQLError {
		seen[s]++
		statements = append(statements, occurrence(seen[s], s))
		return nil
	})
	err := f()
	r.set(func(string) *mysql.MySQLError { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return statements
}

func occurrence(n int, statement string) string { return fmt.Sprintf("%d× %s", n, statement) }

// refuseOne calls f and refuses one statement meanwhile.
func refuseOne(r *refuser, statement string, e *mysql.MySQLError, f func() error) error {
	seen := map[string]int{}
	r.set(func(s string) *mysql.MySQLError {
		seen[s]++
		if occurrence(seen[s], s) == statement {
			return e
		}
		return nil
	})
	defer r.set(func(string) *mysql.MySQLError { return nil })
	return f()
}

func run(t *testing.T, p load.Plan, cfg config.Database, lk *lake.Lake) error {
	p.Log = slog.New(slog.DiscardHandler)
	_, err := load.Run(t.Context(), lk, cfg, p)
	return err
}

// firstLoad is empty tables, of which all are filled without their keys.
func firstLoad(t *testing.T) (config.Database, situation) {
	lk := openLake(t)
	first(3).commit(t, lk, day1)
	cfg, db := database(t)
	return cfg, situation{db, func() { empty(t, db) }, func(cfg config.Database) error {
		p := plan(day1)
		p.BulkRows = 6 // which two tables reach
		return run(t, p, cfg, lk)
	}}
}

// changedRows is tables with an older snapshot, of which rows change.
func changedRows(t *testing.T) (config.Database, situation) {
	lk, u := openLake(t), first(3)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	older := plan(day1)
	older.AllowOlder, older.Drop.Accept = true, older.Jobs[0].Tables
	newer := plan(day2)
	newer.Drop.Accept = newer.Jobs[0].Tables
	return cfg, situation{db, func() { mustLoad(t, lk, cfg, older) }, func(cfg config.Database) error { return run(t, newer, cfg, lk) }}
}

// editedTable is [changedRows] where somebody edited a table.
func editedTable(t *testing.T) (config.Database, situation) {
	cfg, s := changedRows(t)
	reset := s.reset
	s.reset = func() {
		reset()
		query(t, s.db, "UPDATE enrollment SET role_type = 'edited' WHERE role_type = 'StudentEnrollment'")
	}
	return cfg, s
}

// incrementalRows is tables with a date of an incremental job, before the next date.
func incrementalRows(t *testing.T) (config.Database, situation) {
	lk := openLake(t)
	a, b := twoNights()
	a.commit(t, lk)
	b.commit(t, lk)
	cfg, db := database(t)
	return cfg, situation{db, func() {
		empty(t, db)
		mustLoad(t, lk, cfg, planOf(mivideo, a.date, a.date))
	}, func(cfg config.Database) error { return run(t, planOf(mivideo, b.date, b.date), cfg, lk) }}
}
