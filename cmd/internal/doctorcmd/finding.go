package doctorcmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Finding is the answer to one question; its JSON names are stable.
type Finding struct {
	Group  string `json:"group"`
	Name   string `json:"name"`
	Result string `json:"result"` // ok, warning, failed or skipped
	Detail string `json:"detail,omitempty"`
	Remedy string `json:"remedy,omitempty"`
	Class  string `json:"class,omitempty"` // of a failure

	err error
}

// The results.
const (
	good    = "ok"
	warning = "warning"
	failed  = "failed"
	skipped = "skipped"
)

// group are questions about one thing, asked one after the other.
type group struct {
	name     string
	admit    func(context.Context) (checkup.Patient, error)
	tables   []string // that the jobs need; questions about others are not asked
	findings []Finding
	end      chan struct{}
}

func (g *group) examine(ctx context.Context) {
	p, err := g.admit(ctx)
	if err != nil {
		g.add("settings", "", err)
		return
	}
	defer func() { _ = p.Close() }()
	hopeless := false
	for _, q := range p.Questions {
		if len(q.Tables) > 0 && !slices.ContainsFunc(q.Tables, func(t string) bool { return slices.Contains(g.tables, t) }) {
			continue
		}
		if hopeless {
			g.add(q.Name, "", checkup.ErrSkip)
			continue
		}
		g.ask(ctx, q)
		hopeless = q.Basic && g.findings[len(g.findings)-1].Result == failed
	}
}

func (g *group) ask(ctx context.Context, q checkup.Question) {
	ctx, cancel := context.WithTimeoutCause(ctx, questionTime, fault.New(fault.Unavailable, "see whether a firewall swallows the packets",
		fmt.Errorf("no answer within %s", questionTime)))
	defer cancel()
	detail, err := q.Ask(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	g.add(q.Name, detail, err)
}

func (g *group) add(name, detail string, err error) {
	f := Finding{Group: g.name, Name: name, Result: good, Detail: detail, err: err}
	switch {
	case errors.Is(err, checkup.ErrSkip):
		f.Result, f.err = skipped, nil
	case checkup.Doubtful(err):
		f.Result, f.Detail, f.Remedy = warning, oneLine(err.Error()), fault.HintOf(err)
	case err != nil:
		f.Result, f.Detail, f.Remedy, f.Class = failed, oneLine(err.Error()), fault.HintOf(err), fault.ClassOf(err).String()
	}
	g.findings = append(g.findings, f)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
