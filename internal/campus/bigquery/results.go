package bigquery

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// query is jobs.query: it answers with the first page, or, where the query takes long,
// with the job's id alone.
func (s *Server) query(r *http.Request) (any, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	var req queryRequest
	if err := decode(body, &req); err != nil {
		return nil, err
	}
	if err := s.project(r); err != nil {
		return nil, err
	}
	if req.Location != "" && req.Location != location {
		return nil, missing("Dataset %s:%s was not found in location %s", s.o.Project, s.o.Dataset, req.Location)
	}
	s.mu.Lock()
	j, again := s.requests[req.RequestID]
	s.mu.Unlock()
	if !again {
		j = s.create("", &req.querySpec, req.DryRun)
		if j.failed != nil {
			return nil, j.failed
		}
		if j.dry {
			return map[string]any{
				"kind": "bigquery#queryResponse", "jobComplete": true, "totalBytesProcessed": fmt.Sprint(j.bytes), "schema": j.st.schema(),
				"jobReference": map[string]any{"projectId": s.o.Project, "location": location},
			}, nil
		}
		if err := s.keep(j); err != nil {
			return nil, err
		}
		if req.RequestID != "" {
			s.mu.Lock()
			s.requests[req.RequestID] = j
			s.mu.Unlock()
		}
	}
	form := outputForm(req.FormatOptions.UseInt64Timestamp, req.FormatOptions.TimestampOutputFormat)
	return s.answer("bigquery#queryResponse", j, 0, req.MaxResults, form), nil
}

func outputForm(micros bool, named string) timeForm {
	switch form := timeForm(named); {
	case form == asMicros, form == asISO:
		return form
	case micros:
		return asMicros
	}
	return asSeconds
}

// results is jobs.getQueryResults.
func (s *Server) results(r *http.Request) (any, error) {
	j, err := s.held(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	from := 0
	if at := q.Get("startIndex"); at != "" {
		if from, err = strconv.Atoi(at); err != nil || from < 0 {
			return nil, &problem{400, "invalid", "Invalid value for startIndex: " + at}
		}
	}
	if token := q.Get("pageToken"); token != "" {
		if from, err = readPageToken(j, token); err != nil {
			return nil, err
		}
	}
	var most *int
	if text := q.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, &problem{400, "invalid", "Invalid value for maxResults: " + text}
		}
		most = &n
	}
	if j.failed != nil {
		return nil, j.failed
	}
	form := outputForm(strings.EqualFold(q.Get("formatOptions.useInt64Timestamp"), "true"), q.Get("formatOptions.timestampOutputFormat"))
	return s.answer("bigquery#getQueryResultsResponse", j, from, most, form), nil
}

// answer describes a job's result from a row on.
func (s *Server) answer(name string, j *job, from int, most *int, form timeForm) map[string]any {
	out := map[string]any{
		"kind": name, "jobReference": map[string]any{"projectId": s.o.Project, "jobId": j.id, "location": location},
	}
	if !s.tick(j) {
		out["jobComplete"] = false
		return out
	}
	total := len(j.found.rows)
	size := s.o.PageRows
	if most != nil {
		size = min(size, *most)
	}
	from = min(from, total)
	to := min(from+size, total)
	out["jobComplete"], out["cacheHit"] = true, false
	out["schema"], out["totalRows"], out["totalBytesProcessed"] = j.st.schema(), fmt.Sprint(total), fmt.Sprint(j.bytes)
	if to > from {
		out["rows"] = j.found.page(from, to, form)
	}
	if to < total {
		out["pageToken"] = pageToken(j, to)
	}
	return out
}

// A page token belongs to one job and cannot be made up.
func pageToken(j *job, row int) string {
	return base64.URLEncoding.EncodeToString([]byte(j.id + "/" + strconv.Itoa(row)))
}

func readPageToken(j *job, token string) (int, error) {
	plain, err := base64.URLEncoding.DecodeString(token)
	if err == nil && len(plain) > len(j.id) && string(plain[:len(j.id)+1]) == j.id+"/" {
		if row, err := strconv.Atoi(string(plain[len(j.id)+1:])); err == nil {
			return row, nil
		}
	}
	return 0, &problem{400, "invalid", "Invalid value for pageToken"}
}
