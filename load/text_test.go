package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// odd are texts that one layer or another could take for something else.
var odd = []string{
	"", " ", "trailing ", "NULL", `\N`, `\`, `\\`, `\t`, "tab\there", "new\nline", "return\rhere", "crlf\r\n", "nul\x00here",
	"\x1a", "'single' \"double\" `back`", "日本語", "emoji 🎓👩‍🔬", "Ünïcödé", "Résumé", "resume", "RESUME", strings.Repeat("🎓", 512),
	strings.Repeat("long ", 100), "%s %d", "a,b;c", "\ufeffbom", "\u2028",
}

func oddUniversity() university {
	u := first(int64(len(odd)))
	for i := range u.courses {
		u.courses[i].Name = odd[i]
		u.courses[i].SISID = nil
		if len([]rune(odd[i])) <= 256 {
			u.courses[i].SISID = &odd[i] // empty is not NULL
		}
	}
	return u
}

func TestOddTextArrivesAsItIs(t *testing.T) {
	lk, u := openLake(t), oddUniversity()
	u.commit(t, lk, day1)
	// A day later each name is that of its neighbour: changes that a collation would not see are among them.
	n := oddUniversity()
	for i := range n.courses {
		n.courses[i].Name = odd[(i+1)%len(odd)]
	}
	n.commit(t, lk, day2)

	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Errorf("streamed into empty tables (-want +got):\n%s", diff)
	}
	got := mustLoad(t, lk, cfg, plan(day2))
	if diff := cmp.Diff(map[string][3]int64{"course": {0, int64(len(odd)), 0}}, counts(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(n.want(), tables(t, db)); diff != "" {
		t.Errorf("by difference (-want +got):\n%s", diff)
	}
}

// A server that LOAD DATA LOCAL was refused gets the same rows by INSERT.
func TestWithoutLocalInfile(t *testing.T) {
	t.Parallel() // it has a server of its own
	s, err := localdb.StartMySQL(t.Context(), localdb.Options{Fast: true, Extra: []string{"--local-infile=OFF", "--max-allowed-packet=1M"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	db := openDSN(t, s.DSN(""))
	if _, err := db.Exec("CREATE DATABASE inventory CHARACTER SET latin1"); err != nil {
		t.Fatal(err)
	}
	db = openDSN(t, s.DSN("inventory"))
	cfg := config.Database{Host: s.Host(), Port: s.Port(), Name: "inventory", User: s.User(), Password: config.Secret(s.Password())}

	lk, u := openLake(t), oddUniversity()
	more := first(2500) // several statements, the last of them not full
	u.sections, u.enrollments, u.usage = more.sections, more.enrollments[:54], more.usage[:54]
	for i := range u.sections {
		u.sections[i].Name = strings.Repeat("🎓", 500) // too much for one packet
	}
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)

	var log logged
	p := plan(day1)
	p.Log = log.logger()
	mustLoad(t, lk, cfg, p)
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Errorf("into empty tables (-want +got):\n%s", diff)
	}
	if n := log.count("LOAD DATA LOCAL was refused"); n != 1 {
		t.Errorf("%d warnings about local_infile", n)
	}
	mustLoad(t, lk, cfg, plan(day2))
	if diff := cmp.Diff(n.want(), tables(t, db)); diff != "" {
		t.Errorf("by difference (-want +got):\n%s", diff)
	}
	badName(t, lk, cfg, db)
}

func TestRefusedRowIsNamed(t *testing.T) {
	lk := openLake(t)
	cfg, db := database(t)
	first(5).commit(t, lk, day1)
	mustLoad(t, lk, cfg, plan(day1))
	badName(t, lk, cfg, db)
}

// badName loads tables whose rows the server refuses, and expects to be told which, and the old data.
func badName(t *testing.T, lk *lake.Lake, cfg config.Database, db querier) {
	t.Helper()
	before := everything(t, db)
	for name, test := range map[string]struct {
		spoil func(*university)
		want  []string
	}{
		"too long": {
			func(u *university) { u.courses[3].Name = strings.Repeat("x", 600) },
			[]string{"table course", "canvas_id 170000000000000004", "column name", "600 characters"},
		},
		"date out of range": {
			func(u *university) { u.usage[2].Date = 3_000_000 },
			[]string{"table canvas_course_usage", "course_id 170000000000000002", "column date"},
		},
		"twice": {
			func(u *university) { u.enrollments[3].ID = u.enrollments[2].ID },
			[]string{"table enrollment", "canvas_id 1002 stands twice"},
		},
		"no such course": {
			func(u *university) { u.enrollments[3].CourseID = 77 },
			[]string{"table enrollment", "1003", "course_id", "course 77"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := first(5)
			test.spoil(&u)
			u.commit(t, lk, day2.AddDays(1))
			p := plan(day2.AddDays(1))
			p.Drop.Accept = p.Jobs[0].Tables
			_, err := load.Run(t.Context(), lk, cfg, p)
			checkFault(t, err, fault.Data, test.want...)
			if diff := cmp.Diff(before, everything(t, db)); diff != "" {
				t.Errorf("something changed:\n%s", diff)
			}
			noStaging(t, db)
		})
	}
}

// The same into empty tables, where rows go straight into the live table.
func TestRefusedRowOnFirstLoad(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*university)
		want  []string
	}{
		"too long":       {func(u *university) { u.courses[3].Name = strings.Repeat("x", 600) }, []string{"table course", "canvas_id 170000000000000004", "column name"}},
		"no such course": {func(u *university) { u.enrollments[3].CourseID = 77 }, []string{"table enrollment", "row 1003", "course_id", "course 77"}},
		"twice":          {func(u *university) { u.usage[1].Date = u.usage[0].Date }, []string{"table canvas_course_usage", "date 2024-10-04 stands twice"}},
	} {
		for _, bulk := range []int64{0, 1} { // with keys in place, and with keys added afterwards
			t.Run(fmt.Sprintf("%s, bulk %d", name, bulk), func(t *testing.T) {
				lk, u := openLake(t), first(5)
				test.spoil(&u)
				u.commit(t, lk, day1)
				cfg, db := database(t)
				before := schema(t, db)
				p := plan(day1)
				p.BulkRows = bulk
				_, err := load.Run(t.Context(), lk, cfg, p)
				checkFault(t, err, fault.Data, test.want...)
				if got := tables(t, db); len(got) > 0 {
					t.Errorf("something is there: %v", got)
				}
				if diff := cmp.Diff(before, schema(t, db)); diff != "" {
					t.Errorf("the schema changed:\n%s", diff)
				}
				noStaging(t, db)
			})
		}
	}
}

// A user with rights on the database alone can load, and what the server keeps to itself still stops a load.
func TestPlainUserAndHiddenWarnings(t *testing.T) {
	lk, u := openLake(t), first(5)
	u.commit(t, lk, day1)
	u.courses[3].Name = strings.Repeat("x", 600)
	u.commit(t, lk, day2)
	cfg, db := newDatabase(t)
	for _, s := range []string{
		"CREATE USER plain@'127.0.0.1' IDENTIFIED BY 'plain'", "GRANT ALL PRIVILEGES ON `" + cfg.Name + "`.* TO plain@'127.0.0.1'",
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	cfg.User, cfg.Password = "plain", "plain"
	p := plan(day1)
	p.BulkRows = 1
	mustLoad(t, lk, cfg, p)
	usual := strings.TrimSpace(query(t, db, "SELECT @@GLOBAL.max_error_count"))
	if _, err := db.Exec("SET GLOBAL max_error_count = 0"); err != nil {
		t.Fatal(err)
	}
	defer db.Exec("SET GLOBAL max_error_count = " + usual)
	_, err := load.Run(t.Context(), lk, cfg, plan(day2))
	checkFault(t, err, fault.Config, "max_error_count")
	if diff := cmp.Diff(first(5).want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
