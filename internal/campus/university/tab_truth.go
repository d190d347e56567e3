package university

import (
	"cmp"
	"slices"
	"strings"
)

// placement is a course that shows a tool.
type placement struct {
	course int
	tool   Tool
	label  string
	id     int64 // among those of all tools
}

// placements returns where tools are shown, by course and tool, in published courses of the terms and in added ones.
func (d *Day) placements(terms, added []int64) []placement {
	var all []placement
	for i := range d.summary {
		state := d.summary[i].state
		listed := state == StateAvailable && slices.Contains(terms, d.u.TermOf(i))
		if !listed && (state == StateDeleted || !slices.Contains(added, d.u.courses[i].id)) {
			continue
		}
		for _, t := range d.externalTabs(i) {
			if !t.Hidden && strings.HasPrefix(t.ID, "context_external_tool_") {
				all = append(all, placement{course: i, tool: *t.Tool, label: t.Label})
			}
		}
	}
	slices.SortFunc(all, func(a, b placement) int {
		return cmp.Or(cmp.Compare(d.u.courses[a.course].id, d.u.courses[b.course].id), cmp.Compare(a.tool.ID, b.tool.ID))
	})
	for k := range all {
		all[k].id = int64(k + 1)
	}
	return all
}

// DefaultLTITypes are the tools that reports speak of if nobody has added others: Zoom and BlueJeans.
func DefaultLTITypes() []int64 { return []int64{toolZoom.ID, toolBlueJeans.ID} }

// DefaultCourseIDs returns the courses that are looked at for their tools though their term is not asked for: one, if
// there is any, with Zoom if possible.
func (u *University) DefaultCourseIDs() []int64 {
	var ids []int64
	for i := range u.courses {
		switch {
		case u.courses[i].role != OtherTerm:
		case u.zoomKind(i) == zoomPlain:
			return []int64{u.courses[i].id}
		case ids == nil:
			ids = []int64{u.courses[i].id}
		}
	}
	return ids
}

// placementTruth returns the tables lti_placement and lti_zoom_meeting. Their ids number the rows of all
// tools; the rows are those of the tools that reports speak of.
func (d *Day) placementTruth(w Want, terms []int64) []Table {
	types := w.ToolIDs
	if len(types) == 0 {
		types = DefaultLTITypes()
	}
	added := w.CourseIDs
	if added == nil {
		added = d.u.DefaultCourseIDs()
	}
	shown := Table{Name: "lti_placement", Columns: []string{"id", "course_id", "account_id", "course_name", "placement_type_id"}}
	met := Table{Name: "lti_zoom_meeting", Columns: []string{"id", "lti_placement_id", "meeting_id", "host_id", "start_time", "status"}}
	meetings := int64(0)
	for _, p := range d.placements(terms, added) {
		wanted := slices.Contains(types, p.tool.ID)
		if c := d.Course(p.course); wanted {
			shown.Rows = append(shown.Rows, []any{p.id, c.ID, c.AccountID, c.Name, p.tool.ID})
		}
		if !strings.EqualFold(p.label, "zoom") || !d.u.zoomWorks(p.course, p.tool) {
			continue
		}
		list := d.Meetings(p.course)
		slices.SortFunc(list, func(a, b Meeting) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID)) })
		for _, m := range list {
			meetings++
			if wanted {
				met.Rows = append(met.Rows, []any{meetings, p.id, m.ID, m.HostID, moment(&m.Start), int64(m.Status)})
			}
		}
	}
	return []Table{shown, met}
}
