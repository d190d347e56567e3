package campus

import (
	"slices"
	"sort"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

type enrollmentJSON struct {
	ID               int64          `json:"id"`
	CourseID         int64          `json:"course_id"`
	CourseSectionID  *int64         `json:"course_section_id"`
	UserID           int64          `json:"user_id"`
	AssociatedUserID *int64         `json:"associated_user_id"`
	RootAccountID    int64          `json:"root_account_id"`
	Type             string         `json:"type"`
	Role             string         `json:"role"`
	EnrollmentState  string         `json:"enrollment_state"`
	LimitPrivileges  bool           `json:"limit_privileges_to_course_section"`
	CreatedAt        string         `json:"created_at"`
	UpdatedAt        string         `json:"updated_at"`
	StartAt          *string        `json:"start_at"`
	EndAt            *string        `json:"end_at"`
	SISSectionID     nullable       `json:"sis_section_id,omitempty"`
	User             enrollmentUser `json:"user"`
}

// enrollmentUser holds what must never reach the lake.
type enrollmentUser struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	SortableName string `json:"sortable_name"`
	ShortName    string `json:"short_name"`
	LoginID      string `json:"login_id"`
}

// enrollmentList pages by bookmark. Without state[] only active and invited enrollments
// are listed, as in Canvas.
func (c *Campus) enrollmentList(q *call) *reply {
	i, found := q.findCourse()
	switch {
	case !found:
		return notFound()
	case q.rights.NoRoster:
		return forbidden()
	}
	states := slices.Concat(q.query["state[]"], q.query["state"])
	if len(states) == 0 {
		states = []string{university.Active, university.Invited}
	}
	types := q.query["type[]"]
	rows := slices.DeleteFunc(q.day.EnrollmentsWithDeleted(i), func(e university.Enrollment) bool {
		return !slices.Contains(states, e.State) || len(types) > 0 && !slices.Contains(types, e.Type)
	})
	after := func(id int64) int { return sort.Search(len(rows), func(k int) bool { return rows[k].ID > id }) }
	page, links, valid := bookmarkReply(q, rows, after, func(e university.Enrollment) int64 { return e.ID })
	if !valid {
		return notFound()
	}
	list := []enrollmentJSON{}
	for _, e := range page {
		row := enrollmentJSON{
			ID: e.ID, CourseID: e.CourseID, UserID: e.UserID, RootAccountID: university.RootAccountID,
			Type: e.Type, Role: e.Type, EnrollmentState: e.State, CreatedAt: stamp(e.CreatedAt), UpdatedAt: stamp(e.CreatedAt),
			User: enrollmentUser{
				ID: e.UserID, Name: "Robin Campus", SortableName: "Campus, Robin", ShortName: "Robin", LoginID: "robin" + decimal(e.UserID),
			},
		}
		if e.Section.ID != 0 {
			row.CourseSectionID = &e.Section.ID
		}
		if !q.rights.NoSIS && e.Section.ID != 0 {
			row.SISSectionID = present(q.day.University().SectionSIS(i, e.Section))
		}
		list = append(list, row)
	}
	rep := ok(list)
	rep.header["link"] = []string{links}
	rep.weight += float64(len(list)) / 30
	return rep
}
