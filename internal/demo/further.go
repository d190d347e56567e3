package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

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
	d.say("  Stages   export ENV_DIR=%s COURSE_INVENTORY_CLOCK=%s", d.show("secrets"), later(s.Date).Format(time.RFC3339))
	d.say("           make transform load FROM=%s TO=%s     without any source, from the lake alone", s.Since.Format(time.DateOnly), s.Date.Format(time.DateOnly))
	d.say("           make run DATE=%s                          everything again", s.Date.Format(time.DateOnly))
	if d.shown == usual {
		d.say("  Days     make demo DAYS=3     this night again and two more")
		d.say("  End      make demo-down")
	} else {
		d.say("  End      go run ./internal/demo down --dir %s", d.shown)
	}
	return nil
}
