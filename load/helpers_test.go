package load_test

import (
	"context"
	"database/sql"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// checkFault expects an error of a class with all of the texts in it or in its hint.
func checkFault(t testing.TB, err error, class fault.Class, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := fault.ClassOf(err); got != class {
		t.Errorf("class %s, want %s: %v", got, class, err)
	}
	all := err.Error() + " | " + fault.HintOf(err)
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("%q is not in: %s", text, all)
		}
	}
}

func openDSN(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	cfg.ParseTime = false
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// logged keeps messages, and calls at with each.
type logged struct {
	at func(message string)

	mu       sync.Mutex
	messages []string
}

func (l *logged) logger() *slog.Logger { return slog.New(l) }

func (l *logged) Enabled(context.Context, slog.Level) bool { return true }

func (l *logged) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	l.messages = append(l.messages, r.Message)
	l.mu.Unlock()
	if l.at != nil {
		l.at(r.Message)
	}
	return nil
}

func (l *logged) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *logged) WithGroup(string) slog.Handler { return l }

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, m := range l.messages {
		if strings.Contains(m, text) {
			n++
		}
	}
	return n
}

// schema returns the definitions of all tables, their keys in the order of their names.
func schema(t testing.TB, db querier) map[string]string {
	t.Helper()
	m := map[string]string{}
	for table := range strings.Lines(query(t, db, "SHOW TABLES")) {
		table = strings.TrimSpace(table)
		lines := strings.Split(strings.TrimSpace(query(t, db, "SHOW CREATE TABLE "+table)), "\n")
		for i, line := range lines {
			lines[i] = strings.TrimSuffix(autoIncrement.ReplaceAllString(line, ""), ",")
		}
		slices.Sort(lines)
		m[table] = strings.Join(lines, "\n")
	}
	return m
}

var autoIncrement = regexp.MustCompile(` AUTO_INCREMENT=\d+`)
