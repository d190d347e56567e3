package migrations

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// keys looks at primary keys, which references need.
func (x *examination) keys(ctx context.Context) error {
	if !x.adopting() || len(x.tables) == 0 {
		return nil
	}
	has := map[string][]string{}
	list, args := in(slices.Sorted(maps.Keys(x.tables)))
	if err := x.each(ctx, `SELECT table_name, column_name FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND index_name = 'PRIMARY' AND table_name IN `+list+` ORDER BY table_name, seq_in_index`, args, func(scan func(...any) error) error {
		var name, c string
		err := scan(&name, &c)
		name = strings.ToLower(name)
		has[name] = append(has[name], strings.ToLower(c))
		return err
	}); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(x.tables)) {
		want := primaryKey(name)
		if whole := !slices.ContainsFunc(want, func(c string) bool { _, there := x.tables[name].columns[c]; return !there }); whole && !slices.Equal(has[name], want) {
			x.forbid(fault.Config, fmt.Sprintf("make (%s) the primary key of table %s", strings.Join(want, ", "), name),
				"table %s has the primary key (%s), not (%s)", name, strings.Join(has[name], ", "), strings.Join(want, ", "))
		}
	}
	return nil
}

// values looks into columns that somebody made wider than the migrations will, or let be NULL.
func (x *examination) values(ctx context.Context) error {
	if x.applied[3] {
		return nil
	}
	for _, want := range Columns() {
		has, there := x.tables[want.Table].columns[want.Name]
		if !there {
			continue
		}
		if want.notNull() && has.nullable {
			if err := x.count(ctx, want, quote(want.Name)+" IS NULL", "allows no NULL"); err != nil {
				return err
			}
		}
		if n := want.length(); n > 0 && has.characters > n {
			if err := x.count(ctx, want, fmt.Sprintf("CHAR_LENGTH(%s) > %d", quote(want.Name), n), fmt.Sprintf("holds %d characters", n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *examination) count(ctx context.Context, c Column, where, because string) error {
	var n int64
	if err := x.db.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s", quote(c.Table), where)).Scan(&n); err != nil || n == 0 {
		return err
	}
	x.forbid(fault.Data, fmt.Sprintf("correct them (SELECT * FROM `%s` WHERE %s)", c.Table, where),
		"values of column %s of table %s do not fit, as it %s from now on: %d", c.Name, c.Table, because, n)
	return nil
}

// The server's limits for a row and a key, in bytes.
const (
	maxRow      = 65_535
	maxKey      = 3072 // with ROW_FORMAT=DYNAMIC
	maxPart     = 767  // of a key, with ROW_FORMAT=COMPACT and REDUNDANT
	utf8mb4Size = 4
)

// sizes looks for rows and keys that become too long as texts become wider, because of columns and keys of others.
func (x *examination) sizes(ctx context.Context) error {
	if x.applied[3] || len(x.tables) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(x.tables))
	lengths := map[string]int64{}
	for _, c := range Columns() {
		lengths[c.Table+"."+c.Name] = c.length()
	}
	for _, name := range names {
		var row int64
		for c, has := range x.tables[name].columns {
			switch {
			case lengths[name+"."+c] > 0:
				row += lengths[name+"."+c]*utf8mb4Size + 2
			case strings.HasSuffix(has.dataType, "text") || strings.HasSuffix(has.dataType, "blob"):
				row += 12
			default:
				row += has.bytes + 9
			}
		}
		if row > maxRow {
			x.forbid(fault.Config, fmt.Sprintf("give columns of your own in table %s the type TEXT, or a shorter one", name),
				"rows of table %s would become longer than the %d bytes that the server allows", name, maxRow)
		}
	}
	type key struct{ table, name string }
	sizes := map[key]int64{}
	short := map[key]bool{}
	list, args := in(names)
	if err := x.each(ctx, `SELECT table_name, index_name, COALESCE(column_name, ''), COALESCE(sub_part, 0) FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND index_type = 'BTREE' AND table_name IN `+list, args, func(scan func(...any) error) error {
		var k key
		var c string
		var part int64
		if err := scan(&k.table, &k.name, &c, &part); err != nil {
			return err
		}
		k.table, c = strings.ToLower(k.table), strings.ToLower(c)
		size := max(x.tables[k.table].columns[c].bytes, 8)
		if n := lengths[k.table+"."+c]; n > 0 {
			size = n * utf8mb4Size
			if part > 0 {
				size = part * utf8mb4Size
			}
			if f := strings.ToUpper(x.tables[k.table].rowFormat); size > maxPart && (f == "COMPACT" || f == "REDUNDANT") && !x.originalKey(k.table, k.name, c) {
				short[k] = true
			}
		}
		sizes[k] += size
		return nil
	}); err != nil {
		return err
	}
	for k, size := range sizes {
		if size > maxKey || short[k] {
			x.forbid(fault.Config, fmt.Sprintf("drop index %s of table %s, or let it begin with fewer characters of the text; add it again afterwards", k.name, k.table),
				"index %s of table %s would become longer than the server allows", k.name, k.table)
		}
	}
	return nil
}

// originalKey tells whether a key is one of the unique ones of the original, which go before columns are changed.
func (x *examination) originalKey(table, name, column string) bool {
	return strings.HasPrefix(name, column) && slices.Contains([]string{"canvas_id", "id", "sis_id", "name"}, column) && table != ""
}

// references names foreign keys between the original's tables and those of others, in whichever database. They keep types from being changed.
func (x *examination) references(ctx context.Context) error {
	if !x.adopting() {
		return nil
	}
	seen := map[string]bool{}
	// Which of them are ours, is not left to the server: MariaDB answers a comparison of two such conditions wrongly.
	if err := x.each(ctx, `SELECT DISTINCT constraint_name, table_schema = DATABASE(), CONCAT(table_schema, '.', table_name),
			referenced_table_schema = DATABASE(), CONCAT(referenced_table_schema, '.', referenced_table_name)
		FROM information_schema.key_column_usage
		WHERE referenced_table_name IS NOT NULL AND (table_schema = DATABASE() OR referenced_table_schema = DATABASE())
		ORDER BY 3, 1`, nil, func(scan func(...any) error) error {
		var name, from, to string
		var here, there bool
		if err := scan(&name, &here, &from, &there, &to); err != nil {
			return err
		}
		seen[from+" "+name] = true
		if (here && x.ours(from)) != (there && x.ours(to)) {
			x.stranger(name, from, to)
		}
		return nil
	}); err != nil {
		return err
	}
	return x.hidden(ctx, seen)
}

// ours tells whether a table, with the name of our database before it, is one that migrations may change: one of the original's, of
// which it had user until its migration 0017, or one that a migration of this program has made since.
func (x *examination) ours(name string) bool {
	_, table, _ := strings.Cut(strings.ToLower(name), ".")
	return table == "user" || slices.Contains(originalTables(), table) || added[table] > 0 && x.applied[added[table]-1]
}

func (x *examination) stranger(name, from, to string) {
	x.forbid(fault.Config, fmt.Sprintf("drop it (ALTER TABLE %s DROP FOREIGN KEY `%s`), or ask its owner to, and add it again afterwards with BIGINT columns", quoted(from), name),
		"the foreign key %s of table %s refers to table %s, and only one of them is the original program's: it keeps columns from getting their new types", name, from, to)
}

// quoted quotes the name of a table with that of its database.
func quoted(name string) string {
	database, table, _ := strings.Cut(name, ".")
	return quote(database) + "." + quote(table)
}

// hidden asks InnoDB itself for the foreign keys of databases that the user may not see. That needs the right PROCESS.
func (x *examination) hidden(ctx context.Context, seen map[string]bool) error {
	list, args := in(originalTables())
	// Names of databases are encoded as in files; only hyphens are common.
	const query = `SELECT SUBSTRING_INDEX(id, '/', -1), REPLACE(REPLACE(for_name, '/', '.'), '@002d', '-'), REPLACE(REPLACE(ref_name, '/', '.'), '@002d', '-')
		FROM information_schema.%s
		WHERE REPLACE(SUBSTRING_INDEX(ref_name, '/', 1), '@002d', '-') = DATABASE() AND SUBSTRING_INDEX(ref_name, '/', -1) IN `
	const elsewhere = " AND REPLACE(SUBSTRING_INDEX(for_name, '/', 1), '@002d', '-') <> DATABASE()"
	var err error
	for _, view := range []string{"innodb_sys_foreign", "innodb_foreign"} { // of MariaDB, of MySQL
		err = x.each(ctx, fmt.Sprintf(query, view)+list+elsewhere, args, func(scan func(...any) error) error {
			var name, from, to string
			err := scan(&name, &from, &to)
			if err == nil && !seen[from+" "+name] {
				x.stranger(name, from, to)
			}
			return err
		})
		if mysqldb.Number(err) != mysqldb.NoSuchView {
			break
		}
	}
	if mysqldb.Number(err) == mysqldb.NeedsPrivilege || mysqldb.Number(err) == mysqldb.NoSuchView {
		if len(x.tables) > 0 {
			x.warn("GRANT PROCESS ON *.* to INVENTORY_DB.user for the adoption, or ask those who have tables in other databases",
				"foreign keys of tables in databases that INVENTORY_DB.user cannot see were not looked for")
		}
		return nil
	}
	return err
}

// foreign names unique keys of others, which stay.
func (x *examination) foreign(ctx context.Context) error {
	if x.applied[2] || len(x.tables) == 0 {
		return nil
	}
	list, args := in(slices.Sorted(maps.Keys(x.tables)))
	return x.each(ctx, `SELECT table_name, index_name FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND non_unique = 0 AND index_name <> 'PRIMARY' AND table_name IN `+list+`
		GROUP BY table_name, index_name
		HAVING MAX(seq_in_index) > 1 OR MAX(column_name) NOT IN ('canvas_id', 'id', 'sis_id', 'name')
		ORDER BY 1, 2`, args, func(scan func(...any) error) error {
		var table, name string
		if err := scan(&table, &name); err != nil {
			return err
		}
		x.warn("drop it if it is not meant to", "the unique index %s of table %s is not the original program's and stays: a load ends at a row that it forbids", name, table)
		return nil
	})
}

// busy names connections that a change would have to wait for.
func (x *examination) busy(ctx context.Context) error {
	if !x.adopting() || len(x.tables) == 0 {
		return nil
	}
	found, err := readers(ctx, x.db)
	if err == nil && len(found) > 0 {
		x.warn("let them end first, or give --wait: each change waits for the readers of its table", "others may hold the tables: %s", strings.Join(found, "; "))
	}
	return err
}
