package load

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// rehearse lets a dry run see the tables as the pending migrations would leave them, and returns those. What would be refused is
// refused here, too. Temporary tables, which only this connection sees, take the place of tables that are missing or whose
// rows would change.
func (l *loader) rehearse(ctx context.Context) (pending []string, err error) {
	findings, err := migrations.Examine(ctx, l.conn)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		if !f.Forbids() {
			l.Log.WarnContext(ctx, "the schema is not as expected", "detail", f.Problem, "remedy", f.Remedy)
		}
	}
	if err := migrations.Refusal(findings); err != nil {
		return nil, err
	}
	all, err := migrations.List(ctx, l.conn)
	if err != nil {
		return nil, err
	}
	missing := map[int64]bool{}
	for _, m := range all {
		if !m.Applied {
			missing[m.Version], pending = true, append(pending, m.Name)
		}
	}
	l.unconverted = missing[3]
	for _, step := range []struct {
		version int64
		see     func(context.Context) error
	}{
		{1, l.seeTables}, {4, l.seeMerged}, {6, l.seeTools}, {8, l.seeOwners},
	} {
		if !missing[step.version] {
			continue
		}
		if err := step.see(ctx); err != nil {
			return nil, fmt.Errorf("tables as the migrations would leave them: %w", err)
		}
	}
	return pending, nil
}

// seeTables makes the tables that are missing, empty.
func (l *loader) seeTables(ctx context.Context) error {
	for _, table := range append(Tables(), Table{Name: ltiType, Key: []string{keyOf(ltiType)}, Columns: []lake.Column{id("canvas_id"), optional(text("des")), optional(text("rpt_group_nm"))}}) {
		there, err := l.exists(ctx, table.Name)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		if err := l.exec(ctx, converted(table.Name, table)); err != nil {
			return err
		}
	}
	return nil
}

// seeMerged merges rows of the same hour, and of the same day, as the migration does that makes them unique.
func (l *loader) seeMerged(ctx context.Context) error {
	for _, m := range []struct{ table, key, merged string }{
		{"mivideo_media_started_hourly", "event_hour_utc, course_id", `SELECT event_hour_utc, course_id, MAX(event_time_utc_latest) AS event_time_utc_latest, SUM(event_count) AS event_count
			FROM (SELECT DISTINCT event_hour_utc, course_id, event_time_utc_latest, event_count FROM mivideo_media_started_hourly) AS part
			GROUP BY event_hour_utc, course_id`},
		{"canvas_course_usage", "course_id, date", `SELECT u.course_id, u.views, u.participations, u.date FROM canvas_course_usage AS u
			JOIN (SELECT MAX(id) AS id FROM canvas_course_usage GROUP BY course_id, date) AS kept ON kept.id = u.id`},
	} {
		there, err := l.exists(ctx, m.table)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		var twice bool
		if err := l.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s GROUP BY %s HAVING COUNT(*) > 1)", m.table, m.key)).Scan(&twice); err != nil {
			return err
		}
		if !twice {
			continue
		}
		merged := quote(stagingPrefix + "merged_" + m.table)
		if err := l.exec(ctx, "CREATE TEMPORARY TABLE "+merged+" (PRIMARY KEY ("+m.key+")) ENGINE=InnoDB AS "+m.merged); err != nil {
			return err
		}
		if err := l.exec(ctx, "ALTER TABLE "+merged+" RENAME TO "+quote(m.table)); err != nil {
			return err
		}
	}
	return nil
}

// seeTools puts the first tools into a table of tools that has none.
func (l *loader) seeTools(ctx context.Context) error {
	n, err := l.count(ctx, ltiType)
	if err != nil || n > 0 {
		return err
	}
	tools := quote(stagingPrefix + ltiType)
	if err := l.exec(ctx, "CREATE TEMPORARY TABLE "+tools+" (canvas_id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB"); err != nil {
		return err
	}
	seed, err := migrations.Tools()
	if err != nil {
		return err
	}
	if err := l.exec(ctx, "INSERT INTO "+tools+" SELECT canvas_id FROM ("+seed+") AS seed"); err != nil {
		return err
	}
	if err := l.exec(ctx, "DROP TEMPORARY TABLE IF EXISTS "+ltiType); err != nil {
		return err
	}
	return l.exec(ctx, "ALTER TABLE "+tools+" RENAME TO "+quote(ltiType))
}

// seeOwners makes the loads' memory of who owns a row, if it is missing: nobody owns one.
func (l *loader) seeOwners(ctx context.Context) error {
	there, err := l.exists(ctx, ownerTable)
	if err != nil || there {
		return err
	}
	return l.exec(ctx, "CREATE TEMPORARY TABLE "+ownerTable+` (table_name VARCHAR(64) NOT NULL, row_key VARCHAR(128) NOT NULL, dt DATE NOT NULL,
		PRIMARY KEY (table_name, row_key)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`)
}

// converted is the statement that makes a temporary table with a table's columns as the migrations leave them. Texts
// differ in case, and can be compared with those of any other collation.
func converted(name string, table Table) string {
	var columns []string
	for _, c := range migrations.Columns() {
		if c.Table == table.Name && slices.ContainsFunc(table.Columns, func(own lake.Column) bool { return own.Name == c.Name }) {
			columns = append(columns, quote(c.Name)+" "+c.Definition("utf8mb4_bin"))
		}
	}
	return fmt.Sprintf("CREATE TEMPORARY TABLE %s (%s, PRIMARY KEY (%s)) ENGINE=InnoDB", quote(name), strings.Join(columns, ", "), list(table.Key, ""))
}
