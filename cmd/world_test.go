package cmd_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/verify"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

// world is what the programs work in: a directory with configuration and lake, a database, a university with its warehouse.
type world struct {
	t      *testing.T
	dir    string
	db     *sql.DB
	config map[string]any
	campus *campustest.Server
	since  time.Time // the first night
	date   time.Time

	warehouse string // DSN of its PostgreSQL
}

// setup makes a fresh database and the configuration without any source.
func (w *world) setup(dir string) error {
	dsn, err := mysql.ParseDSN(localdbtest.Database(w.t))
	if err != nil {
		return err
	}
	dsn.ParseTime = false // times as the truth writes them
	if w.db, err = sql.Open("mysql", dsn.FormatDSN()); err != nil {
		return err
	}
	w.t.Cleanup(func() { w.db.Close() })
	host, port, _ := strings.Cut(dsn.Addr, ":")
	w.dir = dir
	w.config = map[string]any{
		"LOG_LEVEL": "WARNING", "JOB_NAMES": []string{"COURSE_INVENTORY"}, "MAX_REQ_ATTEMPTS": 2,
		"INVENTORY_DB": map[string]any{"host": host, "port": port, "dbname": dsn.DBName, "user": dsn.User, "password": dsn.Passwd},
		"LAKE":         map[string]any{"url": "file://" + filepath.ToSlash(dir) + "/lake"},
	}
	return os.MkdirAll(w.secrets(), 0o700)
}

func (w *world) secrets() string { return filepath.Join(w.dir, "secrets") }

// start serves a university and configures its addresses.
func (w *world) start(o campus.Options, gateway bool) error {
	warehouse := localdbtest.Postgres(w.t)
	o.WarehouseDSN = localdbtest.PostgresDatabase(w.t)
	dsn, err := url.Parse(o.WarehouseDSN)
	if err != nil {
		return err
	}
	w.campus = campustest.Start(w.t, o)
	w.date, w.since, w.warehouse = o.Date, o.Date, o.WarehouseDSN
	w.config["CANVAS"] = w.campus.ConfigCanvas(gateway)
	w.config["MIVIDEO"] = w.campus.ConfigMiVideo()
	w.config["UDW"] = map[string]any{
		"host": warehouse.Host(), "port": warehouse.Port(), "user": warehouse.User(), "password": warehouse.Password(),
		"dbname": strings.TrimPrefix(dsn.Path, "/"), "sslmode": "disable",
	}
	return nil
}

func (w *world) writeConfig() error {
	text, err := json.MarshalIndent(w.config, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.secrets(), "env.hjson"), text, 0o600)
}

// clock is when the night of the date takes place.
func (w *world) clock() string { return w.date.Add(9 * time.Hour).Format(time.RFC3339) }

// move takes the university to another day.
func (w *world) move(date time.Time) error {
	w.date = date
	return w.campus.SetDay(context.Background(), date)
}

// jobs returns the names of the configured jobs.
func (w *world) jobs() []string {
	names, plain := w.config["JOB_NAMES"].([]string)
	if list, decoded := w.config["JOB_NAMES"].([]any); decoded {
		for _, name := range list {
			names = append(names, fmt.Sprint(name))
		}
	} else if !plain {
		w.t.Errorf("JOB_NAMES is %v", w.config["JOB_NAMES"])
	}
	return names
}

// differences says how the tables in MySQL differ from the university's truth of a date.
func (w *world) differences(date time.Time) ([]string, error) {
	media, ok := w.config["MIVIDEO"].(map[string]any)
	if !ok {
		return nil, errors.New("no university was started")
	}
	start, err := time.Parse(time.RFC3339, fmt.Sprint(media["default_last_timestamp"]))
	if err != nil {
		return nil, err
	}
	tables, err := w.campus.University().Truth(university.Want{Date: date, Since: w.since, Start: start, Jobs: w.jobs()})
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, t := range tables {
		if t.Name == "data_source_status" { // grows with every load
			continue
		}
		var rows bytes.Buffer
		if err := t.WriteJSON(&rows); err != nil {
			return nil, err
		}
		v, err := verify.Table(context.Background(), w.db, t.Name, &rows)
		if err != nil {
			return nil, err
		}
		if !v.Equal() {
			wrong = append(wrong, fmt.Sprintf("%s (%d rows): %s", t.Name, v.Rows, v))
		}
	}
	return wrong, nil
}
