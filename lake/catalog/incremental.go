package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// rule says which rows make the whole of a table whose dates hold an interval each, where several dates tell of the same. It is the
// rule by which load fills MySQL, which a test of whole nights compares. Without any field set, the newest date that has a key has the row.
type rule struct {
	hour    string     // column with an hour as text: it shows the newest date that saw it wholly, else the newest that saw a part
	time    string     // column with an instant: it shows the newest date whose interval holds it
	owner   string     // column with an id: it shows the newest date that tells of it
	ownedBy lake.Table // the table that tells of the ids, if another one
}

// ruleOf returns the rule of an incremental table.
func ruleOf(t lake.Table) rule {
	switch t.Accepted() {
	case lake.Curated("mivideo_media_started_hourly"):
		return rule{hour: "event_hour_utc"}
	case lake.Curated("mivideo_media_created"), lake.Raw("kaltura", "media"):
		return rule{owner: "id"}
	case lake.Curated("mivideo_media_courses"):
		return rule{owner: "media_id", ownedBy: lake.Curated("mivideo_media_created")}
	case lake.Raw("udp", "event"):
		return rule{time: "event_time"}
	}
	return rule{}
}

// whole returns the SELECT of the rows that make the whole table of the dates up to a date, a SQL expression.
func (t table) whole(asOf string) string {
	columns, rule := t.columns(), t.rule()
	rows := t.history(columns, asOf)
	of := func(keys []string, owner table, ownerKeys []string) string {
		var on []string
		for i, k := range keys {
			on = append(on, fmt.Sprintf("r.%s IS NOT DISTINCT FROM o.%s", name(k), name(ownerKeys[i])))
		}
		var id []lake.Column
		for _, c := range owner.columns() {
			if slices.Contains(ownerKeys, c.Name) {
				id = append(id, c)
			}
		}
		return fmt.Sprintf("SELECT %s FROM (%s) AS r INNER JOIN (SELECT max(dt) AS dt, %s FROM (%s) AS t GROUP BY %[3]s) AS o ON r.dt = o.dt AND %[5]s",
			listOf("r", columns), rows, list(id), owner.history(id, asOf), strings.Join(on, " AND "))
	}
	between := func(column, since, until string) string {
		return fmt.Sprintf("SELECT %s FROM (%s) AS r INNER JOIN lake.owners(%s(), %s) AS o ON r.dt = o.dt AND r.%s >= %s AND r.%[5]s < %[7]s",
			listOf("r", columns), rows, t.claims(), asOf, name(column), since, until)
	}
	switch {
	case rule.hour != "":
		return between(rule.hour, "o.since", "o.until")
	case rule.time != "":
		return between(rule.time, "CAST(o.since AS TIMESTAMP WITH TIME ZONE)", "CAST(o.until AS TIMESTAMP WITH TIME ZONE)")
	case rule.ownedBy != "":
		return of([]string{rule.owner}, *t.owner, []string{t.owner.rule().owner})
	case rule.owner != "":
		return of([]string{rule.owner}, t, []string{rule.owner})
	case len(t.newest().Key) > 0:
		return of(t.newest().Key, t, t.newest().Key)
	}
	return fmt.Sprintf("SELECT %s FROM (%s) AS r", listOf("r", columns), rows)
}

// history returns the SELECT of dt and columns of all dates up to a date.
func (t table) history(columns []lake.Column, asOf string) string {
	return "SELECT " + t.dated(columns, "lake.known(%s, %s, "+asOf+")")
}

// claims returns the name of the macro with what each date claims, see prelude.sql.
func (t table) claims() string { return "lake." + name("claims of "+t.Schema()+"."+t.Name()) }

// claimLines returns a line for each date: what it saw of the table wholly, and what it saw at least in part.
func (t table) claimLines(r rule) string {
	var lines []string
	for _, s := range t.snapshots {
		if s.Interval == nil {
			continue
		}
		from, to := s.Interval.From.UTC(), s.Interval.To.UTC()
		whole := [2]string{from.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano)}
		seen := whole
		if r.hour != "" {
			down := func(t time.Time) string { return t.Truncate(time.Hour).Format("2006-01-02 15") }
			up := func(t time.Time) string { return down(t.Add(time.Hour - time.Nanosecond)) }
			whole, seen = [2]string{up(from), down(to)}, [2]string{down(from), up(to)}
		}
		lines = append(lines, strings.Join([]string{s.Date.String(), whole[0], whole[1], seen[0], seen[1]}, "|"))
	}
	return strings.Join(lines, "\n")
}

// about tells in a few words which rows the rule chooses.
func (r rule) about() string {
	switch {
	case r.hour != "":
		return "every hour once, as the newest date tells that saw it wholly"
	case r.time != "":
		return "every instant once, as the newest date tells that saw it"
	case r.owner != "":
		return "every " + r.owner + " once, as the newest date tells that knew of it"
	}
	return "every key once, as the newest date tells that knew of it"
}
