package signals

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Alert is what the webhook gets of a program that failed. Nothing in it is secret.
type Alert struct {
	Text     string      `json:"text"` // all of it in a few lines: chat servers show this field
	Program  string      `json:"program"`
	Host     string      `json:"host"`
	Version  string      `json:"version"`
	Date     lake.Date   `json:"dt"`
	At       time.Time   `json:"at"`
	Error    string      `json:"error"`
	Remedy   string      `json:"remedy,omitempty"` // a line for each job, if several failed
	Class    string      `json:"class"`
	ExitCode int         `json:"exit_code"`
	Runs     []FailedRun `json:"runs"` // of stages; none if the program failed before its first
}

// FailedRun is a run of a stage that did not succeed.
type FailedRun struct {
	RunID    lake.RunID  `json:"run_id"`
	Stage    string      `json:"stage"`
	Jobs     []string    `json:"jobs"`
	Date     lake.Date   `json:"dt"`
	Status   lake.Status `json:"status"`
	Error    string      `json:"error"`
	Remedy   string      `json:"remedy,omitempty"`
	ExitCode int         `json:"exit_code"`
}

// longest bounds the text of an error, in characters: those of gates hold examples.
const longest = 1500

// Send tells the webhook, if there is one, even if ctx has been cancelled. It fills in Text, Host, Remedy and Class.
func (a Alert) Send(ctx context.Context, cfg config.Alert, log *slog.Logger, err error) {
	if cfg.Webhook == "" {
		return
	}
	a.Error, a.Remedy, a.Class = short(err.Error()), strings.Join(fault.Remedies(err), "\n"), fault.ClassOf(err).String()
	a.Host, _ = os.Hostname()
	a.Text = fmt.Sprintf("%s for %s failed on %s with exit status %d (%s): %s", a.Program, a.Date, a.Host, a.ExitCode, a.Class, a.Error)
	if a.Remedy != "" {
		a.Text += "\nWhat to do: " + a.Remedy
	}
	if a.Runs == nil {
		a.Runs = []FailedRun{}
	}
	for i := range a.Runs {
		a.Runs[i].Error = short(a.Runs[i].Error)
	}
	if err := post(context.WithoutCancel(ctx), cfg.Webhook.Reveal(), "", a); err != nil {
		log.Warn("a signal was not sent", "signal", "alert", "error", err, "remedy", "check ALERT.webhook and the server behind it")
	}
}

// Failed returns what an alert tells of a run.
func Failed(run lake.Run) FailedRun {
	return FailedRun{
		RunID: run.ID, Stage: run.Stage, Jobs: run.Jobs, Date: run.Date, Status: run.Status,
		Error: run.Error, Remedy: run.Remedy, ExitCode: run.ExitCode,
	}
}

func short(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return text
}
