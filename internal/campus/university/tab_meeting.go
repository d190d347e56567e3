package university

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
)

// Meeting is a Zoom meeting of a course that is over.
type Meeting struct {
	ID       string // of this one occurrence, base64: it may hold / + and =
	Number   int64  // what people dial, the same for all occurrences of a series
	HostID   string
	Topic    string // names a person
	Start    time.Time
	TimeZone string // the host's
	Status   int
}

// ZoomTrouble says what keeps a reader from a course's meetings at Zoom.
type ZoomTrouble string

// The troubles at Zoom.
const (
	ZoomFine     ZoomTrouble = ""
	ZoomNoSCID   ZoomTrouble = "no scid"
	ZoomNoToken  ZoomTrouble = "no token"
	ZoomRefused  ZoomTrouble = "refused"   // the list answers status false
	ZoomNoResult ZoomTrouble = "no result" // the list answers without a result
)

// ZoomTrouble returns what is wrong with course i at Zoom.
func (u *University) ZoomTrouble(i int) ZoomTrouble {
	switch u.zoomKind(i) {
	case zoomNoSCID:
		return ZoomNoSCID
	case zoomNoToken:
		return ZoomNoToken
	case zoomRefused:
		return ZoomRefused
	case zoomNoResult:
		return ZoomNoResult
	}
	return ZoomFine
}

// zoomWorks says whether all of the way to the meetings can be gone through the course's tool.
func (u *University) zoomWorks(i int, t Tool) bool {
	return t.Zoom && t.Launch == LaunchForm && u.ZoomTrouble(i) == ZoomFine
}

// meetingDays is how far back meetings go at the epoch.
const meetingDays = 45

// Meetings returns the meetings of course i that were over when the day began, newest first.
func (d *Day) Meetings(i int) []Meeting {
	u := d.u
	if kind := u.zoomKind(i); kind == noZoom || kind == zoomNoMeetings {
		return nil
	}
	every := 1 + u.pick(7, topicMeeting, i, 0, 0)
	var all []Meeting
	for day := -u.pick(meetingDays, topicMeeting, i, 1, 0); day < d.n; day++ {
		if (day+meetingDays)%every == 0 {
			all = append(all, u.meeting(i, day, 0))
		}
		if u.chance(100, topicMeeting, i, 2, day) { // a second one on the same day
			all = append(all, u.meeting(i, day, 1))
		}
	}
	slices.SortStableFunc(all, func(a, b Meeting) int { return b.Start.Compare(a.Start) })
	return all
}

// meeting makes the meeting number no of course i on a day. Some begin in the hour that the clocks in
// Detroit show twice a year, or not at all.
func (u *University) meeting(i, day, no int) Meeting {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], u.hash(topicMeetingID, i, day, no))
	binary.BigEndian.PutUint64(id[8:], u.hash(topicMeetingID, i, day, no+2))
	var host [15]byte
	who := u.pick(2, topicMeetingID, i, day, 5)
	binary.BigEndian.PutUint64(host[:8], u.hash(topicMeetingID, i, -meetingDays-1, who))
	binary.BigEndian.PutUint64(host[7:], u.hash(topicMeetingID, i, -meetingDays-2, who))
	series := 0
	if no == 1 {
		series = 1 + day + meetingDays
	}
	return Meeting{
		ID: base64.StdEncoding.EncodeToString(id[:]), Number: 90_000_000_000 + int64(u.pick(9_999_999_999, topicMeetingID, i, -meetingDays-3, series)),
		HostID: base64.RawURLEncoding.EncodeToString(host[:]), Topic: []string{"Ada Example's", "Ben Example's"}[who] + " Personal Meeting Room",
		Start:    u.at(day).Add(time.Duration(u.pick(86_000, topicMeetingTime, i, day, no)) * time.Second),
		TimeZone: "America/Detroit", Status: []int{0, 0, 0, 2}[u.pick(4, topicMeetingID, i, day, 6)],
	}
}
