// Package cmd_test tells whole-program stories: real processes on a lake on disk, a simulated university, a
// real MySQL and a real PostgreSQL.
package cmd_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tl-its-umich-edu/course-inventory/cmd/course-inventory/command"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

// programs are what a story can start as processes: this test's own binary plays them, as that of the image does.
func programs() map[string]func() {
	all := map[string]func(){
		"course-inventory": command.Main,
		"nightly":          func() { run.Main(nightly.Program()) },
	}
	for _, p := range command.Stages() {
		all[p.Name] = command.Main
	}
	return all
}

func TestMain(m *testing.M) {
	// The databases belong to the tests' own process, not to the programs that it plays.
	testscript.Main(withDatabases{m}, programs())
}

type withDatabases struct{ m *testing.M }

func (w withDatabases) Run() int {
	// A story waits as much as it works. -parallel on the command line has the last word.
	if err := flag.Set("test.parallel", strconv.Itoa(3*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	return localdbtest.Run(w.m)
}

func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel() // a story has a world of its own
			s := &story{&world{t: t}}
			testscript.Run(t, testscript.Params{
				Files: []string{file}, Setup: s.setup, RequireExplicitExec: true, RequireUniqueNames: true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"university": s.university, "day": s.day, "timeless": s.timeless, "truth": s.truth, "sql": s.sql, "exitcode": s.exitCode, "configure": s.configure, "corrupt": s.corrupt, "emptydatabase": s.emptyDatabase,
					"original": s.original,
				},
			})
		})
	}
}

// story is one script's world and the commands by which the script changes it.
type story struct{ *world }

func (s *story) setup(env *testscript.Env) error {
	if err := s.world.setup(env.WorkDir); err != nil {
		return err
	}
	env.Setenv("ENV_DIR", s.secrets())
	env.Setenv("TMPDIR", env.WorkDir)
	env.Setenv("GORACE", os.Getenv("GORACE"))
	return nil
}

// university [-courses N] [-profile P] [-break PREFIX=STATUS] [-direct] [-date D] starts a campus and configures the programs for it.
func (s *story) university(ts *testscript.TestScript, _ bool, args []string) {
	o := campus.Options{Seed: 7, Latency: time.Millisecond, Stall: 100 * time.Millisecond}
	fs := flag.NewFlagSet("university", flag.ContinueOnError)
	fs.IntVar(&o.Courses, "courses", 30, "")
	profile := fs.String("profile", "clean", "")
	broken := fs.String("break", "", "")
	direct := fs.Bool("direct", false, "")
	date := fs.String("date", "2026-03-02", "")
	ts.Check(fs.Parse(args))
	var err error
	o.Profile, err = campus.ParseProfile(*profile)
	ts.Check(err)
	if *broken != "" {
		b, err := campus.ParseBreak(*broken)
		ts.Check(err)
		o.Breaks = append(o.Breaks, b)
	}
	o.Date, err = time.Parse(time.DateOnly, *date)
	ts.Check(err)
	if o.Profile != campus.Clean {
		s.config["MAX_REQ_ATTEMPTS"] = 5
	}
	ts.Check(s.start(o, !*direct))
	s.write(ts)
}

// write writes the configuration and sets the clock.
func (s *story) write(ts *testscript.TestScript) {
	ts.Check(s.writeConfig())
	ts.Setenv("COURSE_INVENTORY_CLOCK", s.clock())
}

// configure PATH VALUE sets a value of the configuration, PATH being a key or PART.key, VALUE JSON or plain text.
func (s *story) configure(ts *testscript.TestScript, _ bool, args []string) {
	var value any
	if json.Unmarshal([]byte(args[1]), &value) != nil {
		value = args[1]
	}
	part, key, nested := strings.Cut(args[0], ".")
	if nested {
		m, ok := s.config[part].(map[string]any)
		if !ok {
			ts.Fatalf("no %s to configure", part)
		}
		m[key] = value
	} else {
		s.config[part] = value
	}
	s.write(ts)
}

// day DATE moves university and clock to another day.
func (s *story) day(ts *testscript.TestScript, _ bool, args []string) {
	date, err := time.Parse(time.DateOnly, args[0])
	ts.Check(err)
	ts.Check(s.move(date))
	s.write(ts)
}

// timeless makes the university's servers tell no time any more.
func (s *story) timeless(*testscript.TestScript, bool, []string) { s.campus.HideTime() }

// truth compares the tables in MySQL with the university's own.
func (s *story) truth(ts *testscript.TestScript, neg bool, _ []string) {
	wrong, err := s.differences(s.date)
	ts.Check(err)
	if neg != (len(wrong) > 0) {
		ts.Fatalf("against the truth of %s: %s", s.date.Format(time.DateOnly), strings.Join(wrong, "\n"))
	}
}

// sql QUERY WANT compares a query's rows, columns joined by tabs and rows by \\n.
func (s *story) sql(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := s.db.Query(args[0])
	ts.Check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	ts.Check(err)
	var lines []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		ts.Check(rows.Scan(targets...))
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = v.String
		}
		lines = append(lines, strings.Join(texts, "\t"))
	}
	ts.Check(rows.Err())
	if got := strings.Join(lines, `\n`); got != args[1] {
		ts.Fatalf("%s\ngot  %q\nwant %q", args[0], got, args[1])
	}
}

// exitcode CODE PROGRAM ARGS… runs a program that must end with that code.
func (s *story) exitCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// corrupt GLOB changes a byte in the middle of the one file that the pattern names.
func (s *story) corrupt(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("no file %s", args[0])
	}
	file := slices.Max(files)
	data, err := os.ReadFile(file)
	ts.Check(err)
	data[len(data)/2] ^= 0xff
	ts.Check(os.WriteFile(file, data, 0o600))
}

// emptydatabase drops every table.
// original fills the database as the program of 2020 left it.
func (s *story) original(ts *testscript.TestScript, _ bool, _ []string) {
	text, err := os.ReadFile("../migrations/testdata/original.sql")
	ts.Check(err)
	for statement := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
		_, err := s.db.Exec(strings.TrimSuffix(statement, ";"))
		ts.Check(err)
	}
}

func (s *story) emptyDatabase(ts *testscript.TestScript, _ bool, _ []string) {
	rows, err := s.db.Query("SELECT IF(table_type = 'VIEW', 'VIEW', 'TABLE'), table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
	ts.Check(err)
	defer rows.Close()
	statements := []string{"SET foreign_key_checks = 0"}
	for rows.Next() {
		var kind, name string
		ts.Check(rows.Scan(&kind, &name))
		statements = append(statements, "DROP "+kind+" `"+name+"`")
	}
	ts.Check(rows.Err())
	conn, err := s.db.Conn(context.Background())
	ts.Check(err)
	defer conn.Close()
	for _, statement := range append(statements, "SET foreign_key_checks = 1") {
		_, err := conn.ExecContext(context.Background(), statement)
		ts.Check(err)
	}
}
