package canvas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
)

// original sends the requests that the program of 2020 sent, in its order: phase after phase, lists page by page, and
// course by course with a fixed number of workers what it asked for course by course. It keeps nothing of the answers but what leads on.
type original struct {
	b       testing.TB
	s       *campustest.Server
	http    *http.Client
	workers int
}

// run returns when all is read.
func (o *original) run() {
	type course struct {
		ID       int64  `json:"id"`
		Account  int64  `json:"account_id"`
		State    string `json:"workflow_state"`
		Students int    `json:"total_students"`
	}
	var kept, available []int64
	accounts := map[int64]bool{}
	for _, term := range o.s.TermIDs {
		o.get(fmt.Sprintf("%s/api/v1/accounts/%d/terms/%d", o.s.CanvasURL, o.s.AccountID, term), new(struct{}))
		next := fmt.Sprintf("%s/api/v1/accounts/%d/courses?with_enrollments=True&enrollment_type=student&enrollment_type=teacher&enrollment_term_id=%d&per_page=100&include=total_students",
			o.s.CanvasURL, o.s.AccountID, term)
		for next != "" {
			var page []course
			next = o.get(next, &page)
			for _, c := range page {
				if c.Students == 0 {
					continue
				}
				kept = append(kept, c.ID)
				accounts[c.Account] = true
				if c.State == "available" {
					available = append(available, c.ID)
				}
			}
		}
	}
	o.each(available, func(course int64) {
		next := fmt.Sprintf("%s/api/v1/audit/course/courses/%d?per_page=100", o.s.CanvasURL, course)
		for next != "" {
			var page struct {
				Events []struct {
					Type string `json:"event_type"`
				} `json:"events"`
			}
			next = o.get(next, &page)
			for _, e := range page.Events {
				if e.Type == "published" {
					next = ""
				}
			}
		}
	})
	o.each(available, func(course int64) {
		var days []struct{}
		o.get(fmt.Sprintf("%s/api/v1/courses/%d/analytics/activity", o.s.CanvasURL, course), &days)
	})
	for account := range accounts {
		o.get(fmt.Sprintf("%s/api/v1/accounts/%d", o.s.CanvasURL, account), new(struct{}))
	}
	o.each(kept, func(course int64) {
		for cursor, more := "", true; more; {
			cursor, more = o.enrollments(course, cursor)
		}
	})
}

func (o *original) each(courses []int64, f func(int64)) {
	var workers sync.WaitGroup
	queue := make(chan int64)
	for range o.workers {
		workers.Go(func() {
			for course := range queue {
				f(course)
			}
		})
	}
	for _, course := range courses {
		queue <- course
	}
	close(queue)
	workers.Wait()
}

const originalQuery = `query courseEnrollments($courseID: ID!, $enrollmentPageSize: Int!, $enrollmentPageCursor: String!) {
  course(id: $courseID) { _id enrollmentsConnection(first: $enrollmentPageSize, after: $enrollmentPageCursor) {
    nodes { _id course { _id } section { _id name } state type user { _id } } pageInfo { endCursor hasNextPage } } } }`

func (o *original) enrollments(course int64, after string) (cursor string, more bool) {
	body, _ := json.Marshal(map[string]any{"query": originalQuery, "variables": map[string]any{"courseID": course, "enrollmentPageSize": 75, "enrollmentPageCursor": after}})
	var answer struct {
		Data struct {
			Course struct {
				Enrollments struct {
					PageInfo struct {
						EndCursor   string
						HasNextPage bool
					}
				} `json:"enrollmentsConnection"`
			}
		}
	}
	o.send(func() *http.Request {
		r, _ := http.NewRequest(http.MethodPost, o.s.CanvasURL+"/api/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return r
	}, &answer)
	p := answer.Data.Course.Enrollments.PageInfo
	return p.EndCursor, p.HasNextPage
}

// get returns the address of the next page.
func (o *original) get(url string, into any) string {
	return o.send(func() *http.Request {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			o.b.Error(err)
		}
		return r
	}, into)
}

// send repeats a request that is refused, without a pause.
func (o *original) send(request func() *http.Request, into any) string {
	for range 1000 {
		r := request()
		r.Header.Set("Authorization", "Bearer "+o.s.CanvasToken)
		resp, err := o.http.Do(r)
		if err != nil {
			o.b.Error(err)
			return ""
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode == http.StatusTooManyRequests {
			continue
		}
		if resp.StatusCode == http.StatusOK {
			if err := json.Unmarshal(body, into); err != nil {
				o.b.Error(err)
			}
		}
		links, _ := rest.Links(resp.Header)
		return links["next"]
	}
	o.b.Error("refused for ever")
	return ""
}
