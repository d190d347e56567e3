package campus_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
)

// reader is a plain client: it follows links, tries every request three times, and does
// nothing clever.
type reader struct {
	t       *testing.T
	s       *campustest.Server
	client  *http.Client
	gateway string // token
	retried int
	orphans int // enrollments without a section
}

func newReader(t *testing.T, s *campustest.Server) *reader {
	return &reader{t: t, s: s, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

// try sends a request up to three times until it gets a whole JSON document that check
// accepts. A gateway token that went bad is replaced without counting.
func (r *reader) try(method, target string, body []byte, viaGateway bool, check func([]byte) error) (links string, missing bool) {
	r.t.Helper()
	var last string
	for try := 0; try < 3; try++ {
		req, err := http.NewRequestWithContext(r.t.Context(), method, target, bytes.NewReader(body))
		if err != nil {
			r.t.Fatal(err)
		}
		token := r.s.CanvasToken
		if viaGateway {
			token = r.gatewayToken()
		}
		req.Header.Set("Authorization", "Bearer "+token)
		if method == http.MethodPost {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := r.client.Do(req)
		if err != nil {
			last = err.Error()
			r.retried++
			continue
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		switch {
		case err != nil:
			last = err.Error()
		case resp.StatusCode == 404:
			return "", true
		case viaGateway && resp.StatusCode == 401:
			r.gateway = ""
			try--
			continue
		case resp.StatusCode != 200:
			last = fmt.Sprintf("%d %.100s", resp.StatusCode, got)
		default:
			if err = check(got); err == nil {
				return resp.Header.Get("Link"), false
			}
			last = err.Error()
		}
		r.retried++
	}
	r.t.Fatalf("%s %s: three attempts failed: %s", method, target, last)
	return "", false
}

func (r *reader) gatewayToken() string {
	if r.gateway != "" {
		return r.gateway
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {r.s.GatewayScope},
		"client_id": {r.s.ClientID}, "client_secret": {r.s.ClientSecret},
	}
	resp, err := r.client.PostForm(r.s.GatewayURL+"/"+r.s.GatewayTokenPath, form)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.AccessToken == "" {
		r.t.Fatalf("gateway token: %v", err)
	}
	r.gateway = out.AccessToken
	return r.gateway
}

// object reads one document.
func object[T any](r *reader, target string, viaGateway bool) (out T, found bool) {
	_, missing := r.try(http.MethodGet, target, nil, viaGateway, func(b []byte) error {
		var fresh T
		out = fresh
		return json.Unmarshal(b, &out)
	})
	return out, !missing
}

// list reads all pages of a list. Through the gateway only the query of a link is used.
func list[T any](r *reader, target string, viaGateway bool) (all []T) {
	base, _, _ := strings.Cut(target, "?")
	for target != "" {
		var page []T
		links, missing := r.try(http.MethodGet, target, nil, viaGateway, func(b []byte) error {
			page = nil
			return json.Unmarshal(b, &page)
		})
		if missing {
			r.t.Fatalf("%s: missing", target)
		}
		all = append(all, page...)
		target = ""
		if u := next(links); u != "" {
			target = u
			if viaGateway {
				_, query, _ := strings.Cut(u, "?")
				target = base + "?" + query
			}
		}
	}
	return all
}

// enrollment is what both interfaces tell of an enrollment.
type enrollment struct {
	ID, Section, User, State, Type, SectionName string
}

const enrollmentQuery = `query($id: ID!, $after: String) {course(id: $id) {enrollmentsConnection(first: 100, after: $after)
	{nodes {_id type state section {_id name} user {_id}} pageInfo {endCursor hasNextPage}}}}`

// graphqlEnrollments reads the connection of a course; whole is false if a row came twice.
func graphqlEnrollments(r *reader, course json.Number) (rows map[string]enrollment, whole bool) {
	rows, whole = map[string]enrollment{}, true
	type ref struct {
		ID   string `json:"_id"`
		Name string
	}
	type answer struct {
		Data struct {
			Course *struct {
				List *struct {
					Nodes []struct {
						ID            string `json:"_id"`
						State, Type   string
						Section, User *ref
					}
					PageInfo struct {
						EndCursor   string
						HasNextPage bool
					}
				} `json:"enrollmentsConnection"`
			}
		}
		Errors []struct{ Message string }
	}
	for after := ""; ; {
		var out answer
		body, err := json.Marshal(map[string]any{"query": enrollmentQuery, "variables": map[string]any{"id": course, "after": after}})
		if err != nil {
			r.t.Fatal(err)
		}
		r.try(http.MethodPost, r.s.CanvasURL+"/api/graphql", body, false, func(b []byte) error {
			out = answer{}
			if err := json.Unmarshal(b, &out); err != nil {
				return err
			}
			if len(out.Errors) > 0 || out.Data.Course == nil || out.Data.Course.List == nil {
				return fmt.Errorf("incomplete: %.200s", b)
			}
			return nil
		})
		page := out.Data.Course.List
		for _, n := range page.Nodes {
			if _, twice := rows[n.ID]; twice {
				whole = false
			}
			rows[n.ID] = enrollment{ID: n.ID, User: n.User.ID, State: n.State, Type: n.Type}
			if n.Section != nil {
				rows[n.ID] = enrollment{n.ID, n.Section.ID, n.User.ID, n.State, n.Type, n.Section.Name}
			}
		}
		if !page.PageInfo.HasNextPage {
			return rows, whole
		}
		after = page.PageInfo.EndCursor
	}
}

// restEnrollments reads the same from the REST interface.
func restEnrollments(r *reader, course json.Number) map[string]enrollment {
	q := url.Values{"per_page": {"100"}, "state[]": {"active", "invited", "creation_pending", "rejected", "completed", "inactive"}}
	names := map[string]string{}
	base := r.s.CanvasURL + "/api/v1/courses/" + course.String()
	type section struct {
		ID   json.Number
		Name string
	}
	for _, s := range list[section](r, base+"/sections?per_page=100", false) {
		names[s.ID.String()] = s.Name
	}
	type row struct {
		ID      json.Number
		Section json.Number `json:"course_section_id"`
		User    json.Number `json:"user_id"`
		State   string      `json:"enrollment_state"`
		Type    string
	}
	rows := map[string]enrollment{}
	for _, e := range list[row](r, base+"/enrollments?"+q.Encode(), false) {
		rows[e.ID.String()] = enrollment{
			e.ID.String(), e.Section.String(), e.User.String(), e.State, e.Type, names[e.Section.String()],
		}
	}
	return rows
}
