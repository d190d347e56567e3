package bigquery

import (
	"fmt"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// TestUniversity counts a day's events by hour and course, with both tables, and must find
// what the truth says of a single run.
func TestUniversity(t *testing.T) {
	date := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	u, err := university.New(university.Params{Seed: 3, Courses: 40, Epoch: date.AddDate(0, 0, -8)})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := u.Truth(university.Want{Date: date, Jobs: []string{university.JobMiVideo}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, row := range tables[0].Rows {
		want[fmt.Sprint(row[0], " ", row[1])] = fmt.Sprint(row[2], " ", row[3])
	}
	day, err := u.On(date)
	if err != nil {
		t.Fatal(err)
	}
	var events []Event
	ids := map[string]bool{}
	for _, e := range EventsOn(day) { // SQL would have to see that some are stored twice
		if !ids[e.ID] {
			events = append(events, e)
		}
		ids[e.ID] = true
	}
	c, ctx := connect(t, func(o *Options) { o.Events, o.PageRows = func() []Event { return events }, 100 })
	for table, expr := range map[string][2]string{
		"events":   {"ed_app", "JSON_EXTRACT_SCALAR(event, '$.object.extensions.kaf:course_id')"},
		"expanded": {"ed_app.id", `JSON_VALUE(object.extensions, '$."kaf:course_id"')`},
	} {
		q := c.Query(fmt.Sprintf(`SELECT FORMAT_TIMESTAMP('%%F %%H', event_time), SAFE_CAST(%[2]s AS INT64), MAX(event_time), COUNT(*)
FROM event_store.%[3]s WHERE event_time < @to AND type = 'MediaEvent' AND action = 'Started' AND %[1]s IN UNNEST(@apps) AND REGEXP_CONTAINS(%[2]s, r'^[0-9]+$')
GROUP BY 1, 2`, expr[0], expr[1], table))
		q.Parameters = []bq.QueryParameter{{Name: "to", Value: date}, {Name: "apps", Value: []string{university.EdAppCanvas, university.EdAppDirect}}}
		it, err := q.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all, err := rows(it)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, r := range all {
			if r[1] != nil { // too many digits
				got[fmt.Sprint(r[0], " ", r[1])] = fmt.Sprint(r[2].(time.Time).Format(time.DateTime), " ", r[3])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) < 300 {
			t.Errorf("%s: %d groups (-truth +found): %s", table, len(want), diff)
		}
	}
}
