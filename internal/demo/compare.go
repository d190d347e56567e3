package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/verify"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
)

// history is the table that tells how old the data of each source is. It grows with every load.
const history = "data_source_status"

// truth returns what the tables of all jobs must hold after the newest night.
func truth(s state) ([]university.Table, error) {
	u, err := university.New(university.Params{Seed: uint64(s.Seed), Courses: s.Courses, Epoch: epoch(s)})
	if err != nil {
		return nil, err
	}
	return u.Truth(university.Want{Date: s.Date, Since: s.Since, Jobs: s.Jobs})
}

// compare reads every table in MySQL and holds it against the truth. It returns an error if one differs.
func (d *demo) compare(ctx context.Context, s state, inventory database) ([]verify.Verdict, error) {
	db, err := open(inventory)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tables, err := truth(s)
	if err != nil {
		return nil, err
	}
	var all []verify.Verdict
	var wrong []string
	for _, t := range tables {
		var v verify.Verdict
		if t.Name == history {
			v, err = freshness(ctx, db, s, t)
		} else {
			var rows bytes.Buffer
			if err := t.WriteJSON(&rows); err != nil {
				return nil, err
			}
			v, err = verify.Table(ctx, db, t.Name, &rows)
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, v); !v.Equal() {
			wrong = append(wrong, "\n  "+v.Table+": "+v.String())
		}
	}
	if wrong != nil {
		return all, fault.New(fault.Data, "This is a defect of the programs, unless bin/ is older than the sources or a later date was loaded by hand.",
			fmt.Errorf("MySQL differs from the truth of %s in%s", s.Date.Format(time.DateOnly), strings.Join(wrong, "")))
	}
	return all, nil
}

// freshness checks what MySQL says of the age of each source's data: the university knows the moment of the
// warehouse's; that of the others is the night's.
func freshness(ctx context.Context, db *sql.DB, s state, known university.Table) (verify.Verdict, error) {
	v := verify.Verdict{Table: history}
	want := map[string]string{}
	for _, j := range job.All() {
		for _, source := range j.Sources {
			if slices.Contains(s.Jobs, j.Name) {
				want[source.DataSource] = s.Date.Format(time.DateOnly)
			}
		}
	}
	for _, row := range known.Rows {
		want[fmt.Sprint(row[0])] = fmt.Sprint(row[1])
	}
	rows, err := db.QueryContext(ctx, "SELECT data_source_name, data_updated_at FROM data_source_status WHERE id IN (SELECT MAX(id) FROM data_source_status GROUP BY data_source_name)")
	if err != nil {
		return v, fmt.Errorf("table %s: %w", history, err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, at string
		if err := rows.Scan(&name, &at); err != nil {
			return v, fmt.Errorf("table %s: %w", history, err)
		}
		v.Rows++
		if expected, ok := want[name]; !ok || !strings.HasPrefix(at, expected) {
			v.Extra = append(v.Extra, name+" "+at)
			continue
		}
		delete(want, name)
	}
	for name, at := range want {
		v.Missing = append(v.Missing, name+" "+at)
	}
	slices.Sort(v.Missing)
	return v, rows.Err()
}

// summary says in a few words that the tables are as they should be.
func summary(verdicts []verify.Verdict) string {
	rows := 0
	for _, v := range verdicts {
		rows += v.Rows
	}
	return fmt.Sprintf("%d rows in %d tables equal the truth", rows, len(verdicts))
}

// verdicts prints how every table compares.
func (d *demo) verdicts(all []verify.Verdict) {
	t := table{head: []string{"table", "rows", ""}, right: []bool{false, true}}
	for _, v := range all {
		t.add(v.Table, fmt.Sprint(v.Rows), v.String())
	}
	t.print(d.out)
}
