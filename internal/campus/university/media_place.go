package university

import "strconv"

// place puts an entry into categories, and says what that means to reports. Some lie in no
// course, some where only the odd reader would look for a course.
func (u *University) place(m *Media, i, day, k int, changed bool) {
	course := u.courses[i].id
	name := func(id int64) string { return MediaRoot + ">site>channels>" + strconv.FormatInt(id, 10) }
	in := func(id int64) {
		m.Categories = append(m.Categories, name(id)+">InContext")
		m.Places = append(m.Places, MediaPlace{id, true})
	}
	about := func(id int64, below string) {
		m.Categories = append(m.Categories, name(id)+below)
		m.Places = append(m.Places, MediaPlace{id, false})
	}
	other := u.courses[u.pick(len(u.courses), topicMediaPlace, i, day, k+100)].id
	switch u.pick(24, topicMediaPlace, i, day, k) {
	default:
		in(course)
		about(course, "")
	case 0, 1, 2:
		in(course)
	case 3, 4:
		about(course, "")
	case 5:
		in(course)
		if changed && other != course { // shown in a second course later
			in(other)
			about(other, "")
		}
	case 6:
		if changed && other != course { // moved to another course later
			in(other)
		} else {
			in(course)
		}
	case 7:
		about(course, ">Week 1")
		m.Categories = append(m.Categories, MediaRoot+">site>galleries>"+strconv.FormatInt(course, 10))
	case 8: // a comma, where commas stand between categories
		about(course, ">Intro, part 1")
	case 9:
		m.Categories = []string{
			MediaRoot, MediaRoot + ">site>channels>sandbox", MediaRoot + ">site>channels>", MediaRoot + ">site>channels>12a>InContext",
			MediaRoot + ">site>channels>99999999999999999999", MediaRoot + ">site>InContext",
		}
	case 10: // a second application's courses count for nothing
		in(course)
		m.Categories = append(m.Categories, "Moodle_UMich>site>channels>"+strconv.FormatInt(course, 10))
	case 11:
		m.Hidden = []string{name(course) + ">InContext"}
	case 12:
		m.Categories = []string{"Moodle_UMich>site>channels>" + strconv.FormatInt(course, 10)}
		m.Foreign = true
	case 13: // begins like the root, but is another
		m.Categories = []string{MediaRoot + "_Test>site>channels>" + strconv.FormatInt(course, 10)}
		m.Foreign = true
	case 14:
		m.Foreign = true
	case 15: // a course that Canvas does not know
		in(9_000_001)
	case 16: // the same place twice
		about(course, "")
		m.Categories = append(m.Categories, name(course)+">Week 2")
	}
}
