package campus

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The campus must not be what a benchmark of a client measures.
func BenchmarkCampus(b *testing.B) {
	c, err := New(Options{Seed: 1, Courses: 20_000, Date: monday, Limits: Limits{HighWater: 1e12, Maximum: 1e12}})
	if err != nil {
		b.Fatal(err)
	}
	send := func(method, path, body string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+c.tokens[0].value)
		c.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	b.Run("day", func(b *testing.B) {
		for b.Loop() {
			if err := c.SetDay(b.Context(), monday); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("courses", func(b *testing.B) {
		for b.Loop() {
			send("GET", "/api/v1/accounts/1/courses?with_enrollments=True&per_page=100&include[]=total_students&page=150", "")
		}
	})
	b.Run("audit", func(b *testing.B) {
		for b.Loop() {
			send("GET", "/api/v1/audit/course/courses/100006?per_page=100", "")
		}
	})
	b.Run("activity", func(b *testing.B) {
		for b.Loop() {
			send("GET", "/api/v1/courses/100006/analytics/activity", "")
		}
	})
	b.Run("graphql of 20 courses", func(b *testing.B) {
		var q strings.Builder
		for k := range 20 {
			fmt.Fprintf(&q, `c%d: course(id: %d) {_id enrollmentsConnection(first: 100) {nodes {_id type state section {_id name} user {_id} course {_id}} pageInfo {endCursor hasNextPage}}} `,
				k, c.day.Load().Course(100+k).ID)
		}
		body := fmt.Sprintf(`{"query": %q}`, "{"+q.String()+"}")
		for b.Loop() {
			send("POST", "/api/graphql", body)
		}
	})
}
