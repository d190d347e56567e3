package university

import (
	"iter"
	"strconv"
	"time"
)

// The applications whose events tell about videos.
const (
	EdAppCanvas = "https://aakaf.mivideo.it.umich.edu/caliper/info/app/KafEdApp"
	EdAppDirect = "https://1038472-1.kaf.kaltura.com/caliper/info/app/KafEdApp"
)

// WatchForm says how an event is written down.
type WatchForm uint8

// The forms of events.
const (
	WatchCurrent  WatchForm = iota // as Caliper 1.1 has it
	WatchTextApp                   // the application is named by its id alone
	WatchUpgraded                  // parts are still in the words of Caliper 1.0
	WatchNumber                    // the course id is a number, not text
	WatchTorn                      // the text ends in the middle
)

// WatchEvent is something that happened to a video, as the event store holds it.
type WatchEvent struct {
	ID       string
	Type     string
	Action   string
	EdApp    string
	Time     time.Time // to the microsecond
	Stored   time.Time
	Actor    string
	Media    string
	CourseID *string // as text; nil: none
	Form     WatchForm
	Counts   int64 // the course for which reports count it; 0: none
}

const (
	// watchDays is how far back events go at the epoch.
	watchDays = 14
	// storeHour is until when, on its day, the event store is known: nightly readers
	// come then. It knows of the new day's first hours already.
	storeHour = 6 * time.Hour
)

// WatchEvents yields everything that the event store holds on that day, in no order that
// a reader could rely on.
func (d *Day) WatchEvents() iter.Seq[WatchEvent] {
	until := d.Date().Add(storeHour)
	return func(yield func(WatchEvent) bool) {
		for i := range d.u.courses {
			for day := -watchDays; day <= d.n; day++ {
				for k := range d.u.watched(i, day) {
					e := d.u.watch(i, day, k)
					for range d.u.copies(i, day, k) {
						if e.Time.Before(until) && e.Stored.Before(until) && !yield(e) {
							return
						}
						e.Stored = e.Stored.Add(20 * time.Hour) // the next copy
					}
				}
			}
		}
	}
}

// copies returns how often the store has an event: a sender that got no answer sends again.
func (u *University) copies(i, day, k int) int {
	switch {
	case i == 0 && k == 1, u.chance(15, topicWatchCopy, i, day, k):
		return 2
	}
	return 1
}

// watched returns how many events course i has on a day.
func (u *University) watched(i, day int) int {
	switch {
	case i == 0:
		return 12
	case u.courses[i].role == Deleted || u.chance(400, topicWatch, i, 0, 0):
		return 0
	}
	return u.pick(10, topicWatch, i, day, 1)
}

// watch returns event number k of course i on a day.
func (u *University) watch(i, day, k int) WatchEvent {
	micros := int64(u.pick(86_400, topicWatchTime, i, day, k))*1e6 + int64(u.pick(1000, topicWatchTime, i, day, k+100))*1000
	kind := u.pick(1000, topicWatchKind, i, day, k)
	if i == 0 && k < 4 { // the first course has something at the edges of every day
		micros, kind = []int64{0, 86_400e6 - 1, 3600e6 - 400_000, 3600e6}[k], 0
	}
	at := u.at(day).Add(time.Duration(micros) * time.Microsecond)
	id := strconv.FormatInt(u.courses[i].id, 10)
	e := WatchEvent{
		ID:   uuid(u.hash(topicWatchID, i, day, k), u.hash(topicWatchID, i, day, k+1000)),
		Type: "MediaEvent", Action: "Started", EdApp: EdAppCanvas, Time: at, Stored: at.Add(u.storeDelay(i, day, k)),
		Actor: "uniq" + strconv.Itoa(u.pick(900, topicWatch, i, day, k+100)),
		Media: u.mediaID(i, -1-u.pick(mediaDays, topicWatch, i, day, k+200), 0), CourseID: &id, Counts: u.courses[i].id,
	}
	e.Form = []WatchForm{WatchCurrent, WatchCurrent, WatchCurrent, WatchTextApp, WatchUpgraded}[u.pick(5, topicWatchKind, i, day, k+100)]
	if kind%5 == 1 {
		e.EdApp = EdAppDirect
	}
	switch {
	case kind < 640:
	case kind < 820:
		e.Action, e.Counts = []string{"Ended", "Paused", "Resumed", "Still Watching", "ForwardedTo"}[kind%5], 0
	case kind < 850:
		e.Type, e.Action, e.Counts = "ViewEvent", []string{"Viewed", "Started"}[kind%2], 0
	case kind < 890:
		e.EdApp, e.Counts = []string{"http://umich.instructure.com/", EdAppCanvas + "2"}[kind%2], 0
	case kind < 920:
		e.CourseID, e.Counts = nil, 0
	case kind < 930:
		e.Form, e.Counts = WatchTorn, 0
	case kind < 970:
		odd := []string{"sandbox", "", id + ".0", " " + id, "-5", "２１３", "99999999999999999999", "1e3", "0x12", id + "a"}[kind%10]
		e.CourseID, e.Counts = &odd, 0
	case kind < 985:
		padded := "0" + id
		e.CourseID = &padded
	default:
		e.Form = WatchNumber
	}
	return e
}

// storeDelay returns how long the event takes to the store: seconds, up to two days, or,
// for one in a hundred, so long that nightly readers do not look for it any more.
func (u *University) storeDelay(i, day, k int) time.Duration {
	wait := time.Duration(u.pick(3600, topicWatchStore, i, day, k+100)) * time.Second
	switch p := u.pick(100, topicWatchStore, i, day, k); {
	case p == 0:
		return 5*24*time.Hour + wait
	case p < 8:
		return 12*time.Hour + 35*wait // up to 47 hours
	default:
		return wait / 60
	}
}
