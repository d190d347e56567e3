package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Servers that are older lack what loads and views use, and no test runs on them.
const (
	minMySQL   = "8.0"
	minMariaDB = "10.6"
)

// firstVersion is the oldest of the original's migrations whose database can be adopted: before it, courses had no terms.
const firstVersion = 13

const finishOriginal = "back up the database and apply the original program's own migrations up to 0023 with the method migrate of its DBCreator, " +
	"or with yoyo apply (not with create_db.py, which also deletes all rows)"

// readVersion finds out which migrations were applied, this program's and the original's.
func (x *examination) readVersion(ctx context.Context) error {
	applied, err := versions(ctx, x.db)
	if err != nil {
		return err
	}
	x.applied = map[int64]bool{}
	for v := range applied {
		x.applied[v] = true
	}
	var there bool
	if err := x.db.QueryRowContext(ctx, `SELECT COUNT(*) > 0 FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = '_yoyo_migration' AND column_name = 'migration_id'`).Scan(&there); err != nil || !there {
		return err
	}
	var last sql.NullInt64
	err = x.db.QueryRowContext(ctx, "SELECT MAX(CAST(LEFT(migration_id, 4) AS UNSIGNED)) FROM _yoyo_migration WHERE migration_id REGEXP '^[0-9]{4}[.]'").Scan(&last)
	x.original = int(last.Int64)
	return err
}

// server refuses servers that are too old.
func (x *examination) server(ctx context.Context) error {
	var version string
	if err := x.db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return err
	}
	name, least := "MySQL", minMySQL
	if strings.Contains(version, "MariaDB") {
		name, least = "MariaDB", minMariaDB
		version = strings.TrimPrefix(version, "5.5.5-") // put there for old clients
	}
	var has, needs [2]int
	if _, err := fmt.Sscanf(version, "%d.%d", &has[0], &has[1]); err != nil {
		return nil // a version that tells nothing is no reason to refuse
	}
	if _, err := fmt.Sscanf(least, "%d.%d", &needs[0], &needs[1]); err != nil {
		return err
	}
	if slices.Compare(has[:], needs[:]) < 0 {
		x.forbid(fault.Config, "move the database to MySQL "+minMySQL+", MariaDB "+minMariaDB+" or a later server", "%s %s is too old: %s %s or later is needed", name, version, name, least)
	}
	return nil
}

// readTables reads the tables of the original's names and their columns.
func (x *examination) readTables(ctx context.Context) error {
	x.tables = map[string]table{}
	list, args := in(originalTables())
	if err := x.each(ctx, `SELECT table_name, table_type, COALESCE(engine, ''), COALESCE(row_format, ''), COALESCE(create_options, '')
		FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN `+list, args, func(scan func(...any) error) error {
		t := table{columns: map[string]column{}}
		var name string
		err := scan(&name, &t.kind, &t.engine, &t.rowFormat, &t.options)
		x.tables[strings.ToLower(name)] = t
		return err
	}); err != nil {
		return err
	}
	return x.each(ctx, `SELECT table_name, column_name, data_type, is_nullable = 'YES', column_default IS NULL, COALESCE(extra, ''),
			COALESCE(character_maximum_length, 0), COALESCE(character_octet_length, 0)
		FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN `+list, args, func(scan func(...any) error) error {
		var in, name string
		var c column
		if err := scan(&in, &name, &c.dataType, &c.nullable, &c.noDefault, &c.extra, &c.characters, &c.bytes); err != nil {
			return err
		}
		c.dataType, c.extra = strings.ToLower(c.dataType), strings.ToUpper(c.extra)
		x.tables[strings.ToLower(in)].columns[strings.ToLower(name)] = c
		return nil
	})
}

// kinds refuses what is no table with transactions and references: a load could show its rows one by one, and keep them after a rollback.
func (x *examination) kinds(context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(x.tables)) {
		t := x.tables[name]
		switch {
		case t.kind != "BASE TABLE":
			x.forbid(fault.Config, fmt.Sprintf("rename %s, or put a plain table in its place", name), "%s is not a plain table, but a %s", name, t.kind)
			delete(x.tables, name) // the rest cannot be said of it
		case !strings.EqualFold(t.engine, "InnoDB"):
			x.forbid(fault.Config, fmt.Sprintf("ALTER TABLE `%s` ENGINE=InnoDB", name), "table %s has the engine %s, which has no transactions", name, t.engine)
		case strings.Contains(t.options, "partitioned"):
			x.forbid(fault.Config, fmt.Sprintf("ALTER TABLE `%s` REMOVE PARTITIONING", name), "table %s is partitioned, which allows no foreign keys", name)
		}
	}
	return nil
}

// columns looks for missing and unfit columns, and for those of others that no load could fill.
func (x *examination) columns(context.Context) error {
	var missing []string
	for _, want := range Columns() {
		t, there := x.tables[want.Table]
		if !there {
			continue
		}
		has, there := t.columns[want.Name]
		switch {
		case !there:
			missing = append(missing, want.Table+"."+want.Name)
		case !x.applied[3] && !slices.Contains(want.before(), has.dataType):
			x.forbid(fault.Config, fmt.Sprintf("give column %s of table %s the type that the original program gave it", want.Name, want.Table),
				"column %s of table %s has the type %s, which is not converted", want.Name, want.Table, has.dataType)
		}
	}
	switch {
	case len(missing) == 0:
	case x.applied[3]:
		x.forbid(fault.Config, "put back what is missing, as the page on the tables (docs/data-model.md) has it", "columns are missing: %s", strings.Join(missing, ", "))
	case x.original > 0 && x.original < firstVersion:
		x.forbid(fault.Config, finishOriginal, "the database is of the original program's migration %04d, and only %04d and later can be adopted (columns are missing: %s)",
			x.original, firstVersion, strings.Join(missing, ", "))
	default:
		x.forbid(fault.Config, finishOriginal+"; or put back what somebody removed", "the tables are not those of the original program's migration %04d or later: columns are missing: %s",
			firstVersion, strings.Join(missing, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(x.tables)) {
		for _, c := range slices.Sorted(maps.Keys(x.tables[name].columns)) {
			has := x.tables[name].columns[c]
			own := slices.ContainsFunc(Columns(), func(want Column) bool { return want.Table == name && want.Name == c })
			if own || has.nullable || !has.noDefault || has.dataType == "enum" ||
				strings.Contains(has.extra, "GENERATED") || strings.Contains(has.extra, "AUTO_INCREMENT") {
				continue
			}
			x.forbid(fault.Config, fmt.Sprintf("give it a default, or let it be NULL: a column of your own needs one of them (ALTER TABLE `%s` ALTER COLUMN `%s` SET DEFAULT …)", name, c),
				"column %s of table %s, which is not this program's, allows no NULL and has no default, so that no row could be inserted", c, name)
		}
	}
	return nil
}

// triggers names the triggers on tables that loads write. One that acts before a row is written can change it.
func (x *examination) triggers(ctx context.Context) error {
	list, args := in(originalTables())
	return x.each(ctx, `SELECT trigger_name, event_object_table, action_timing, event_manipulation FROM information_schema.triggers
		WHERE event_object_schema = DATABASE() AND event_object_table IN `+list+` ORDER BY event_object_table, trigger_name`, args, func(scan func(...any) error) error {
		var name, on, timing, event string
		if err := scan(&name, &on, &timing, &event); err != nil {
			return err
		}
		says := fmt.Sprintf("trigger %s (%s %s) on table %s", name, timing, event, on)
		switch {
		case timing == "BEFORE" && event != "DELETE" && on != "lti_type":
			x.forbid(fault.Config, fmt.Sprintf("drop trigger %s, or let it act AFTER %s", name, event), "%s can change the rows that are loaded", says)
		case x.adopting():
			x.warn("drop it if it is not meant to", "%s acts in every load from now on", says)
		}
		return nil
	})
}

// names refuses to take over tables and views of others that have the names of ours.
func (x *examination) names(ctx context.Context) error {
	var open []string
	for _, name := range slices.Sorted(maps.Keys(added)) {
		// A migration that was interrupted may have made them; the ones before it were applied then.
		if v := added[name]; !x.applied[v] && !x.applied[v-1] {
			open = append(open, name)
		}
	}
	if len(open) == 0 {
		return nil
	}
	list, args := in(open)
	return x.each(ctx, `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN `+list+` ORDER BY table_name`, args,
		func(scan func(...any) error) error {
			var name string
			if err := scan(&name); err != nil {
				return err
			}
			x.forbid(fault.Config, "rename "+name+", or drop it", "%s is there already, and the migrations would make one of that name", name)
			return nil
		})
}
