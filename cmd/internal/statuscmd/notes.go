package statuscmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

// printNotes prints what is to be looked at, a sentence each, the worst first.
func (s *Status) printNotes(p *printer) {
	var bad, odd []string
	for _, j := range s.Jobs {
		for _, r := range j.Runs {
			was := map[lake.Status]string{lake.Failed: "failed", lake.Killed: "was killed"}[r.State]
			if was != "" {
				bad = append(bad, fmt.Sprintf("%s of %s %s: %s%s", r.Stage, r.Date, was, oneLine(r.Error), remedy(r.Remedy)))
			}
		}
		var late, behind, future groups
		for _, t := range j.Tables {
			for _, d := range t.Future {
				future.add(fmt.Sprintf("%s is in the future (%s):", d, upkeep.FutureRemedy(s.latest)), string(t.Table))
			}
			for _, d := range t.Mistaken {
				future.add(fmt.Sprintf("MySQL holds %s, which is in the future (the next load takes it out):", d), t.Table.Name())
			}
			switch t.State {
			case Missing:
				late.add("the lake has no date of", string(t.Table))
			case Unread:
				bad = append(bad, fmt.Sprintf("%s: %s", t.Table, t.Error))
			case Late:
				late.add(fmt.Sprintf("%s late, the newest date being %s:", days(t.DaysLate), t.Date), string(t.Table))
			}
			for _, c := range t.Gates {
				odd = append(odd, fmt.Sprintf("%s %s: gate %s: %s", t.Table, t.Date, c.Name, gate(c)))
			}
			for _, d := range t.Drift {
				odd = append(odd, fmt.Sprintf("%s %s: schema: %s", t.Table, t.Date, d))
			}
			if m := t.MySQL; m != nil && !m.Date.IsZero() && m.Date.Before(t.Date) {
				behind.add(fmt.Sprintf("MySQL is %s behind the lake (course-inventory backfill --jobs %s --from %s --to %s --stages load):",
					days(daysBetween(m.Date, t.Date)), j.Name, m.Date.AddDays(1), t.Date), t.Table.Name())
			}
		}
		bad = append(bad, future.texts()...)
		bad = append(bad, late.texts()...)
		odd = append(odd, behind.texts()...)
	}
	if len(bad)+len(odd) > 0 {
		p.line(run.Plain, "")
	}
	for i, text := range bad {
		if slices.Contains(bad[:i], text) { // a run for several jobs
			continue
		}
		p.note(run.Bad, "!", text)
	}
	for _, text := range odd {
		p.note(run.Odd, "-", text)
	}
	if len(s.Stale) > 0 {
		p.line(run.Bad, "\nolder than %s, or missing: %s", s.MaxAge, strings.Join(s.Stale, ", "))
	}
}

func gate(c lake.Check) string {
	if c.Rows > 0 {
		return fmt.Sprintf("%s (%s)", c.Detail, quantity.Of(c.Rows, "row"))
	}
	return c.Detail
}

func days(n int) string { return quantity.Of(n, "day") }

func remedy(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// groups are tables of which the same is to be said.
type groups []struct {
	text   string
	tables []string
}

func (g *groups) add(text, table string) {
	for i := range *g {
		if (*g)[i].text == text {
			(*g)[i].tables = append((*g)[i].tables, table)
			return
		}
	}
	*g = append(*g, struct {
		text   string
		tables []string
	}{text, []string{table}})
}

func (g groups) texts() []string {
	var all []string
	for _, one := range g {
		all = append(all, one.text+" "+strings.Join(one.tables, ", "))
	}
	return all
}
