package backfillcmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// passFailed passes over a planned step whose last run failed, unless it was passing trouble or an input was committed since
// then.
func (p *planner) passFailed(s *step, inputs []*lake.Snapshot) {
	if p.reprocess != reprocessNone || s.state != planned {
		return
	}
	for _, r := range p.runs {
		if r.Stage != s.stage || r.Date != s.date || !r.From.IsZero() || !slices.Contains(r.Jobs, s.job) || r.Status == lake.Running || r.Status == lake.Killed {
			continue
		}
		renewed := func(in *lake.Snapshot) bool {
			return in.FinishedAt.After(r.StartedAt) || p.broughtBack(in, r.StartedAt)
		}
		if r.Status == lake.Failed && r.ExitCode != int(fault.Temporary) && !slices.ContainsFunc(inputs, renewed) {
			s.state = passed
			s.why = fmt.Sprintf("failed on %s (%s); --reprocess failed tries again", r.StartedAt.UTC().Format(time.DateOnly), short(r.Error))
		}
		return
	}
}

// broughtBack reports whether lake rm --undo committed the snapshot at that time or later. Its manifest tells when its data was
// made, so the run that committed it is asked.
func (p *planner) broughtBack(s *lake.Snapshot, at time.Time) bool {
	return slices.ContainsFunc(p.runs, func(r lake.Run) bool {
		return !r.StartedAt.Before(at) && s.Path != "" && slices.Contains(r.Manifests, s.Path)
	})
}

// passFailedInputs is passFailed for a step with inputs of its date in the lake.
func (p *planner) passFailedInputs(ctx context.Context, s *step, inputs []lake.Table) error {
	var found []*lake.Snapshot
	for _, t := range inputs {
		in, err := p.lake.Newest(ctx, t, s.date)
		if err != nil {
			return err
		}
		if in != nil {
			found = append(found, in)
		}
	}
	p.passFailed(s, found)
	return nil
}

// short is the beginning of an error, for a table.
func short(text string) string {
	const most = 70
	text, _, _ = strings.Cut(text, "\n")
	if r := []rune(text); len(r) > most {
		return strings.TrimRight(string(r[:most]), " ,;:") + "…"
	}
	return text
}
