package university

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func make1(t testing.TB, seed uint64, courses int) *University {
	t.Helper()
	u, err := New(Params{Seed: seed, Courses: courses, Epoch: EpochOf(monday)})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func day(t testing.TB, u *University, date time.Time) *Day {
	t.Helper()
	d, err := u.On(date)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tables(t testing.TB, u *University, w Want) map[string]string {
	t.Helper()
	all, err := u.Truth(w)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range all {
		var b bytes.Buffer
		if err := table.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		out[table.Name] = b.String()
	}
	return out
}

func TestSameParametersSameUniversity(t *testing.T) {
	a := tables(t, make1(t, 7, 60), Want{Date: monday})
	b := tables(t, make1(t, 7, 60), Want{Date: monday})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	c := tables(t, make1(t, 8, 60), Want{Date: monday})
	for _, name := range []string{"course", "enrollment", "canvas_course_usage"} {
		if a[name] == c[name] {
			t.Errorf("%s: another seed makes the same table", name)
		}
	}
	for _, name := range TableNames() {
		if a[name] == "" {
			t.Errorf("%s: no rows", name)
		}
	}
}

func TestSizes(t *testing.T) {
	u := make1(t, 1, 2000)
	d := day(t, u, monday)
	var sum, small, pages, huge int
	for i := range u.Courses() {
		n := len(d.Enrollments(i))
		sum += n
		switch {
		case n >= 5 && n <= 40:
			small++
		case n > 500:
			huge++
		case n > 100:
			pages++
		}
	}
	if mean := sum / u.Courses(); mean < 26 || mean > 34 {
		t.Errorf("mean of %d enrollments per course, want about 30", mean)
	}
	if small < u.Courses()*7/10 || pages < 40 || huge < 1 {
		t.Errorf("%d small courses, %d of several pages, %d huge", small, pages, huge)
	}
}

func TestIDsAreUnique(t *testing.T) {
	u := make1(t, 3, 300)
	owners := map[int64]int64{}
	for n := range 120 { // every occupant of a seat keeps his id to himself
		d := &Day{u: u, n: n} // without the summary of all courses
		for _, i := range []int{0, 1, 150, 298, 299} {
			for _, e := range d.EnrollmentsWithDeleted(i) {
				if user, seen := owners[e.ID]; seen && user != e.UserID {
					t.Fatalf("enrollment %d belongs to users %d and %d", e.ID, user, e.UserID)
				}
				owners[e.ID] = e.UserID
				if e.CreatedAt.After(d.Date()) {
					t.Fatalf("enrollment %d: created %v, seen on %v", e.ID, e.CreatedAt, d.Date())
				}
			}
		}
	}
	d := day(t, u, monday)
	seen := map[int64]bool{}
	last := int64(0)
	for i := range u.Courses() {
		if id := d.Course(i).ID; id <= last {
			t.Fatalf("course %d: id %d is not above %d", i, id, last)
		} else {
			last = id
		}
		ids := d.Enrollments(i)
		if !slices.IsSortedFunc(ids, func(a, b Enrollment) int { return int(a.ID - b.ID) }) {
			t.Fatalf("enrollments of course %d are not sorted", i)
		}
		for _, e := range ids {
			if seen[e.ID] {
				t.Fatalf("enrollment %d occurs twice", e.ID)
			}
			seen[e.ID] = true
		}
	}
}

// The odd but legal things must be there in the smallest university that tests use.
func TestOddities(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { oddities(t, make1(t, seed, 50)) })
	}
}

func oddities(t *testing.T, u *University) {
	d := day(t, u, monday)
	kept := map[int]bool{}
	for _, i := range d.kept(u.DefaultTermIDs()) {
		kept[i] = true
	}
	has := func(role Role, want func(i int, c Course, rows []Enrollment) bool) {
		t.Helper()
		found := false
		for i := range u.Courses() {
			if u.courses[i].role == role {
				found = true
				if !want(i, d.Course(i), d.Enrollments(i)) {
					t.Errorf("role %d, course %d: not as its role wants it", role, i)
				}
			}
		}
		if !found {
			t.Errorf("role %d: nobody has it", role)
		}
	}
	has(CrossShard, func(i int, c Course, rows []Enrollment) bool {
		return c.ID > 1<<53 && kept[i] && rows[0].ID > 1<<53 && rows[0].UserID > 1<<53 && rows[0].Section.ID > 1<<53
	})
	has(OddName, func(i int, c Course, _ []Enrollment) bool {
		return kept[i] && strings.ContainsAny(c.Name, "\t") && strings.Contains(c.Name, "\n") && strings.Contains(c.Name, `\`) &&
			strings.Contains(c.Name, `"`) && strings.Contains(c.Name, "🎓")
	})
	has(LongName, func(i int, c Course, _ []Enrollment) bool { return kept[i] && utf8.RuneCountInString(c.Name) == 255 })
	has(Nickname, func(i int, c Course, _ []Enrollment) bool { return kept[i] && c.Nickname != "" && c.Nickname != c.Name })
	has(NullSIS, func(i int, c Course, _ []Enrollment) bool { return kept[i] && c.SISID == "" })
	has(TeachersOnly, func(i int, _ Course, rows []Enrollment) bool { return !kept[i] && len(rows) == 2 })
	has(NoEnrollments, func(i int, _ Course, rows []Enrollment) bool { return !kept[i] && len(rows) == 0 })
	has(Unpublished, func(i int, c Course, _ []Enrollment) bool { return kept[i] && c.State == StateUnpublished })
	has(Completed, func(i int, c Course, _ []Enrollment) bool { return kept[i] && c.State == StateCompleted })
	has(Finished, func(i int, c Course, rows []Enrollment) bool {
		return !kept[i] && c.State == StateCompleted && len(rows) > 0
	})
	has(Deleted, func(i int, c Course, _ []Enrollment) bool { return !kept[i] && c.State == StateDeleted })
	has(OtherTerm, func(i int, _ Course, _ []Enrollment) bool { return !kept[i] && d.TotalStudents(i) > 0 })
	has(UndatedTerm, func(i int, c Course, _ []Enrollment) bool { return kept[i] && c.TermID == undatedTermID })
	has(OnRoot, func(i int, c Course, _ []Enrollment) bool { return kept[i] && c.AccountID == RootAccountID })
	has(ExactPage, func(i int, _ Course, rows []Enrollment) bool { return kept[i] && len(rows) == 100 })
	has(Large, func(i int, _ Course, rows []Enrollment) bool { return kept[i] && len(rows) > 480 })
	has(SharedSection, func(i int, _ Course, rows []Enrollment) bool {
		return kept[i] && slices.ContainsFunc(rows, func(e Enrollment) bool { return e.Section.ID == 3_000_000 })
	})
	has(OddStates, func(i int, _ Course, rows []Enrollment) bool {
		seen := map[string]bool{}
		for _, e := range rows {
			seen[e.State], seen[e.Type] = true, true
		}
		return kept[i] && len(seen) == 6+6 && !seen[Gone]
	})
	has(InvitedOnly, func(i int, c Course, _ []Enrollment) bool {
		_, analytics := d.Activity(i)
		return kept[i] && c.State == StateAvailable && !analytics
	})
	has(Silent, func(i int, _ Course, _ []Enrollment) bool {
		days, analytics := d.Activity(i)
		return kept[i] && analytics && len(days) == 0
	})
	has(AuditEmpty, func(i int, c Course, _ []Enrollment) bool {
		return kept[i] && c.State == StateAvailable && len(d.Audit(i)) == 0
	})
	has(AuditDeep, func(i int, _ Course, _ []Enrollment) bool {
		place := slices.IndexFunc(d.Audit(i), func(e AuditEvent) bool { return e.Type == "published" })
		return kept[i] && place >= 100
	})
	listed := map[int64]bool{}
	for i := range u.Courses() {
		for _, s := range d.Sections(i) {
			if listed[s.ID] {
				t.Errorf("section %d is listed twice", s.ID)
			}
			listed[s.ID] = true
		}
	}
	for _, e := range rows(d) {
		if !listed[e.Section.ID] {
			t.Errorf("section %d of enrollment %d is in no list", e.Section.ID, e.ID)
		}
	}
	names := map[string]int{}
	for _, a := range u.Accounts() {
		names[a.Name]++
	}
	if names["Department of Statistics"] != 2 {
		t.Errorf("accounts of the same name: %v", names)
	}
}

func TestAuditIsNewestFirstAndPast(t *testing.T) {
	u := make1(t, 2, 80)
	d := day(t, u, monday)
	for i := range u.Courses() {
		log := d.Audit(i)
		for k, e := range log {
			if k > 0 && e.At.After(log[k-1].At) || e.At.After(d.Date()) {
				t.Fatalf("course %d: event %d out of order or in the future: %v", i, k, e)
			}
		}
		// The newest of published and claimed agrees with the state.
		for _, e := range log {
			if e.Type == "claimed" && d.State(i) == StateAvailable || e.Type == "published" && d.State(i) == StateUnpublished {
				t.Errorf("course %d is %s after %s", i, d.State(i), e.Type)
			}
			if e.Type == "claimed" || e.Type == "published" {
				break
			}
		}
	}
}

func TestWarehouse(t *testing.T) {
	u := make1(t, 1, 100)
	d := day(t, u, monday)
	rows := map[int64][]WarehouseSection{}
	for w := range d.Warehouse() {
		rows[w.CanvasID] = append(rows[w.CanvasID], w)
	}
	var twins, otherSIS, noSIS, unknown int
	for i := range u.Courses() {
		for _, s := range d.Sections(i) {
			known := rows[s.ID]
			best := u.SectionSIS(i, s)
			switch {
			case len(known) == 0:
				unknown++
			case len(known) > 1:
				twins++
			}
			for _, w := range known {
				if w.ID < shard {
					t.Errorf("section %d: warehouse id %d has no shard", s.ID, w.ID)
				}
				if w.SISSourceID == "" {
					noSIS++
				} else if w.SISSourceID < best {
					t.Errorf("section %d: %s is smaller than %s", s.ID, w.SISSourceID, best)
				} else if w.SISSourceID != best {
					otherSIS++
				}
			}
		}
	}
	if twins == 0 || otherSIS == 0 || noSIS == 0 || unknown == 0 {
		t.Errorf("%d twins, %d other SIS ids, %d null, %d unknown sections: want some of each", twins, otherSIS, noSIS, unknown)
	}
	var whole, parts int
	for n := range 30 {
		at := day(t, u, u.at(n)).DataDate()
		if at.Hour() >= 6 || !midnight(at).Equal(u.at(n)) {
			t.Errorf("data date %v is not the morning of %v", at, u.at(n))
		}
		if at.Nanosecond() == 0 {
			whole++
		} else {
			parts++
		}
	}
	if whole == 0 || parts == 0 {
		t.Errorf("%d data dates on a whole second, %d not: want some of each", whole, parts)
	}
}
