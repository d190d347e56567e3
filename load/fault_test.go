package load_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

func TestCannotConnect(t *testing.T) {
	lk := openLake(t)
	first(2).commit(t, lk, day1)
	good, db := newDatabase(t)
	run := func(name string, class fault.Class, want ...string) {
		t.Run(name, func(t *testing.T) {
			cfg := good
			switch name {
			case "wrong password":
				cfg.Password = "wrong horse"
			case "wrong user":
				cfg.User = "nobody"
			case "unknown database":
				cfg.Name = "elsewhere"
			case "nobody listens":
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				cfg.Port = l.Addr().(*net.TCPAddr).Port
				_ = l.Close()
				want = append(want, l.Addr().String())
			case "no TLS":
				cfg.TLS = "true"
			case "read only":
				cfg.User, cfg.Password = "reader", "reading"
				for _, s := range []string{"DROP USER IF EXISTS reader@'127.0.0.1'", "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reading'", "GRANT SELECT ON *.* TO reader@'127.0.0.1'"} {
					if _, err := db.Exec(s); err != nil {
						t.Fatal(err)
					}
				}
			}
			_, err := load.Run(t.Context(), lk, cfg, plan(day1))
			checkFault(t, err, class, want...)
			if s := query(t, db, "SHOW TABLES"); s != "" {
				t.Errorf("tables were made: %s", s)
			}
		})
	}
	run("wrong password", fault.Permission, "MySQL server 127.0.0.1:", "INVENTORY_DB.user", "INVENTORY_DB.password")
	run("wrong user", fault.Permission, "INVENTORY_DB.user", "INVENTORY_DB.password")
	run("unknown database", fault.Config, "INVENTORY_DB.dbname", "elsewhere")
	run("nobody listens", fault.Unavailable, "start the MySQL server", "INVENTORY_DB.host")
	run("no TLS", fault.Config, "INVENTORY_DB.tls")
	run("read only", fault.Permission, "GRANT ALL PRIVILEGES")
}

func TestPlansThatCannotBe(t *testing.T) {
	lk := openLake(t)
	u := first(20)
	u.commit(t, lk, day1)
	u.courses, u.sections, u.enrollments, u.usage = u.courses[:14], u.sections[:14], u.enrollments[:28], u.usage[:28]
	u.commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	before := everything(t, db)
	refuse := func(name string, class fault.Class, change func(*load.Plan), want ...string) {
		t.Run(name, func(t *testing.T) {
			p := plan(day2)
			change(&p)
			_, err := load.Run(t.Context(), lk, cfg, p)
			checkFault(t, err, class, want...)
			if diff := cmp.Diff(before, everything(t, db)); diff != "" {
				t.Errorf("something changed:\n%s", diff)
			}
		})
	}
	refuse("a table shrinks", fault.Data, func(*load.Plan) {}, "course from 20 to 14", "enrollment from 40 to 28", "--accept-drop canvas_course_usage,course,course_section,enrollment")
	refuse("other tables shrink", fault.Data, func(p *load.Plan) { p.Drop.Accept = []string{"course", "enrollment"} }, "canvas_course_usage from 40 to 28", "--accept-drop canvas_course_usage,course,course_section,enrollment")
	refuse("unknown table", fault.Usage, func(p *load.Plan) { p.Tables = []string{"courses"} }, `"courses"`, "canvas_course_usage")
	refuse("no such date", fault.Unavailable, func(p *load.Plan) { p.From, p.To = day2.AddDays(5), day2.AddDays(5) }, "2027-01-16", "2 dates", "2027-01-10")
	refuse("no such range", fault.Unavailable, func(p *load.Plan) { p.From, p.To = day2.AddDays(5), day2.AddDays(9) }, "2027-01-16", "2027-01-20")
	refuse("negative wait", fault.Usage, func(p *load.Plan) { p.Wait = -time.Second }, "--wait -1s")
	refuse("range turned round", fault.Usage, func(p *load.Plan) { p.From, p.To = day2, day1 })

	p := plan(day2)
	p.Drop.Accept = p.Jobs[0].Tables
	mustLoad(t, lk, cfg, p)
	before = everything(t, db)
	refuse("older than what is there", fault.Usage, func(p *load.Plan) { p.From, p.To = day1, day1 }, "2027-01-11", "--allow-older")
	p = plan(day1)
	p.AllowOlder = true
	mustLoad(t, lk, cfg, p)
	if diff := cmp.Diff(first(20).want(), tables(t, db)); diff != "" {
		t.Errorf("went back (-want +got):\n%s", diff)
	}

	if _, err := load.Run(t.Context(), openLake(t), cfg, plan(day2)); !errors.Is(err, lake.ErrNotFound) {
		t.Errorf("an empty lake: %v", err)
	}
}

func TestWrongShapeAndDamage(t *testing.T) {
	cfg, db := database(t)
	lk := openLake(t)
	u := first(4)
	u.commit(t, lk, day1)
	mustLoad(t, lk, cfg, plan(day1))
	before := everything(t, db)

	type narrow struct {
		ID   int64  `parquet:"canvas_id"`
		Name string `parquet:"name"`
	}
	u.commit(t, lk, day2)
	commitRows(t, lk, lake.Curated("course_section"), day2, lake.NewRunID(time.Now()), []narrow{{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}, time.Time{}, nil, "canvas_id")
	_, err := load.Run(t.Context(), lk, cfg, plan(day2))
	checkFault(t, err, fault.Data, "course_section", `column "sis_id" is missing`)

	u.commit(t, lk, day2)
	s, err := lk.Find(t.Context(), lake.Curated("enrollment"), day2)
	if err != nil {
		t.Fatal(err)
	}
	truncate(t, lk.Dir()+"/"+s.Files[1].Path)
	_, err = load.Run(t.Context(), lk, cfg, plan(day2))
	checkFault(t, err, fault.Data, "is damaged")
	if diff := cmp.Diff(before, everything(t, db)); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
	noStaging(t, db)
}
