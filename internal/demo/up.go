package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// up starts what is missing, runs the nights and shows the result.
func (d *demo) up(ctx context.Context, c choice) error {
	s, err := d.load(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path("secrets"), 0o700); err != nil {
		return fmt.Errorf("make the demo's directory: %w", err)
	}
	inventory, err := d.inventory(ctx)
	if err != nil {
		return err
	}
	d.say("MySQL       %s", inventory.About)
	warehouse, err := d.warehouse(ctx)
	if err != nil {
		return err
	}
	d.say("Warehouse   %s", warehouse.About)
	uni, err := d.startCampus(ctx, s, warehouse)
	if err != nil {
		return err
	}
	d.say("University  %d courses of seed %d, simulated at %s", s.Courses, s.Seed, uni.URL)
	if err := d.configure(uni, inventory, warehouse); err != nil {
		return err
	}

	connector, err := mysql.NewConnector(inventory.mysqlConfig())
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	for n := range c.days {
		if n > 0 {
			s.Date = s.Date.AddDate(0, 0, 1)
			if err := d.save(s); err != nil {
				return err
			}
			if err := move(ctx, uni, s.Date); err != nil {
				return err
			}
		}
		d.say("\nThe night of %s: course-inventory run", s.Date.Format(time.DateOnly))
		if err := d.runJob(ctx, s.Date); err != nil {
			return err
		}
		d.say("\nMySQL against the university's own truth")
		if err := d.compare(ctx, s, db); err != nil {
			return err
		}
	}
	for _, q := range questions {
		if err := query(ctx, db, d.out, q.title, q.sql); err != nil {
			return err
		}
	}
	return d.further(ctx, s, inventory)
}

// questions are what a reader of the tables may ask.
var questions = []struct{ title, sql string }{
	{"The busiest courses of the last seven days", `
SELECT c.name AS course, a.name AS account, SUM(u.views) AS views, SUM(u.participations) AS participations,
       (SELECT COUNT(*) FROM enrollment e WHERE e.course_id = c.canvas_id AND e.role_type = 'StudentEnrollment') AS students
  FROM canvas_course_usage u JOIN course c ON c.canvas_id = u.course_id JOIN account a ON a.canvas_id = c.account_id
 WHERE u.date > (SELECT MAX(date) FROM canvas_course_usage) - INTERVAL 7 DAY
 GROUP BY c.canvas_id, c.name, a.name ORDER BY views DESC, c.canvas_id LIMIT 5`},
	{"Who is enrolled", `
SELECT role_type AS role, COUNT(*) AS enrollments, COUNT(DISTINCT user_id) AS people, COUNT(DISTINCT course_id) AS courses
  FROM enrollment GROUP BY role_type ORDER BY enrollments DESC, role`},
	{"How fresh the data is", `
SELECT j.id AS run, j.job_name AS job, j.finished_at AS loaded, s.data_source_name AS source, s.data_updated_at AS data_of
  FROM job_run j JOIN data_source_status s ON s.job_run_id = j.id ORDER BY j.id DESC, source LIMIT 6`},
}

// further says how to go on by oneself.
func (d *demo) further(ctx context.Context, s state, inventory database) error {
	l, err := lake.Open(ctx, "file://"+d.path("lake"))
	if err != nil {
		return fmt.Errorf("open lake: %w", err)
	}
	defer l.Close()
	day, err := lake.ParseDate(s.Date.Format(time.DateOnly))
	if err != nil {
		return err
	}
	snapshot, err := l.Find(ctx, lake.Curated("enrollment"), day)
	if err != nil {
		return fmt.Errorf("find the newest enrollments: %w", err)
	}
	var files []string
	for _, f := range snapshot.Files {
		files = append(files, "'"+d.show("lake", filepath.FromSlash(f.Path))+"'")
	}

	client := "mysql --defaults-file=" + d.show("secrets", "my.cnf")
	if _, err := exec.LookPath("mysql"); err != nil {
		if inventory.Docker != "" {
			client = fmt.Sprintf("docker exec -it %s sh -c 'mysql -u%s -p$MYSQL_PASSWORD %s'", inventory.Docker, inventory.User, inventory.Name)
		} else if _, err := exec.LookPath("mariadb"); err == nil {
			client = strings.Replace(client, "mysql", "mariadb", 1)
		}
	}
	d.say("\nLook further")
	d.say("  MySQL    %s", client)
	d.say("           (host %s, port %d, user %s, database %s)", inventory.Host, inventory.Port, inventory.User, inventory.Name)
	d.say("  Lake     %s: raw/ and curated/, a folder per table and date", d.show("lake"))
	about := ""
	if _, err := exec.LookPath("duckdb"); err != nil {
		about = "   (https://duckdb.org/docs/installation)"
	}
	d.say("  DuckDB   duckdb -c \"SELECT role_type, workflow_state, count(*) FROM read_parquet([%s]) GROUP BY ALL ORDER BY ALL\"%s",
		strings.Join(files, ", "), about)
	d.say("  Stages   export ENV_DIR=%s COURSE_INVENTORY_CLOCK=%s", d.show("secrets"), clock(s.Date))
	d.say("           make transform load DATE=%s     without any source, from the lake alone", s.Date.Format(time.DateOnly))
	if d.shown == usual {
		d.say("  Days     make demo DAYS=3     this night and two more: the university changes, the lake remembers")
		d.say("  End      make demo-down")
	} else {
		d.say("  End      go run ./internal/demo down --dir %s", d.shown)
	}
	return nil
}
