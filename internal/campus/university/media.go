package university

import (
	"strconv"
	"time"
)

// The topics of the hashes about videos, away from those of other files.
const (
	topicMedia topic = 200 + iota
	topicMediaID
	topicMediaTime
	topicMediaKind
	topicMediaName
	topicMediaPlace
	topicMediaChange
	topicWatch
	topicWatchTime
	topicWatchKind
	topicWatchStore
	topicWatchID
	topicWatchCopy
)

// MediaRoot is the category under which everything from Canvas lies.
const MediaRoot = "Canvas_UMich"

// MediaKind says what a media entry is. Lists show the first four.
type MediaKind uint8

// The kinds of media.
const (
	Video MediaKind = iota
	Audio
	Image
	LiveStream
	DataFile
)

// MediaState says how far a media entry got. Lists show ready ones.
type MediaState uint8

// The states of media.
const (
	MediaReady MediaState = iota
	MediaConverting
	MediaFailed
	MediaDeleted
	MediaRecycled
	MediaUnmoderated // ready, but nobody has approved it yet
	MediaRejected    // ready, but somebody has objected
)

// Media is an entry of the video platform on one day.
type Media struct {
	ID         string
	Name       string
	Owner      string
	Kind       MediaKind
	State      MediaState
	CreatedAt  time.Time // to the second; entries of one upload share it
	UpdatedAt  time.Time
	Duration   int // seconds
	Plays      int
	Categories []string     // full names that everybody may see
	Hidden     []string     // full names of categories with limited access
	Places     []MediaPlace // what reports say about the categories
	Foreign    bool         // lies outside MediaRoot
}

// MediaPlace says that a course has a media entry.
type MediaPlace struct {
	CourseID  int64
	InContext bool // in the page that the course shows by itself
}

const (
	// mediaDays is how far back media go at the epoch.
	mediaDays = 40
	// mediaSettled is after how many days, at most, a media entry changes no more. A
	// reader that reads the last week again misses nothing.
	mediaSettled = 5
)

// Media returns all media entries that were created before the day began, whatever their
// state, by course and time.
func (d *Day) Media() []Media {
	var all []Media
	for i := range d.u.courses {
		for day := -mediaDays; day < d.n; day++ {
			for k := range d.u.uploads(i, day) {
				all = append(all, d.media(i, day, k))
			}
		}
	}
	return all
}

// uploads returns how many media entries course i got on a day: mostly none, sometimes
// several in the same second.
func (u *University) uploads(i, day int) int {
	switch {
	case u.courses[i].role == Deleted || !u.chance(60, topicMedia, i, day, 0):
		return 0
	case u.chance(150, topicMedia, i, day, 1):
		return 2 + u.pick(5, topicMedia, i, day, 2)
	}
	return 1
}

// mediaID returns ten characters, of which the first say where the entry was made.
func (u *University) mediaID(i, day, k int) string {
	text := strconv.FormatUint(u.hash(topicMediaID, i, day, k)|1<<63, 36)
	return strconv.Itoa(u.pick(2, topicMediaID, i, day, -k-1)) + "_" + text[len(text)-8:]
}

// media returns the entry number k that course i got on a day.
func (d *Day) media(i, day, k int) Media {
	u := d.u
	created := u.at(day).Add(time.Duration(u.pick(86_400, topicMediaTime, i, day, 0)) * time.Second)
	changes := u.pick(mediaSettled+1, topicMediaChange, i, day, k)
	age := d.n - day - 1 // full days
	m := Media{
		ID: u.mediaID(i, day, k), CreatedAt: created, UpdatedAt: created.Add(5 * time.Minute),
		Owner: "uniq" + strconv.Itoa(u.pick(900, topicMediaName, i, 0, 0)), Name: u.mediaName(i, day, k),
		Duration: 5 + u.pick(5400, topicMediaKind, i, day, k+100), Plays: age * u.pick(20, topicMediaKind, i, day, k+200),
	}
	switch p := u.pick(100, topicMediaKind, i, day, k); {
	case p < 84: // ready at once
	case p < 88 && age < changes:
		m.State = MediaConverting
	case p < 90 && age < changes:
		m.State = MediaUnmoderated
	case p < 90:
	case p == 90:
		m.Kind = Audio
	case p == 91:
		m.Kind, m.Duration = Image, 0
	case p == 92:
		m.Kind, m.Duration = LiveStream, 0
	case p == 93:
		m.Kind = DataFile
	case p == 94:
		m.State = MediaFailed
	case p == 95:
		m.State = MediaDeleted
	case p == 96:
		m.State = MediaRecycled
	case p == 97:
		m.State = MediaRejected
	}
	changed := age >= changes
	if changed && changes > 0 {
		m.UpdatedAt = u.at(day + 1 + changes).Add(-time.Hour)
		if u.chance(200, topicMediaChange, i, day, k+100) {
			m.Name = "Final: " + m.Name
		}
	}
	u.place(&m, i, day, k, changed)
	return m
}

func (u *University) mediaName(i, day, k int) string {
	name := u.code(i) + " lecture " + strconv.Itoa(day+mediaDays)
	switch u.pick(40, topicMediaName, i, day, k) {
	case 0:
		return name + " 🎬 «Übung», \"part\"\t1\\2"
	case 1:
		for len(name) < 190 {
			name += " and discussion"
		}
		return name[:190]
	case 2:
		return "Zoom recording, " + name
	}
	return name
}
