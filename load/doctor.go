package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// Checkup returns the questions that tell whether the database takes loads.
func Checkup(db config.Database) (checkup.Patient, error) {
	pool, err := open(db)
	if err != nil {
		return checkup.Patient{}, err
	}
	d := &doctor{pool: pool, db: db}
	p := checkup.Patient{Close: pool.Close}
	for _, q := range []struct {
		name string
		ask  func(context.Context) (string, error)
	}{
		{"connection", d.connection},
		{"two connections at a time", d.connections},
		{"takes writes", d.writes},
		{"privileges", d.privileges},
		{"LOAD DATA LOCAL", d.infile},
		{"session: time zone, SQL mode", d.session},
		{"character set", d.charset},
		{"clock", d.clock},
		{"schema", d.schema},
		{"migrations", d.migrations},
	} {
		p.Questions = append(p.Questions, checkup.Question{Name: q.name, Basic: q.name == "connection", Ask: func(ctx context.Context) (string, error) {
			detail, err := q.ask(ctx)
			return detail, explain(ctx, db, err)
		}})
	}
	return p, nil
}

// doctor asks the database question by question.
type doctor struct {
	pool *sql.DB
	db   config.Database
}

func (d *doctor) value(ctx context.Context, query string, to ...any) error {
	return d.pool.QueryRowContext(ctx, query).Scan(to...)
}

func (d *doctor) connection(ctx context.Context) (string, error) {
	var version, name, cipher string
	if err := d.value(ctx, "SELECT VERSION()", &version); err != nil {
		return "", err
	}
	if err := d.value(ctx, "SHOW STATUS LIKE 'Ssl_cipher'", &name, &cipher); err != nil {
		return "", err
	}
	text := "MySQL " + version
	if strings.Contains(version, "MariaDB") {
		text = "MariaDB " + version[:strings.IndexAny(version+"-", "-")]
	}
	if cipher == "" {
		text += ", not encrypted"
	}
	return text + " at " + address(d.db), nil
}

// connections opens as many as a load needs.
func (d *doctor) connections(ctx context.Context) (string, error) {
	first, err := d.pool.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = first.Close() }()
	second, err := d.pool.Conn(ctx)
	if err != nil {
		return "", err
	}
	return "", errors.Join(second.PingContext(ctx), second.Close())
}

// writes makes a table, writes a row and removes both. A load that runs meanwhile may remove the table first, as it would what is left of this.
func (d *doctor) writes(ctx context.Context) (_ string, err error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	var id int64
	if err := conn.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id); err != nil {
		return "", err
	}
	table := quote(fmt.Sprintf("%sdoctor_%d", stagingPrefix, id))
	if _, err := conn.ExecContext(ctx, "CREATE TABLE "+table+" (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB"); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, execAnyway(ctx, conn, "DROP TABLE IF EXISTS "+table)) }()
	if _, err := conn.ExecContext(ctx, "INSERT INTO "+table+" (id) VALUES (1)"); err != nil && mysqldb.Number(err) != mysqldb.UnknownTable {
		return "", err
	}
	return "a table was made and removed", nil
}

// needed are the privileges that migrations and loads make use of.
var needed = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "CREATE VIEW", "CREATE TEMPORARY TABLES"}

// privileges looks at those of the server and of the database; patterns in names of databases count.
func (d *doctor) privileges(ctx context.Context) (string, error) {
	const me = "CONCAT('''', REPLACE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''', ''''''), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')"
	rows, err := d.pool.QueryContext(ctx, `SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = `+me+`
		UNION SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = `+me+` AND DATABASE() LIKE table_schema`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var held []string
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return "", err
		}
		held = append(held, strings.ToUpper(p))
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	missing := slices.DeleteFunc(slices.Clone(needed), func(p string) bool { return slices.Contains(held, p) })
	if len(missing) == 0 {
		return strings.ToLower(strings.Join(needed, ", ")), nil
	}
	wrong := fmt.Errorf("%s lacks %s on %s", d.db.User, strings.Join(missing, ", "), d.db.Name)
	hint := fmt.Sprintf("GRANT ALL PRIVILEGES ON `%s`.* TO '%s'", d.db.Name, d.db.User)
	var roles sql.NullString
	if err := d.value(ctx, "SELECT CURRENT_ROLE()", &roles); err == nil && roles.Valid && roles.String != "NONE" {
		return "", checkup.Doubt(hint, "%w, unless its role %s grants it", wrong, roles.String)
	}
	return "", fault.New(fault.Permission, hint, wrong)
}

// infile sends a row to a temporary table in the way of a load.
func (d *doctor) infile(ctx context.Context) (string, error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	const table = stagingPrefix + "doctor"
	if _, err := conn.ExecContext(ctx, "CREATE TEMPORARY TABLE "+table+" (a VARCHAR(10)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"); err != nil {
		return "", err
	}
	defer func() { _ = execAnyway(ctx, conn, "DROP TEMPORARY TABLE IF EXISTS "+table) }()
	_, err = (&stream{feed: &oneRow{}, progress: func(int64) {}}).loadInto(ctx, conn, table)
	var refused *infileRefusal
	if errors.As(err, &refused) {
		return "", checkup.Doubt("set local_infile = ON at the server (SET GLOBAL local_infile = 1, and in its configuration), and let a proxy before it pass LOAD DATA LOCAL INFILE",
			"LOAD DATA refused: %w; the load will use INSERTs, which take about three times as long", refused)
	}
	if err != nil {
		return "", err
	}
	var got string
	if err := conn.QueryRowContext(ctx, "SELECT a FROM "+table).Scan(&got); err != nil {
		return "", err
	}
	if got != oneText {
		return "", fault.New(fault.Config, "look for a proxy before the server that changes what is sent, or for its settings of character sets",
			fmt.Errorf("LOAD DATA sent the text %q, and the table holds %q", oneText, got))
	}
	return "a row was sent", nil
}

// oneRow is a feed of one row with one text.
type oneRow struct{ read bool }

const oneText = "ü🎓"

func (r *oneRow) next() (bool, error) {
	more := !r.read
	r.read = true
	return more, nil
}
func (r *oneRow) count() int64             { return 1 }
func (r *oneRow) columns() []string        { return []string{"a"} }
func (r *oneRow) append(dst []byte) []byte { return append(dst, oneText+"\n"...) }
func (r *oneRow) get(dst []any) []any      { return append(dst, oneText) }
func (r *oneRow) close()                   {}

// session proves that the server takes the settings that every connection of a load makes.
func (d *doctor) session(ctx context.Context) (string, error) {
	var zone, mode string
	var offset int
	if err := d.value(ctx, "SELECT @@SESSION.time_zone, @@SESSION.sql_mode, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())", &zone, &mode, &offset); err != nil {
		return "", err
	}
	if offset != 0 || !strings.Contains(mode, "STRICT_ALL_TABLES") {
		return "", fault.New(fault.Config, "look for a proxy or an init_connect of the server that changes sessions",
			fmt.Errorf("a session has the time zone %s and the SQL mode %s, not those that were asked for", zone, mode))
	}
	return "UTC, strict", nil
}

func (d *doctor) charset(ctx context.Context) (string, error) {
	var set string
	if err := d.value(ctx, "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = DATABASE()", &set); err != nil {
		return "", err
	}
	if set != "utf8mb4" {
		return "", checkup.Doubt(fmt.Sprintf("ALTER DATABASE `%s` CHARACTER SET utf8mb4", d.db.Name),
			"the database's default is %s; tables of this program are utf8mb4 all the same, others may garble names", set)
	}
	return set, nil
}

// clockSlack is how far clocks may be apart without anybody noticing.
const clockSlack = 10 * time.Second

func (d *doctor) clock(ctx context.Context) (string, error) {
	began := time.Now()
	var theirs time.Time
	if err := d.value(ctx, "SELECT UTC_TIMESTAMP(6)", &theirs); err != nil {
		return "", err
	}
	took := time.Since(began)
	skew := theirs.Sub(began.UTC().Add(took / 2))
	if skew.Abs() > clockSlack+took {
		return "", checkup.Doubt("let both machines follow a time server", "the database's clock is %s from this machine's", skew.Round(time.Second))
	}
	return "like this machine's", nil
}

// schema says what a load would refuse, or warn of, before it changes anything.
func (d *doctor) schema(ctx context.Context) (string, error) {
	findings, err := migrations.Examine(ctx, d.pool)
	if err != nil {
		return "", err
	}
	if err := migrations.Refusal(findings); err != nil {
		return "", err
	}
	var problems, remedies []string
	for _, f := range findings {
		problems, remedies = append(problems, f.Problem), append(remedies, f.Remedy)
	}
	if len(findings) > 0 {
		return "", checkup.Doubt(strings.Join(remedies, "; "), "%s", strings.Join(problems, "; "))
	}
	return "as expected", nil
}

func (d *doctor) migrations(ctx context.Context) (string, error) {
	pending, err := migrations.Pending(ctx, d.pool)
	if err != nil {
		return "", err
	}
	if len(pending) == 0 {
		return "all applied", nil
	}
	return fmt.Sprintf("the next load applies %d, from %s on", len(pending), pending[0]), nil
}
