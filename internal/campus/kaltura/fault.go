package kaltura

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Fault is a way in which the API fails without a mistake of its client.
type Fault string

// The faults. All but Empty come with an answer that looks as if all were well.
const (
	Expired     Fault = "expired"      // INVALID_KS; the session is gone
	Blocked     Fault = "blocked"      // ACTION_BLOCKED, the rate limit
	BlockedText Fault = "blocked text" // the rate limit of the cached path, in plain text
	Internal    Fault = "internal"     // INTERNAL_SERVERL_ERROR, as the API spells it
	Empty       Fault = "empty"        // no body at all
)

// Fail answers a request with a fault, in the form that the request asks for. A call that
// has no session cannot lose it, and meets Internal instead of Expired.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, f Fault) {
	p, err := readParams(r)
	if err != nil {
		return // the client is gone
	}
	s.fail(w, p, f)
}

func (s *Server) fail(w http.ResponseWriter, p params, f Fault) {
	ks := p.text("ks")
	if f == Expired && ks == "" {
		f = Internal
	}
	switch f {
	case Expired:
		s.mu.Lock()
		delete(s.sessions, ks)
		s.mu.Unlock()
		s.answer(w, p, nil, invalidSession(ks, "-5,EXPIRED"))
	case Blocked:
		s.answer(w, p, nil, fail("ACTION_BLOCKED", "The access to this action is blocked"))
	case BlockedText:
		w.Header().Set("X-Kaltura", "cached-dispatcher")
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "Access to %s->%s was rate limited", strings.ToLower(p.text("service")), strings.ToLower(p.text("action")))
	case Internal:
		s.answer(w, p, nil, fail("INTERNAL_SERVERL_ERROR", "Internal server error occurred"))
	case Empty:
		w.Header().Set("X-Kaltura", "error-6")
		w.WriteHeader(http.StatusOK)
	}
}

func invalidSession(ks, reason string) *failure {
	code, text, _ := strings.Cut(reason, ",")
	return fail("INVALID_KS", fmt.Sprintf("Invalid KS %q, Error %q", ks, reason), field{"KSID", ks}, field{"ERR_CODE", code}, field{"ERR_DESC", text})
}

// Identity tells requests apart, whatever session they belong to.
func Identity(r *http.Request, body []byte) string {
	query := r.URL.Query()
	query.Del("ks")
	var all map[string]any
	if json.Unmarshal(body, &all) == nil {
		delete(all, "ks")
		var text strings.Builder
		for _, name := range slices.Sorted(maps.Keys(all)) {
			value, err := json.Marshal(all[name])
			if err != nil {
				panic(err) // it has just been read
			}
			fmt.Fprintf(&text, "%s=%s\n", name, value)
		}
		return r.URL.Path + "?" + query.Encode() + "\n" + text.String()
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		form = url.Values{"body": {string(body)}}
	}
	form.Del("ks")
	return r.URL.Path + "?" + query.Encode() + "\n" + form.Encode()
}

// readBody reads what a client sends, up to what the API takes.
func readBody(r *http.Request) ([]byte, error) { return io.ReadAll(io.LimitReader(r.Body, 4<<20)) }
