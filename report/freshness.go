package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// The states of a table. They are also the names of their colours in page.css.
const (
	stateOK      = "ok"
	stateLate    = "late"
	stateMissing = "missing"
)

// jobView is a job and its tables.
type jobView struct {
	Name   string
	Tables []tableView
}

// tableView tells how fresh a curated table is.
type tableView struct {
	Name     string
	State    string
	Date     lake.Date
	AsOf     time.Time
	Age      time.Duration
	Rows     int64
	Change   *int64 // against the date before; nil where that says nothing
	Bytes    int64
	Dates    int
	Warnings int
	Rejected int64
	Loaded   *Loaded // what MySQL holds; nil if it holds nothing, or was not asked
	Asked    bool    // MySQL told what it holds

	digest string // of the manifest
}

// Behind reports whether MySQL does not hold the newest snapshot.
func (v tableView) Behind() bool {
	return v.Asked && v.Dates > 0 && (v.Loaded == nil || v.Loaded.SHA256 != v.digest)
}

// InMySQL says what MySQL holds, as `course-inventory status` does.
func (v tableView) InMySQL() string {
	switch {
	case !v.Asked:
		return "not asked"
	case v.Loaded == nil:
		return "not loaded"
	case !v.Behind():
		return v.Loaded.Date.String()
	case v.Loaded.Date == v.Date:
		return v.Date.String() + ", an earlier snapshot"
	default:
		return v.Loaded.Date.String() + ", behind"
	}
}

// verdict is the page in a few words.
type verdict struct {
	State string
	Text  string
}

func (f *facts) jobs(o Options) []jobView {
	var views []jobView
	for _, j := range o.Jobs {
		v := jobView{Name: j.Name}
		for _, name := range j.Tables {
			t := f.table(name, o.Now)
			if t.Asked = o.MySQL != nil && o.MySQL.Error == ""; t.Asked {
				if l, ok := o.MySQL.Newest[name]; ok {
					t.Loaded = &l
				}
			}
			v.Tables = append(v.Tables, t)
		}
		views = append(views, v)
	}
	return views
}

func (f *facts) table(name string, now time.Time) tableView {
	v := tableView{Name: name, State: stateMissing}
	s, before := f.newest(lake.Curated(name))
	if s == nil {
		return v
	}
	v.State, v.Date, v.AsOf, v.Rows, v.Bytes, v.Dates = stateOK, s.Date, s.SourceAsOf, s.Rows(), s.Bytes(), len(f.tables[s.Table])
	v.digest = s.SHA256
	if v.AsOf.IsZero() {
		v.AsOf = s.FinishedAt
	}
	if v.Age = max(0, now.Sub(v.AsOf)); v.Age > MaxAge {
		v.State = stateLate
	}
	if before != nil && s.Interval == nil {
		change := s.Rows() - before.Rows()
		v.Change = &change
	}
	for _, c := range s.Checks {
		if !c.Passed {
			v.Warnings++
		}
	}
	if r, _ := f.newest(s.Table.Rejected()); r != nil && r.Date == s.Date {
		v.Rejected = r.Rows()
	}
	return v
}

// judge tells in a few sentences what needs a look.
func (f *facts) judge(jobs []jobView, troubles int) verdict {
	if len(f.tables)+len(f.runs)+len(f.problems) == 0 {
		return verdict{stateMissing, "Nothing has run yet: the lake is empty."}
	}
	count := map[string]int{}
	all, behind := 0, 0
	for _, j := range jobs {
		for _, t := range j.Tables {
			count[t.State]++
			all++
			if t.Behind() {
				behind++
			}
		}
	}
	v := verdict{State: stateOK}
	say := func(n int, state, one, many string) {
		if n == 0 {
			return
		}
		if v.State != stateMissing {
			v.State = state
		}
		if n > 1 {
			one = many
		}
		v.Text += " " + strings.NewReplacer("{n}", quantity.Number(n), "{all}", quantity.Number(all)).Replace(one)
	}
	say(count[stateMissing], stateMissing, "{n} of {all} tables has no snapshot.", "{n} of {all} tables have no snapshot.")
	say(count[stateLate], stateLate, "{n} of {all} tables is late.", "{n} of {all} tables are late.")
	if v.Text == "" {
		v.Text = fmt.Sprintf("All %d tables are fresh.", all)
		if behind > 0 {
			v.Text = fmt.Sprintf("All %d tables of the lake are fresh.", all)
		}
	}
	say(behind, stateLate, "MySQL does not hold the newest snapshot of {n} table.", "MySQL does not hold the newest snapshots of {n} tables.")
	say(len(f.problems), stateMissing, "{n} manifest cannot be used.", "{n} manifests cannot be used.")
	say(troubles, stateLate, "{n} stage did not succeed when it last ran.", "{n} stages did not succeed when they last ran.")
	return v
}
