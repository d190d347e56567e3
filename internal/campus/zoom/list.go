package zoom

import (
	"crypto/hmac"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // start times are told in the caller's zone, wherever the simulation runs
)

// envelope wraps every JSON answer.
type envelope struct {
	Status       bool    `json:"status"`
	ErrorCode    int     `json:"errorCode"`
	ErrorMessage *string `json:"errorMessage"`
	Result       *result `json:"result,omitempty"`
}

type result struct {
	Total    int    `json:"total"`
	PageSize int    `json:"pageSize"`
	PageNum  int    `json:"pageNum"`
	List     []item `json:"list"`
}

type item struct {
	MeetingID     string `json:"meetingId"`
	MeetingNumber string `json:"meetingNumber"`
	HostID        string `json:"hostId"`
	Topic         string `json:"topic"`
	JoinURL       string `json:"joinUrl"`
	StartTime     string `json:"startTime"`
	Status        int    `json:"status"`
	TimeZone      string `json:"timezone"`
}

// list answers with the past or the coming meetings of the session's course.
func (s *Server) list(coming bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		course, wrong := s.admit(r)
		if wrong != "" {
			send(w, refusal(1003, wrong))
			return
		}
		id, _ := strconv.ParseInt(course, 10, 64) // other text is no course
		q := r.URL.Query()
		number, err := strconv.Atoi(q.Get("page"))
		if err != nil || number < 1 {
			number = 1
		}
		c := s.o.Course(id)
		switch {
		case c.Failure == Refused, c.Failure == RefusedEnd && number > 1:
			send(w, refusal(3000, "User does not exist"))
			return
		case c.Failure == NoResult:
			send(w, envelope{Status: true})
			return
		case c.Failure == LoginPage:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = errorPage.Execute(w, "Please sign in") // an error means that the client is gone
			return
		case c.Failure == Outage:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_ = errorPage.Execute(w, "502 Bad Gateway") // as above
			return
		}
		zone, err := time.LoadLocation(q.Get("client_timezone"))
		if err != nil || q.Get("client_timezone") == "" {
			send(w, refusal(1001, "client_timezone is invalid"))
			return
		}
		list := c.Meetings
		if coming {
			list = c.Coming
		}
		send(w, envelope{Status: true, Result: s.page(list, number, zone)})
	}
}

// admit finds the session of a call and its course; wrong says why there is none.
func (s *Server) admit(r *http.Request) (course, wrong string) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return "", "Session does not exist"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	held, ok := s.sessions[cookie.Value]
	switch {
	case !ok:
		return "", "Session does not exist"
	case !hmac.Equal([]byte(r.Header.Get(tokenName)), []byte(held.token)):
		return "", "Invalid XSRF token"
	case r.URL.Query().Get("lti_scid") != held.scid:
		return "", "lti_scid is invalid"
	}
	return held.course, ""
}

// page cuts one page out of the meetings, newest first; a page beyond the end is empty.
func (s *Server) page(all []Meeting, number int, zone *time.Location) *result {
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(a, b Meeting) int { return b.Start.Compare(a.Start) })
	out := &result{Total: len(list), PageSize: s.o.PageSize, PageNum: number, List: []item{}}
	from := min((number-1)*s.o.PageSize, len(list))
	for _, m := range list[from:min(from+s.o.PageSize, len(list))] {
		out.List = append(out.List, item{
			MeetingID: m.ID, MeetingNumber: strconv.FormatInt(m.Number, 10), HostID: m.HostID, Topic: m.Topic,
			JoinURL:   "https://campus.zoom.example/j/" + strconv.FormatInt(m.Number, 10),
			StartTime: m.Start.In(zone).Format(time.DateTime), Status: m.Status, TimeZone: m.TimeZone,
		})
	}
	return out
}

func refusal(code int, message string) envelope {
	return envelope{ErrorCode: code, ErrorMessage: &message}
}

func send(w http.ResponseWriter, e envelope) {
	_ = json.NewEncoder(w).Encode(e) // an error means that the client is gone
}
