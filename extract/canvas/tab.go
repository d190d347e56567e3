package canvas

import (
	"context"
	"iter"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Tab is a row of raw/canvas/tab: an entry in the navigation of a published course of the configured
// terms, or of a course that is configured by its id.
type Tab struct {
	CourseID   int64     `parquet:"course_id" doc:"the course"`
	CourseName string    `parquet:"course_name,dict" doc:"the course's own name, never the nickname that the token's user gave it"`
	AccountID  int64     `parquet:"account_id" doc:"the account that the course belongs to"`
	TabID      string    `parquet:"tab_id,dict" doc:"name of one of Canvas' pages, or context_external_tool_ and the tool's id"`
	Label      string    `parquet:"label,dict" doc:"what the course calls it"`
	Type       string    `parquet:"type,dict" doc:"internal or external"`
	Visibility *string   `parquet:"visibility,optional,dict" doc:"public, members, admins or none"`
	Position   *int64    `parquet:"position,optional" doc:"place in the navigation, from 1"`
	Hidden     *bool     `parquet:"hidden,optional" doc:"true if students do not see it, else NULL"`
	Unused     *bool     `parquet:"unused,optional" doc:"true if there is nothing behind it, else NULL"`
	HTMLURL    *string   `parquet:"html_url,optional" doc:"path for a browser"`
	LaunchURL  *string   `parquet:"launch_url,optional" doc:"where to ask Canvas for a launch of an external tool"`
	FetchedAt  time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas"`
}

type apiTab struct {
	ID         *string `json:"id"`
	Label      *string `json:"label"`
	Type       *string `json:"type"`
	Visibility *string `json:"visibility"`
	Position   *int64  `json:"position"`
	Hidden     *bool   `json:"hidden"`
	Unused     *bool   `json:"unused"`
	HTMLURL    *string `json:"html_url"`
	URL        *string `json:"url"`
}

// tabs yields the navigation of every course that is looked at.
func (c *client) tabs(ctx context.Context, earlier extract.Earlier[Tab]) iter.Seq2[Tab, error] {
	return func(yield func(Tab, error) bool) {
		courses, err := c.navigated(ctx)
		if err != nil {
			yield(Tab{}, err)
			return
		}
		count := tally.Of(ctx)
		count.Expect(len(courses))
		count.Plan(len(courses))
		count.Count(int64(len(courses)), 0)
		for tab, err := range fanout.Each(ctx, c.workers, courses, func(ctx context.Context, course navigated) ([]Tab, error) {
			defer count.Done(1)
			rows, err := c.tabsOf(ctx, course)
			return answered(ctx, c, "tab", course.id, rows, err)
		}) {
			if !yield(tab, err) || err != nil {
				return
			}
		}
		settle(ctx, c, "tab", earlier, func(t Tab) int64 { return t.CourseID }, yield)
	}
}

// tabsOf reads a course's navigation, which Canvas does not page.
func (c *client) tabsOf(ctx context.Context, course navigated) ([]Tab, error) {
	list, err := rest.Ask(ctx, c.direct, rest.Request{Path: restPath + "courses/" + id(course.id) + "/tabs", Objects: rest.Here}, checkTabs)
	if err != nil {
		return nil, err
	}
	at := fetched(list.At)
	rows := make([]Tab, len(list.Value))
	for i, t := range list.Value {
		rows[i] = Tab{
			CourseID: course.id, CourseName: course.name, AccountID: course.account, TabID: *t.ID, Label: *t.Label, Type: *t.Type,
			Visibility: t.Visibility, Position: t.Position, Hidden: t.Hidden, Unused: t.Unused, HTMLURL: t.HTMLURL, LaunchURL: t.URL, FetchedAt: at,
		}
	}
	return rows, nil
}

func checkTabs(list *[]apiTab) error {
	for i, t := range *list {
		if t.ID == nil || t.Label == nil || t.Type == nil {
			return rest.Shapef("[%d]: id, label or type missing", i)
		}
	}
	return nil
}
