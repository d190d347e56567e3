package canvas

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Activity is a row of raw/canvas/course_activity: what was done on one day in a course
// that has students and is available. Days without page views have no row.
type Activity struct {
	CourseID       int64     `parquet:"course_id" doc:"the course"`
	Date           int32     `parquet:"date,date" doc:"day in UTC; the day of the extract is not over yet"`
	Views          int64     `parquet:"views" doc:"page views"`
	Participations int64     `parquet:"participations" doc:"page views that count as taking part"`
	FetchedAt      time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas, whose copy may be 12 hours older; days before the extract's for concluded courses whose rows were taken over"`
}

type apiActivity struct {
	Date           lenient.Value[string] `json:"date"`
	Views          lenient.Value[int64]  `json:"views"`
	Participations lenient.Value[int64]  `json:"participations"`
}

// lacks returns an error that names what is missing from a day for a row, nil if nothing is.
func (a *apiActivity) lacks() error {
	date := a.Date.Missing("date")
	if text := a.Date.Get(); text != nil {
		if _, err := time.Parse(time.DateOnly, *text); err != nil {
			date = fmt.Sprintf("date: %.20q is no date", *text)
		}
	}
	return lacking(date, a.Views.Missing("views"), a.Participations.Missing("participations"))
}

// activity yields the whole history of every available course with students. Those of courses that ended and have been quiet
// since are taken over from the earlier snapshot.
func (c *client) activity(ctx context.Context, earlier extract.Earlier[Activity]) iter.Seq2[Activity, error] {
	return func(yield func(Activity, error) bool) {
		quiet, err := c.quietCourses(ctx, earlier)
		if err != nil {
			yield(Activity{}, err)
			return
		}
		count := tally.Of(ctx)
		var asked, silent atomic.Int64
		for row, err := range fanout.Over(ctx, c.workers, quiet.others(ctx, c.listing), func(ctx context.Context, course *Course) ([]Activity, error) {
			asked.Add(1)
			count.Count(1, 0)
			defer count.Done(1)
			rows, err := c.activityOf(ctx, course.ID)
			if rest.NotFound(err) { // no student has taken part yet, so there is nothing to analyse
				silent.Add(1)
				count.Count(0, 1)
				return nil, nil
			}
			return answered(ctx, c, "course_activity", course.ID, rows, err)
		}) {
			if !yield(row, err) || err != nil {
				return
			}
		}
		if n := silent.Load(); n > 0 {
			noteSilent(count, n, asked.Load())
		}
		if quiet.carry(ctx, earlier, yield) {
			settle(ctx, c, "course_activity", earlier, func(a Activity) int64 { return a.CourseID }, yield)
		}
	}
}

// noteSilent says why Canvas has no analytics (404) for some courses: for a few because nobody has begun there, for all because of
// the account.
func noteSilent(count *tally.Table, silent, asked int64) {
	if silent < asked || asked < fewSilent {
		count.Note("Canvas has no analytics (404) for %d of %d courses: none of their students has accepted the enrollment.", silent, asked)
		return
	}
	detail := fmt.Sprintf("Canvas has no analytics (404) for any of %d courses: they are disabled for the account in Canvas, or the user of CANVAS.CANVAS_TOKEN lacks the right to see them", asked)
	count.Check(lake.Check{Name: "no_analytics", Warning: true, Detail: detail, Rows: asked})
	count.Note("%s.", detail)
}

// fewSilent is the number of courses from which on it is no chance that all of them are silent.
const fewSilent = 3

// activityOf reads a course's history, which Canvas does not page.
func (c *client) activityOf(ctx context.Context, course int64) ([]Activity, error) {
	request := rest.Request{Path: restPath + "courses/" + id(course) + "/analytics/activity", Objects: rest.Here}
	days, err := rest.Ask(ctx, c.direct, request, checkActivity)
	if err != nil {
		return nil, err
	}
	at := fetched(days.At)
	rows := make([]Activity, 0, len(days.Value))
	for i, one := range days.Value {
		d := orZero(one)
		if err := d.lacks(); err != nil {
			item := fmt.Sprintf("day number %d of course %d", i+1, course)
			if date := d.Date.Get(); date != nil {
				item = fmt.Sprintf("day %.20s of course %d", rest.Clean(*date, ""), course)
			}
			tally.Of(ctx).LeftOut(item, err.Error())
			continue
		}
		day, _ := time.Parse(time.DateOnly, *d.Date.Get()) // lacks has looked
		rows = append(rows, Activity{CourseID: course, Date: int32(day.Unix() / 86400), Views: *d.Views.Get(), Participations: *d.Participations.Get(), FetchedAt: at})
	}
	return rows, nil
}

func checkActivity(days *[]lenient.Value[apiActivity]) error {
	return someWhole(*days, (*apiActivity).lacks)
}
