// Package adding follows docs/adding.md word by word: it adds the guide's source, job and tables to the repository,
// builds, tests and runs them, and looks at the rows in a real database.
package adding

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

func TestMain(m *testing.M) { localdbtest.Main(m) }

func TestGuide(t *testing.T) {
	blocks := readGuide(t, "../../docs/adding.md")
	number(t, blocks)
	tr := newTree(t)
	tr.watch()
	tests := commands(blocks, "go test ")
	var packages []string
	for _, words := range tests {
		packages = append(packages, words[2])
	}
	slices.Sort(packages)
	packages = slices.Compact(packages)
	for _, pkg := range packages {
		tr.copy(pkg)
	}
	var written []block
	var data string // that the database then holds
	for _, b := range blocks {
		switch {
		case b.kind == "written":
			written = append(written, b)
		case b.kind != "":
			tr.follow(b)
		case b.lang == "text":
			data = b.text
		}
	}
	if files := tr.unformatted(); len(files) > 0 {
		t.Errorf("docs/adding.md: gofmt would change %s", strings.Join(files, ", "))
	}

	tr.build([]string{"build"}, "./cmd/extract-tags", "./cmd/course-inventory")
	tr.build([]string{"test", "-c", "-vet=off"}, packages...)
	for _, words := range tests {
		tr.test(words)
	}
	for _, b := range written {
		if diff := cmp.Diff(b.text, tr.read(b.path)); diff != "" {
			t.Errorf("docs/adding.md, step %q: %s (-guide +written):\n%s", b.step, b.path, diff)
		}
	}

	dsn, err := mysql.ParseDSN(localdbtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	inventory := inventoryDB(t, dsn)
	for _, words := range commands(blocks, "bin/") {
		words[0] = filepath.Join(tr.dir, words[0])
		out, err := tr.run(".", []string{inventory}, words...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(words, " "), err, out)
		}
		t.Logf("%s\n%s", strings.Join(words, " "), out)
	}
	if diff := cmp.Diff(data, rows(t, dsn)); diff != "" {
		t.Errorf("course_tag (-guide +database):\n%s", diff)
	}
}

// TestOutdated looks that a change is refused whose place is gone or no longer one.
func TestOutdated(t *testing.T) {
	change := block{path: "x.go", text: " one\n+two\n-three\n"}
	for text, want := range map[string]string{
		"zero\none\nthree\nfour\n": "zero\none\ntwo\nfour\n",
		"one\nthree\n":             "one\ntwo\n",
		"one\n\nthree\n":           "",
		"someone\nthree\n":         "",
		"one\nthree\none\nthree\n": "",
	} {
		got, err := patch(text, change)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q becomes %q, %v; want %q", text, got, err, want)
		}
	}
}

// number gives the guide's migration the next number.
func number(t *testing.T, blocks []block) {
	t.Helper()
	names, err := filepath.Glob("../../migrations/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	last, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		t.Fatal(err)
	}
	for i := range blocks {
		blocks[i].path = strings.Replace(blocks[i].path, "NNNNN", fmt.Sprintf("%05d", last+1), 1)
	}
}

// inventoryDB returns the environment variable that puts a database in the place of the guide's.
func inventoryDB(t *testing.T, dsn *mysql.Config) string {
	t.Helper()
	host, port, _ := strings.Cut(dsn.Addr, ":")
	text, err := json.Marshal(map[string]string{"host": host, "port": port, "dbname": dsn.DBName, "user": dsn.User, "password": dsn.Passwd})
	if err != nil {
		t.Fatal(err)
	}
	return "INVENTORY_DB=" + string(text)
}

// rows returns what the guide's query gives.
func rows(t *testing.T, dsn *mysql.Config) string {
	t.Helper()
	db, err := sql.Open("mysql", dsn.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.QueryContext(t.Context(), "SELECT * FROM course_tag ORDER BY course_id, tag")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var all strings.Builder
	for found.Next() {
		var course, tag string
		if err := found.Scan(&course, &tag); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s %s\n", course, tag)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
