package bigquery

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path"
	"strings"
)

// Fault is a way in which the service fails without a mistake of its client.
type Fault string

// The faults.
const (
	Backend     Fault = "backend"      // 503 backendError
	Internal    Fault = "internal"     // 500 internalError
	RateLimited Fault = "rate limited" // 403 rateLimitExceeded
	TooMany     Fault = "too many"     // 429 rateLimitExceeded
)

var faultAnswers = map[Fault]*problem{
	Backend:     {http.StatusServiceUnavailable, "backendError", "Error encountered during execution. Retrying may solve the problem."},
	Internal:    {http.StatusInternalServerError, "internalError", "An internal error occurred and the request could not be completed."},
	RateLimited: {http.StatusForbidden, "rateLimitExceeded", "Exceeded rate limits: too many api requests per user per method for this user_method."},
	TooMany:     {http.StatusTooManyRequests, "rateLimitExceeded", "Exceeded rate limits: too many concurrent queries for this project_and_region."},
}

// Fail answers a request with a fault.
func (s *Server) Fail(w http.ResponseWriter, f Fault) { send(w, nil, faultAnswers[f]) }

// Identity tells requests apart, whatever ids jobs have been given.
func Identity(r *http.Request, body []byte) string {
	at, query := r.URL.Path, r.URL.Query()
	switch dir := path.Dir(at); path.Base(dir) {
	case "jobs", "queries":
		at = dir
	}
	if token, err := base64.URLEncoding.DecodeString(query.Get("pageToken")); err == nil {
		_, row, _ := strings.Cut(string(token), "/")
		query.Set("pageToken", row)
	}
	var all map[string]any
	if json.Unmarshal(body, &all) == nil {
		delete(all, "jobReference")
		delete(all, "requestId")
		if text, err := json.Marshal(all); err == nil {
			body = text
		}
	}
	return r.Method + " " + at + "?" + query.Encode() + "\n" + string(body)
}
