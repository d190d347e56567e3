package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// program returns the path of one of our programs.
func (d *demo) program(name string) (string, error) {
	path, err := filepath.Abs(filepath.Join("bin", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return "", fault.New(fault.Usage, "Run `make demo` at the top of the repository; it builds the programs first.", err)
	}
	return path, nil
}

// environment is the little of ours that programs need. The rest stays out, because a variable named like
// a key of the configuration would win over the demo's file.
func (d *demo) environment(more ...string) []string {
	env := more
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TERM", "LANG", "LC_ALL", "NO_COLOR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// night is when the jobs of a day run.
func night(day time.Time) time.Time { return day.Add(9 * time.Hour) }

// later is when a day's work is repeated from the lake.
func later(day time.Time) time.Time { return day.Add(10 * time.Hour) }

// configure writes the jobs' configuration, one for the replay and the MySQL client's.
func (d *demo) configure(s state, c campus.Info, inventory, warehouse database) error {
	server := func(db database) map[string]any {
		return map[string]any{"host": db.Host, "port": db.Port, "dbname": db.Name, "user": db.User, "password": db.Password}
	}
	udw := server(warehouse)
	udw["sslmode"] = "disable" // all on loopback
	mysql := server(inventory)
	mysql["tls"] = "false"
	text := map[string]any{
		"LOG_LEVEL": "INFO", "JOB_NAMES": s.Jobs, "CREATE_CSVS": false, "INVENTORY_DB": mysql,
		"LAKE": map[string]any{"url": "file://" + d.path("lake")},
	}
	if err := d.writeConfig(replayFile, text); err != nil {
		return err
	}
	text["CANVAS"], text["UDW"], text["MIVIDEO"] = c.ConfigCanvas(true), udw, c.ConfigMiVideo()
	if err := d.writeConfig("env.hjson", text); err != nil {
		return err
	}
	client := fmt.Sprintf("[client]\nprotocol=tcp\nhost=%s\nport=%d\nuser=%s\npassword=%s\ndefault-character-set=utf8mb4\n\n[mysql]\ndatabase=%s\n",
		inventory.Host, inventory.Port, inventory.User, inventory.Password, inventory.Name)
	if err := d.write(d.path("secrets", "my.cnf"), []byte(client)); err != nil {
		return fmt.Errorf("write client's configuration: %w", err)
	}
	return nil
}

func (d *demo) writeConfig(name string, content map[string]any) error {
	text, err := json.MarshalIndent(content, "", "  ")
	if err == nil {
		err = d.write(d.path("secrets", name), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// call runs one of our programs as if it were some other time. What it prints goes to out, its log to a file.
func (d *demo) call(ctx context.Context, out io.Writer, at time.Time, name string, args ...string) error {
	program, err := d.program(name)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(d.path("run.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open run's log: %w", err)
	}
	defer log.Close()
	var errs tail
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = d.environment("ENV_DIR="+d.path("secrets"), "ENV_FILE=env.hjson", "COURSE_INVENTORY_CLOCK="+at.Format(time.RFC3339))
	cmd.Stdout, cmd.Stderr = &indented{to: out}, &errs
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it saves its progress
	cmd.WaitDelay = time.Minute
	errs.log = log
	err = cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	class := fault.Defect
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		class = fault.Class(exit.ExitCode())
	}
	return fault.New(class, "Its whole log is "+d.show("run.log")+".",
		fmt.Errorf("%s: %w; the end of its log:\n%s", name, err, errs.last(12)))
}

// tail copies a log and remembers its end.
type tail struct {
	log *os.File
	end []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.end = append(t.end, p...)
	if extra := len(t.end) - 8192; extra > 0 {
		t.end = append(t.end[:0], t.end[extra:]...)
	}
	return t.log.Write(p)
}

// last returns the last n lines.
func (t *tail) last(n int) string {
	lines := strings.Split(strings.TrimSpace(string(t.end)), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-n):], "\n  ")
}

// indented writes lines two columns to the right, and cuts what is too long to be pleasant.
type indented struct {
	to     io.Writer
	column int // characters of the line so far
}

const lineWidth = 150

func (w *indented) Write(p []byte) (int, error) {
	var text []byte
	for _, b := range p {
		switch {
		case b == '\n':
			w.column = -1
		case w.column == 0:
			text = append(text, "  "...)
		case w.column == lineWidth && utf8.RuneStart(b):
			text = append(text, "…"...)
		}
		if w.column < lineWidth || w.column == lineWidth && !utf8.RuneStart(b) {
			text = append(text, b)
		}
		if utf8.RuneStart(b) {
			w.column++
		}
	}
	if _, err := w.to.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}
