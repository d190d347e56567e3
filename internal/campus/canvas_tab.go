package campus

import (
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

type tabJSON struct {
	ID         string `json:"id"`
	HTMLURL    string `json:"html_url"`
	FullURL    string `json:"full_url"`
	Position   int    `json:"position"`
	Hidden     bool   `json:"hidden,omitempty"`
	Unused     bool   `json:"unused,omitempty"`
	Visibility string `json:"visibility"`
	Label      string `json:"label"`
	Type       string `json:"type"`
	URL        string `json:"url,omitempty"` // of external tabs: where to ask for a launch
}

// tabs answers with the whole navigation at once, without a Link header.
func (c *Campus) tabs(q *call) *reply {
	i, found := q.findCourse()
	if !found {
		return notFound()
	}
	id := q.day.Course(i).ID
	list := []tabJSON{}
	for k, t := range q.day.Tabs(i) {
		list = append(list, q.tabJSON(id, k+1, t))
	}
	return ok(list)
}

func (q *call) tabJSON(course int64, position int, t university.Tab) tabJSON {
	row := tabJSON{
		ID: t.ID, HTMLURL: fmt.Sprintf("/courses/%d/%s", course, t.ID), Position: position, Hidden: t.Hidden, Unused: t.Unused,
		Visibility: t.Visibility, Label: t.Label, Type: "internal",
	}
	if t.ID == "home" {
		row.HTMLURL = fmt.Sprintf("/courses/%d", course)
	}
	if t.Tool != nil {
		row.Type, row.HTMLURL = "external", fmt.Sprintf("/courses/%d/external_tools/%d", course, t.Tool.ID)
		row.URL = fmt.Sprintf("%s/api/v1/courses/%d/external_tools/sessionless_launch?id=%d&launch_type=course_navigation", q.base, course, t.Tool.ID)
	}
	row.FullURL = q.base + row.HTMLURL
	return row
}
