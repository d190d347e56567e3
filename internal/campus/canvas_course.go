package campus

import (
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

type courseJSON struct {
	ID               int64             `json:"id"`
	Name             string            `json:"name"`
	OriginalName     *string           `json:"original_name,omitempty"`
	AccountID        int64             `json:"account_id"`
	UUID             string            `json:"uuid"`
	StartAt          *string           `json:"start_at"`
	EndAt            *string           `json:"end_at"`
	GradingStandard  *int64            `json:"grading_standard_id"`
	IsPublic         *bool             `json:"is_public"`
	CreatedAt        string            `json:"created_at"`
	CourseCode       string            `json:"course_code"`
	DefaultView      string            `json:"default_view"`
	RootAccountID    int64             `json:"root_account_id"`
	EnrollmentTermID int64             `json:"enrollment_term_id"`
	License          string            `json:"license"`
	TotalStudents    *int              `json:"total_students,omitempty"`
	PublicSyllabus   bool              `json:"public_syllabus"`
	StorageQuotaMB   int               `json:"storage_quota_mb"`
	TimeZone         string            `json:"time_zone"`
	Blueprint        bool              `json:"blueprint"`
	Calendar         map[string]string `json:"calendar"`
	HideFinalGrades  bool              `json:"hide_final_grades"`
	ApplyWeights     bool              `json:"apply_assignment_group_weights"`
	RestrictToDates  bool              `json:"restrict_enrollments_to_course_dates"`
	SISCourseID      nullable          `json:"sis_course_id,omitempty"`
	SISImportID      nullable          `json:"sis_import_id,omitempty"`
	IntegrationID    nullable          `json:"integration_id,omitempty"`
	WorkflowState    string            `json:"workflow_state"`
}

func (q *call) courseJSON(i int) courseJSON {
	c := q.day.Course(i)
	out := courseJSON{
		ID: c.ID, Name: c.Name, AccountID: c.AccountID, UUID: uuidOf(c.ID), StartAt: stampOrNull(c.StartAt), CreatedAt: stamp(c.CreatedAt),
		CourseCode: c.Code, DefaultView: "modules", RootAccountID: university.RootAccountID, EnrollmentTermID: c.TermID,
		License: "private", StorageQuotaMB: 500, TimeZone: "America/Detroit", WorkflowState: c.State,
		Calendar: map[string]string{"ics": q.base + "/feeds/calendars/course_" + uuidOf(c.ID) + ".ics"},
	}
	if c.Nickname != "" {
		name := c.Name
		out.Name, out.OriginalName = c.Nickname, &name
	}
	if c.Index%7 != 3 {
		out.IsPublic = &c.IsPublic
	}
	if q.includes("total_students") {
		n := q.day.TotalStudents(i)
		out.TotalStudents = &n
	}
	if !q.rights.NoSIS {
		out.SISCourseID, out.SISImportID, out.IntegrationID = present(c.SISID), present(""), present("")
	}
	return out
}

// includes says whether the query asks for an extra, with or without brackets.
func (q *call) includes(extra string) bool {
	return slices.Contains(q.query["include[]"], extra) || q.query.Get("include") == extra
}

// findCourse returns the course in the path, unless it is deleted.
func (q *call) findCourse() (int, bool) {
	i, found := q.day.University().Find(q.id("course"))
	return i, found && q.day.State(i) != university.StateDeleted
}

func (c *Campus) course(q *call) *reply {
	i, found := q.findCourse()
	if !found {
		return notFound()
	}
	return ok(q.courseJSON(i))
}

// courseList filters as Canvas does; enrollment_type counts only in its bracket form.
func (c *Campus) courseList(q *call) *reply {
	a, found := q.findAccount()
	if !found {
		return notFound()
	}
	term := int64(0)
	if wanted := q.query.Get("enrollment_term_id"); wanted != "" {
		for _, t := range q.day.University().Terms() {
			if wanted == decimal(t.ID) {
				term = t.ID
			}
		}
		if term == 0 {
			return notFound()
		}
	}
	var types []string
	for _, t := range q.query["enrollment_type[]"] {
		if t != "" {
			types = append(types, strings.ToUpper(t[:1])+strings.ToLower(t[1:])+"Enrollment")
		}
	}
	enrolled, published, completed := q.flag("with_enrollments"), q.flag("published"), q.flag("completed")
	u := q.day.University()
	within := accountsWithin(u, a)
	var matching []int
	for i := range u.Courses() {
		state := q.day.State(i)
		switch {
		case state == university.StateDeleted:
		case enrolled.given && enrolled.value != q.day.HasEnrollments(i):
		case published.given && published.value != (state == university.StateAvailable):
		case completed.given && completed.value != (state == university.StateCompleted):
		case len(types) > 0 && !q.day.HasEnrollments(i, types...):
		case term != 0 && u.TermOf(i) != term:
		case within != nil && !within[u.AccountOf(i)]:
		default:
			matching = append(matching, i)
		}
	}
	total := -1
	if q.includes("ui_invoked") { // only for Canvas' own pages is the list counted
		total = len(matching)
	}
	rep := ordinalReplyOf(q, matching, total, q.courseJSON)
	rep.weight += float64(perPage(q.query)) / 20
	return rep
}

// accountsWithin returns the ids of an account and all below it; nil means every account.
func accountsWithin(u *university.University, top university.Account) map[int64]bool {
	if top.ParentID == 0 {
		return nil
	}
	within := map[int64]bool{top.ID: true}
	for _, a := range u.Accounts() {
		if within[a.ParentID] {
			within[a.ID] = true
		}
	}
	return within
}

// flag is a boolean parameter that may be missing.
type flag struct{ given, value bool }

func (q *call) flag(name string) flag {
	return flag{q.query.Has(name), truthy(q.query.Get(name))}
}

// truthy reads a boolean as Canvas does.
func truthy(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "y", "true", "t", "on", "1":
		return true
	}
	digits := strings.TrimLeft(s, "0")
	return digits != "" && digits[0] >= '1' && digits[0] <= '9'
}

// stamp writes a time as Canvas does: UTC, without a fraction.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func stampOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := stamp(*t)
	return &s
}

type sectionJSON struct {
	ID           int64    `json:"id"`
	Name         string   `json:"name"`
	CourseID     int64    `json:"course_id"`
	StartAt      *string  `json:"start_at"`
	EndAt        *string  `json:"end_at"`
	CreatedAt    string   `json:"created_at"`
	NonXListID   *int64   `json:"nonxlist_course_id"`
	SISSectionID nullable `json:"sis_section_id,omitempty"`
}

func (c *Campus) sectionList(q *call) *reply {
	i, found := q.findCourse()
	if !found {
		return notFound()
	}
	list := []sectionJSON{}
	course := q.day.Course(i)
	for _, s := range q.day.Sections(i) {
		row := sectionJSON{ID: s.ID, Name: s.Name, CourseID: course.ID, CreatedAt: stamp(course.CreatedAt)}
		if !q.rights.NoSIS {
			row.SISSectionID = present(q.day.University().SectionSIS(i, s))
		}
		list = append(list, row)
	}
	return ordinalReply(q, list, len(list))
}
