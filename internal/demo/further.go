package main

import (
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// further says how to go on by oneself.
func (d *demo) further(s state, inventory database) {
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
	d.say("  DuckDB   duckdb -init %s -c \"FROM curated.course_asof('%s') LIMIT 5\"%s", d.show("lake", "_catalog", "catalog.sql"), s.Since.Format(time.DateOnly), about)
	d.say("  Stages   export ENV_DIR=%s COURSE_INVENTORY_CLOCK=%s", d.show("secrets"), later(s.Date).Format(time.RFC3339))
	d.say("           make transform load FROM=%s TO=%s     without any source, from the lake alone", s.Since.Format(time.DateOnly), s.Date.Format(time.DateOnly))
	d.say("           make run DATE=%s                          everything again", s.Date.Format(time.DateOnly))
	d.say("           bin/course-inventory status, doctor, report, lake ls, lake verify --deep")
	d.say("           Every command's clock starts at that moment, so status cannot tell which run was the last, or killed.")
	if d.shown == usual {
		d.say("  Again    make demo DAYS=1     starts what has stopped, as after a reboot, and repeats this night")
		d.say("  Days     make demo DAYS=3     this night again and two more")
		d.say("  End      make demo-down")
	} else {
		d.say("  End      go run ./internal/demo down --dir %s", d.shown)
	}
}
