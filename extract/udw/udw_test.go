package udw

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var now = time.Date(2026, 2, 3, 4, 5, 6, 789_000, time.UTC)

func TestMain(m *testing.M) { localdbtest.Main(m) }

// pour fills a fresh PostgreSQL database with a university's warehouse.
func pour(t *testing.T) (*campus.Campus, *config.Config, string) {
	t.Helper()
	dsn := localdbtest.PostgresDatabase(t)
	c, err := campus.New(campus.Options{Seed: 7, Courses: 60, Date: now, WarehouseDSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Pour(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c, configOf(t, dsn), dsn
}

func configOf(t *testing.T, dsn string) *config.Config {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return &config.Config{MaxReqAttempts: 3, UDW: config.Database{
		Host: u.Hostname(), Port: port, Name: strings.TrimPrefix(u.Path, "/"), User: u.User.Username(), Password: config.Secret(password), SSLMode: "disable",
	}}
}

func openHasty(t *testing.T, cfg *config.Config) *extract.Source {
	t.Helper()
	s, err := open(cfg, extract.Env{Now: func() time.Time { return now }}, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func exec(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSuite(t *testing.T) {
	extracttest.Run(t, extracttest.Suite{
		Now: now,
		Open: func(t *testing.T, broken string) *extract.Source {
			_, cfg, dsn := pour(t)
			if broken != "" {
				exec(t, dsn, "DROP TABLE "+broken)
			}
			return openHasty(t, cfg)
		},
	})
}

func TestRows(t *testing.T) {
	c, cfg, dsn := pour(t)
	exec(t, dsn, "INSERT INTO course_section_dim (name) VALUES ('without any id')")
	l := extracttest.Lake(t)
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, cfg), now)); err != nil {
		t.Fatal(err)
	}
	day, err := c.University().On(now)
	if err != nil {
		t.Fatal(err)
	}
	nameless := "without any id"
	want := []Section{{Name: &nameless, FetchedAt: now}}
	for s := range day.Warehouse() {
		row := Section{
			ID: &s.ID, CanvasID: &s.CanvasID, Name: &s.Name, CourseID: &s.CourseID, EnrollmentTermID: &s.EnrollmentTermID,
			WorkflowState: &s.State, CreatedAt: &s.CreatedAt, UpdatedAt: &s.UpdatedAt, FetchedAt: now,
		}
		if s.SISSourceID != "" {
			row.SISSourceID = &s.SISSourceID
		}
		want = append(want, row)
	}
	byID := func(a, b Section) int {
		n := func(p *int64) int64 {
			if p == nil {
				return -1
			}
			return *p
		}
		return cmp.Or(cmp.Compare(n(a.CanvasID), n(b.CanvasID)), cmp.Compare(n(a.ID), n(b.ID)))
	}
	got := extracttest.Rows[Section](t, l, "raw/udw/course_section_dim", lake.DateOf(now))
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("sections (-want +got):\n%.3000s", diff)
	}
	for _, table := range []lake.Table{"raw/udw/course_section_dim", "raw/udw/unizin_metadata"} {
		s, err := l.Find(t.Context(), table, lake.DateOf(now))
		if err != nil {
			t.Fatal(err)
		}
		if !s.SourceAsOf.Equal(day.DataDate()) {
			t.Errorf("%s is as of %v, the warehouse's data is of %v", table, s.SourceAsOf, day.DataDate())
		}
	}
}

func TestTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		sql    string
		change func(*config.Database)
		class  fault.Class
		hint   string
	}{
		"wrong password":  {change: func(d *config.Database) { d.Password = "wrong secret" }, class: fault.Permission, hint: "UDW.password"},
		"wrong database":  {change: func(d *config.Database) { d.Name = "nowhere" }, class: fault.Config, hint: "UDW.dbname"},
		"wrong schema":    {change: func(d *config.Database) { d.Schema = "nowhere" }, class: fault.Data, hint: "UDW.schema"},
		"TLS refused":     {change: func(d *config.Database) { d.SSLMode = "require" }, class: fault.Config, hint: "UDW.sslmode"},
		"unreachable":     {change: func(d *config.Database) { d.Port = 1 }, class: fault.Unavailable, hint: "UDW.host"},
		"no date":         {sql: "DELETE FROM unizin_metadata WHERE key = 'canvasdatadate'", class: fault.Data, hint: "canvasdatadate"},
		"odd date":        {sql: "UPDATE unizin_metadata SET value = 'yesterday' WHERE key = 'canvasdatadate'", class: fault.Data, hint: "canvasdatadate"},
		"missing column":  {sql: "ALTER TABLE course_section_dim DROP COLUMN sis_source_id", class: fault.Data, hint: "shape"},
		"text for number": {sql: "ALTER TABLE course_section_dim ALTER COLUMN canvas_id TYPE text USING 'x'", class: fault.Data, hint: "shape"},
	} {
		t.Run(name, func(t *testing.T) {
			_, cfg, dsn := pour(t)
			if test.sql != "" {
				exec(t, dsn, test.sql)
			}
			if test.change != nil {
				test.change(&cfg.UDW)
			}
			l := extracttest.Lake(t)
			_, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, cfg), now))
			if fault.ClassOf(err) != test.class || !strings.Contains(fault.HintOf(err), test.hint) {
				t.Errorf("%v: class %v, hint %q; want %v, %q", err, fault.ClassOf(err), fault.HintOf(err), test.class, test.hint)
			}
			if err != nil && strings.Contains(err.Error(), cfg.UDW.Password.Reveal()) {
				t.Errorf("the error shows the password: %v", err)
			}
			if dates, err := l.Dates(t.Context(), "raw/udw/course_section_dim"); err != nil || len(dates) > 0 {
				t.Errorf("committed: %v, %v", dates, err)
			}
		})
	}
}

func TestSchema(t *testing.T) {
	_, cfg, dsn := pour(t)
	exec(t, dsn, `CREATE SCHEMA "My ""dump"""`,
		`ALTER TABLE course_section_dim SET SCHEMA "My ""dump"""`, `ALTER TABLE unizin_metadata SET SCHEMA "My ""dump"""`)
	cfg.UDW.Schema = `My "dump"`
	if _, err := extract.Run(t.Context(), extracttest.Lake(t), extracttest.Plan(openHasty(t, cfg), now)); err != nil {
		t.Fatal(err)
	}
}

func TestParseDataDate(t *testing.T) {
	whole := time.Date(2020, 6, 17, 11, 0, 5, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2020-06-17 11:00:05.123456+00:00": whole.Add(123456 * time.Microsecond),
		"2020-06-17 11:00:05+00:00":        whole,
		"2020-06-17 11:00:05+00":           whole,
		"2020-06-17 11:00:05 +0000":        whole,
		"2020-06-17T11:00:05Z":             whole,
		"2020-06-17 11:00:05.5":            whole.Add(500 * time.Millisecond),
		"2020-06-17 07:00:05-04:00":        whole,
		"2020-06-17":                       {},
		"":                                 {},
		"soon":                             {},
	} {
		got, err := parseDataDate(text)
		if !got.Equal(want) || (err != nil) != want.IsZero() {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
}
