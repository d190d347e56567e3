package campus

import "time"

type activityJSON struct {
	ID             *int64 `json:"id"` // always null
	Date           string `json:"date"`
	Views          int64  `json:"views"`
	Participations int64  `json:"participations"`
}

// activity answers with the whole history at once, in no order and without a Link header.
func (c *Campus) activity(q *call) *reply {
	i, found := q.findCourse()
	switch {
	case !found:
		return notFound()
	case q.rights.NoAnalytics:
		return forbidden()
	}
	days, exists := q.day.Activity(i)
	if !exists {
		return notFound()
	}
	list := []activityJSON{}
	for _, d := range days {
		list = append(list, activityJSON{Date: d.Date.Format(time.DateOnly), Views: d.Views, Participations: d.Participations})
	}
	return ok(list)
}
