package campus_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
)

func TestSmoke(t *testing.T) {
	s := campustest.Start(t, campus.Options{Seed: 1, Date: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)})
	do := func(method, path, body string) {
		req, _ := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+s.CanvasToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		t.Logf("%s %s %d %v\n%.600s", method, path, resp.StatusCode, resp.Header, b)
	}
	do("GET", "/api/v1/accounts/1/courses?with_enrollments=True&include=total_students&per_page=3&enrollment_type[]=student", "")
	do("GET", "/api/v1/accounts/1/terms", "")
	do("GET", "/api/v1/accounts/1", "")
	do("POST", "/api/graphql", `{"query":"query{a:course(id:100003){_id name enrollmentsConnection(first:3){nodes{_id type state section{_id name} user{_id}} pageInfo{endCursor hasNextPage}}} b:course(id:9){_id}}"}`)
	for _, tb := range must(s.Truth(s.Campus.Date(), time.Time{})) {
		var b bytes.Buffer
		tb.WriteJSON(&b)
		t.Logf("%s %d\n%.900s", tb.Name, len(tb.Rows), b.String())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
