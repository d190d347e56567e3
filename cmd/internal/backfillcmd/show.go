package backfillcmd

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// printPlan prints what would be done, dates with the same reason in one line.
func printPlan(w io.Writer, steps []*step) {
	rows := [][]string{{"job", "stage", "dates", "days", "what", "why"}}
	for _, s := range spans(steps) {
		rows = append(rows, []string{s.job, s.stage, s.dates(), strconv.Itoa(s.days), s.state.String(), s.why})
	}
	run.PrintTable(w, rows, "days")
	todo := 0
	for _, s := range steps {
		if s.state == planned {
			todo++
		}
	}
	fmt.Fprintf(w, "%s to do, %d left as is\n", quantity.Of(todo, "step"), len(steps)-todo)
}

// span are steps of following dates that have the same state for the same reason.
type span struct {
	*step
	to   lake.Date
	days int
}

func (s span) dates() string {
	if s.days == 1 {
		return s.date.String()
	}
	return s.date.String() + ".." + s.to.String()
}

func spans(steps []*step) []span {
	var all []span
	for _, s := range steps {
		if n := len(all); n > 0 {
			last := &all[n-1]
			if last.job == s.job && last.stage == s.stage && last.state == s.state && last.why == s.why && last.to.AddDays(1) == s.date {
				last.to = s.date
				last.days++
				continue
			}
		}
		all = append(all, span{s, s.date, 1})
	}
	return all
}

// printSummary prints how many dates of each job and stage were made, and what hinders the others.
func printSummary(w io.Writer, steps []*step) {
	type group struct {
		job, stage string
		count      map[state]int
		rows       int64
		seconds    float64
	}
	var groups []*group
	for _, s := range steps {
		n := len(groups)
		if n == 0 || groups[n-1].job != s.job || groups[n-1].stage != s.stage {
			groups = append(groups, &group{job: s.job, stage: s.stage, count: map[state]int{}})
			n++
		}
		g := groups[n-1]
		g.count[s.state]++
		g.rows += s.rows
		g.seconds += s.took.Seconds()
	}
	columns := slices.DeleteFunc([]state{made, there, failed, stranded, passed, unbegun}, func(st state) bool {
		return st != made && !slices.ContainsFunc(steps, func(s *step) bool { return s.state == st })
	})
	header := []string{"job", "stage"}
	for _, c := range columns {
		header = append(header, c.String())
	}
	rows := [][]string{append(header, "rows", "seconds")}
	for _, g := range groups {
		row := []string{g.job, g.stage}
		for _, c := range columns {
			row = append(row, blank(g.count[c]))
		}
		rows = append(rows, append(row, quantity.Number(g.rows), fmt.Sprintf("%.1f", g.seconds)))
	}
	run.PrintTable(w, rows, rows[0][2:]...)
	for _, s := range spans(steps) {
		switch {
		case s.state == failed || s.state == passed || s.state == stranded:
			fmt.Fprintf(w, "%s %s %s %s: %s\n", s.job, s.stage, s.dates(), s.state, s.why)
		}
	}
}

func blank(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
