package catalog

import (
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// table is a table with its live snapshots.
type table struct {
	lake.Table
	snapshots []lake.Snapshot // newest date first
	taken     bool            // its names with _all and _asof belong to another table
	owner     *table          // of an incremental table: the one that its rule names
}

// tables returns the tables that have live snapshots.
func (c *Catalog) tables() []table {
	var all []table
	names := map[lake.Table]bool{}
	for _, s := range c.Snapshots {
		if len(all) == 0 || all[len(all)-1].Table != s.Table {
			all = append(all, table{Table: s.Table})
			names[s.Table] = true
		}
		t := &all[len(all)-1]
		t.snapshots = append(t.snapshots, s)
	}
	for i := range all {
		slices.Reverse(all[i].snapshots)
		all[i].taken = names[all[i].Table+"_all"] || names[all[i].Table+"_asof"]
	}
	for i := range all {
		owned := ruleOf(all[i].Table).ownedBy
		if at := slices.IndexFunc(all, func(o table) bool { return o.Table == owned }); at >= 0 {
			all[i].owner = &all[at]
		}
	}
	return all
}

func (t table) newest() lake.Snapshot { return t.snapshots[0] }

// incremental tells whether the dates hold a part of the table each.
func (t table) incremental() bool { return t.newest().Interval != nil }

// rule returns how the dates of an incremental table come together.
func (t table) rule() rule {
	r := ruleOf(t.Table)
	if r.ownedBy != "" && t.owner == nil {
		return rule{}
	}
	return r
}

// name returns the quoted SQL name of what shows the table.
func (t table) name(suffix string) string { return name(t.Schema()) + "." + name(t.Name()+suffix) }

// columns returns the columns of all dates, those of the newest first. A type is that of the newest date that has the column.
func (t table) columns() []lake.Column {
	var all []lake.Column
	for _, s := range t.snapshots {
		for _, c := range s.Columns {
			if !slices.ContainsFunc(all, func(o lake.Column) bool { return strings.EqualFold(o.Name, c.Name) }) {
				all = append(all, c)
			}
		}
	}
	return all
}

// lines returns a line for each date, newest first: its files, after their table's "dt=" and with tabs in between.
func (t table) lines() string {
	dates := make([]string, len(t.snapshots))
	for i, s := range t.snapshots {
		files := make([]string, len(s.Files))
		for j, f := range s.Files {
			files[j] = strings.TrimPrefix(f.Path, string(t.Table)+"/dt=")
		}
		if len(files) == 0 {
			files = []string{s.Date.String() + noFile}
		}
		dates[i] = strings.Join(files, "\t")
	}
	return strings.Join(dates, "\n")
}

// noFile follows the date of a snapshot without files, see prelude.sql.
const noFile = "/none"
