package canvas

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
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
	// Without these there is no row.
	ID    lenient.Value[string] `json:"id"`
	Label lenient.Value[string] `json:"label"`
	Type  lenient.Value[string] `json:"type"`

	// These may be NULL.
	Visibility lenient.Value[string] `json:"visibility"`
	Position   lenient.Value[int64]  `json:"position"`
	Hidden     lenient.Value[bool]   `json:"hidden"`
	Unused     lenient.Value[bool]   `json:"unused"`
	HTMLURL    lenient.Value[string] `json:"html_url"`
	URL        lenient.Value[string] `json:"url"`
}

// lacks returns an error that names what is missing from a tab for a row, nil if nothing is.
func (t *apiTab) lacks() error {
	return lacking(t.ID.Missing("id"), t.Label.Missing("label"), t.Type.Missing("type"))
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
	rows, count := make([]Tab, 0, len(list.Value)), tally.Of(ctx)
	for i, one := range list.Value {
		t := orZero(one)
		item := fmt.Sprintf("tab number %d of course %d", i+1, course.id)
		if name := t.ID.Get(); name != nil {
			item = fmt.Sprintf("tab %s of course %d", rest.Clean(*name, ""), course.id)
		}
		if err := t.lacks(); err != nil {
			count.LeftOut(item, err.Error())
			continue
		}
		rows = append(rows, Tab{
			CourseID: course.id, CourseName: course.name, AccountID: course.account, TabID: *t.ID.Get(), Label: *t.Label.Get(), Type: *t.Type.Get(),
			Visibility: t.Visibility.Or(count, "visibility", item), Position: t.Position.Or(count, "position", item), Hidden: t.Hidden.Or(count, "hidden", item),
			Unused: t.Unused.Or(count, "unused", item), HTMLURL: t.HTMLURL.Or(count, "html_url", item), LaunchURL: t.URL.Or(count, "url", item), FetchedAt: at,
		})
	}
	return rows, nil
}

func checkTabs(list *[]lenient.Value[apiTab]) error { return someWhole(*list, (*apiTab).lacks) }

// someWhole returns an error if every item of a list lacks something: then its form is another one.
func someWhole[T any](list []lenient.Value[T], lacks func(*T) error) error {
	var first error
	for _, one := range list {
		item := orZero(one)
		err := lacks(&item)
		if err == nil {
			return nil
		}
		first = cmp.Or(first, err)
	}
	return first
}

// orZero returns an item, an empty one for what is no object.
func orZero[T any](item lenient.Value[T]) (zero T) {
	if one := item.Get(); one != nil {
		return *one
	}
	return zero
}
