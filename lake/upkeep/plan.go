package upkeep

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// planner decides what goes.
type planner struct {
	history *history
	runs    *runs
	options CleanOptions
	needed  map[string]bool // manifests
	plan    *Plan
	held    map[Why]*Held
}

// old reports whether something of that time is older than the grace.
func (p *planner) old(at time.Time) bool { return p.options.Now.Sub(at) >= p.options.Grace }

// expire decides which dates the retention does not keep, and adds the removals to come to their history.
func (p *planner) expire(termEnds []time.Time) {
	today := lake.DateOf(p.options.Now)
	for _, t := range p.history.tables {
		var dates []lake.Date
		for _, d := range t.dates {
			if c := d.live(); c != nil && !c.interval {
				dates = append(dates, d.date)
			}
		}
		kept := p.options.Retention.keeps(dates, termEnds, today)
		for _, d := range t.dates {
			c := d.live()
			if c == nil || c.interval || kept[d.date] || !p.old(c.at) || d.unclear != nil {
				continue
			}
			p.plan.Expiries = append(p.plan.Expiries, Expiry{t.table, d.date, c.Key, c.rows, c.bytes})
			d.commits = append(d.commits, &commit{manifestObject: manifestObject{number: c.number + 1}, date: d.date, removed: true, at: p.options.Now})
			d.expires = true
		}
	}
}

// date decides what goes of a date.
func (p *planner) date(ctx context.Context, d *dateHistory) error {
	if d.unclear != nil {
		p.plan.LeftAlone = append(p.plan.LeftAlone, *d.unclear)
		return nil
	}
	s := &sweep{date: d}
	why := Superseded
	newest := d.newest()
	if newest != nil && newest.removed {
		why = Removed
	}
	staying := map[string]bool{} // parts
	by := p.history.replacements(d)
	for i, c := range d.commits {
		if c != newest && p.goes(d, c, by[i]) {
			s.manifests = append(s.manifests, Deletion{c.Key, c.Bytes, d.table, d.date, why})
			continue
		}
		for _, f := range c.files {
			staying[f] = true
		}
	}
	named := map[string]bool{}
	for _, c := range d.commits {
		for _, f := range c.files {
			named[f] = true
		}
	}
	for _, o := range d.parts {
		at := later(o.Modified, o.run.Time())
		switch {
		case staying[o.Key], !p.old(at):
		case named[o.Key]:
			s.parts = append(s.parts, Deletion{o.Key, o.Bytes, d.table, d.date, why})
		default:
			run, err := p.runs.get(ctx, o.run)
			if err != nil {
				return err
			}
			// Who was taken for killed may have been asleep.
			perhaps := run.Status == lake.Running || run.Status == lake.Killed
			if !perhaps || p.options.Now.Sub(at) >= longestRun {
				s.parts = append(s.parts, Deletion{o.Key, o.Bytes, d.table, d.date, Orphan})
			}
		}
	}
	// A removal goes when nothing else was left of the date before this clean-up: while another may still be at work by an
	// older plan, numbers must not begin anew.
	if why == Removed && len(d.commits) == 1 && p.old(newest.at) {
		s.manifests = []Deletion{{newest.Key, newest.Bytes, d.table, d.date, why}}
	}
	if len(s.manifests)+len(s.parts) > 0 || d.expires {
		p.plan.sweeps = append(p.plan.sweeps, s)
	}
	return nil
}

// goes reports whether a commit that another replaced goes, and counts it as held if it does not.
func (p *planner) goes(d *dateHistory, c, by *commit) bool {
	loadable := c.interval && d.table.Schema() == "curated" && !d.table.IsRejected()
	var why Why
	switch {
	case p.needed[c.Key]:
		why = HeldInput
	case by == nil:
		why = HeldTorn
	case !p.old(by.at):
		why = HeldYoung
	case loadable && !c.removed && p.options.Now.Sub(by.at) < heldForLoads:
		why = HeldLoad
	default:
		return true
	}
	if c.removed {
		return false
	}
	if p.held[why] == nil {
		p.held[why] = &Held{Why: why}
	}
	p.held[why].Snapshots++
	p.held[why].Bytes += c.bytes
	return false
}

// strays decides about what is in no date.
func (p *planner) strays(s *survey) {
	goes := func(o lake.Object, after time.Duration, why Why) {
		p0 := lake.PlaceOf(o.Key)
		if at := later(o.Modified, p0.Run.Time()); p.old(at) && p.options.Now.Sub(at) >= after {
			p.plan.others = append(p.plan.others, Deletion{Object: o.Key, Bytes: o.Bytes, Why: why})
		}
	}
	temporary := s.strays
	for _, t := range s.tables {
		temporary = append(temporary, t.strays...)
	}
	for _, o := range temporary {
		if lake.PlaceOf(o.Key).Kind == lake.TemporaryObject {
			goes(o, 0, Temporary)
		}
	}
	for _, o := range s.runs {
		goes(o, runsKept, OldRun)
	}
	for _, o := range s.lineage {
		goes(o, runsKept, OldLineage)
	}
	for _, o := range s.checkpoints {
		goes(o, checkpointsKept, OldCheckpoint)
	}
}

// finish puts together what a person or a program sees of the plan.
func (p *planner) finish() *Plan {
	for _, s := range p.plan.sweeps {
		p.plan.Deletions = append(p.plan.Deletions, s.deletions()...)
	}
	p.plan.Deletions = append(p.plan.Deletions, p.plan.others...)
	for _, h := range p.held {
		p.plan.Held = append(p.plan.Held, *h)
	}
	slices.SortFunc(p.plan.Held, func(a, b Held) int { return cmp.Compare(a.Why, b.Why) })
	return p.plan
}
