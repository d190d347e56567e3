package university

// Role says what is special about a course. Most courses are [Plain].
type Role uint8

// The roles, in the order in which a small university hands them out.
const (
	Plain         Role = iota
	Large              // more than 500 enrollments
	Medium             // 130 to 300 enrollments
	Publishes          // unpublished every third day, published again the day after
	Concludes          // every third day all student enrollments are completed, then active again
	Renames            // gets another name every second day
	Republishes        // unpublished and published again every third day, between two nights
	AddsSections       // a new section every fifth day
	ExactPage          // exactly 100 enrollments, none of which ever changes
	OddName            // 4-byte characters, tab, newline, quotes and backslash in its name
	LongName           // a name of 255 characters
	Nickname           // the token's user gave the course a nickname
	OddStates          // one enrollment of every type and state
	TeachersOnly       // nobody but teachers
	NoEnrollments      // nobody at all
	Unpublished        // never published, but has students
	Completed          // completed, with students who are still active
	Finished           // completed, and so are its enrollments
	Deleted            // deleted: no list ever shows it
	OtherTerm          // belongs to a term that is not asked for
	UndatedTerm        // belongs to the term without dates
	NullSIS            // has no SIS id
	SharedSection      // shares a section with the first course
	AuditEmpty         // so old that its audit log has expired
	AuditDeep          // more than 100 audit events after its publication
	InvitedOnly        // all students are still invited: no analytics
	Silent             // analytics exist but are an empty list
	OnRoot             // belongs to the root account itself
	CrossShard         // lives on another shard: its ids exceed 2^53
)

// cast lists the special courses that every university has, most wanted first.
// The number is the phase of the roles that follow a rhythm.
var cast = []struct {
	role  Role
	phase int
}{
	{OddName, 0}, {UndatedTerm, 0}, {Publishes, 0}, {Concludes, 0}, {Renames, 0}, {OddStates, 0}, {TeachersOnly, 0},
	{Medium, 0}, {Unpublished, 0}, {OtherTerm, 0}, {Publishes, 1}, {Concludes, 1}, {Renames, 1}, {AuditDeep, 0},
	{Publishes, 2}, {Concludes, 2}, {Republishes, 0}, {NullSIS, 0}, {Nickname, 0}, {Large, 0}, {AddsSections, 0},
	{ExactPage, 0}, {LongName, 0}, {NoEnrollments, 0}, {Completed, 0}, {Finished, 0}, {Deleted, 0},
	{SharedSection, 0}, {AuditEmpty, 0}, {InvitedOnly, 0}, {Silent, 0}, {OnRoot, 0}, {Republishes, 1}, {UndatedTerm, 0},
	{Republishes, 2}, {Renames, 0}, {OtherTerm, 0},
}

// assign gives every course its role and phase: the cast is spread evenly, the last two
// courses live on another shard, and in a large university some of the rest
// draw a role too.
func (u *University) assign() {
	n := len(u.courses)
	for i := range u.courses {
		u.courses[i].role = u.draw(i)
		u.courses[i].phase = uint8(u.pick(30, topicRole, i, 1, 0))
	}
	local := n
	if n >= 8 {
		local = n - 2
		u.courses[n-1].role, u.courses[n-2].role = CrossShard, CrossShard
	}
	// The first course stays plain: others share its section.
	for j, c := range cast {
		at := 1 + j
		if local-1 > len(cast) {
			at = 1 + j*(local-1)/len(cast)
		}
		if at >= local {
			break
		}
		u.courses[at].role, u.courses[at].phase = c.role, uint8(c.phase)
	}
	if n > 0 {
		u.courses[0].role = Plain
	}
}

// draw gives one course in sixteen a role that may occur many times.
func (u *University) draw(i int) Role {
	common := []Role{
		Publishes, Concludes, Renames, Republishes, AddsSections, Nickname, TeachersOnly, NoEnrollments, Unpublished,
		Completed, Finished, Deleted, UndatedTerm, NullSIS, AuditEmpty, Silent,
	}
	if u.chance(60, topicRole, i, 0, 0) {
		return common[u.pick(len(common), topicRole, i, 2, 0)]
	}
	return Plain
}
