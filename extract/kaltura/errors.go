package kaltura

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// apiError is an error of the API, which comes with HTTP 200. What its message quotes of a session is cut out.
type apiError struct {
	Code    string
	Message string
}

func (e *apiError) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

const invalidSession = "INVALID_KS"

// errorIn returns the error that an answer is, nil if it is none.
func errorIn(body []byte) *apiError {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || !bytes.Contains(body, []byte(`"KalturaAPIException"`)) {
		return nil
	}
	var doc struct {
		Code       string `json:"code"`
		Message    string `json:"message"`
		ObjectType string `json:"objectType"`
	}
	if json.Unmarshal(body, &doc) != nil || doc.ObjectType != "KalturaAPIException" {
		return nil
	}
	e := &apiError{Code: rest.Clean(doc.Code, ""), Message: rest.Clean(doc.Message, "")}
	if e.Code == invalidSession { // Invalid KS "…", Error "-5,EXPIRED"
		_, e.Message, _ = strings.Cut(e.Message, ", Error ")
	}
	return e
}

// blocked tells whether an answer is the refusal of a rate limit, of which there are two forms.
func blocked(body []byte) bool {
	if e := errorIn(body); e != nil {
		return e.Code == "ACTION_BLOCKED"
	}
	text := bytes.Trim(bytes.TrimSpace(body), `"`)
	return bytes.HasPrefix(text, []byte("Access to ")) && bytes.HasSuffix(text, []byte("was rate limited"))
}

// ended tells whether a new session may help.
func (e *apiError) ended() bool {
	return e.Code == invalidSession && !strings.Contains(e.Message, "-2,") && !strings.Contains(e.Message, "-9,") || e.Code == "MISSING_KS"
}

// passing returns e if the same request may succeed later, nil for every other error and for none.
func (e *apiError) passing() error {
	if e == nil {
		return nil
	}
	if strings.HasPrefix(e.Code, "INTERNAL_") || e.Code == "SEARCH_ENGINE_QUERY_FAILED" || e.Code == "FAILED_TO_ACQUIRE_LOCK" {
		return e
	}
	return nil
}

// fault gives a final error its class and remedy.
func (e *apiError) fault() error {
	class, hint := fault.Data, "Kaltura answers in a way that this program does not know: has its interface changed?"
	switch e.Code {
	case "START_SESSION_ERROR", "INVALID_PARTNER_ID", "PARTNER_NOT_FOUND", "UNKNOWN_PARTNER_ID":
		class, hint = fault.Permission, "check MIVIDEO.kaltura_partner_id and MIVIDEO.kaltura_user_secret: Kaltura does not accept them"
	case invalidSession, "MISSING_KS":
		class, hint = fault.Permission, "check MIVIDEO.kaltura_partner_id and MIVIDEO.kaltura_user_secret, and what the partner's sessions are allowed"
	case "SERVICE_FORBIDDEN", "SERVICE_FORBIDDEN_CONTENT_BLOCKED", "SERVICE_ACCESS_CONTROL_RESTRICTED", "PARTNER_BLOCKED":
		class, hint = fault.Permission, "the partner of MIVIDEO.kaltura_partner_id may not list media: ask its administrator, and for the administrator secret"
	case "SERVICE_DOES_NOT_EXISTS", "ACTION_DOES_NOT_EXISTS", "SERVICE_NOT_SPECIFIED":
		class, hint = fault.Config, "check MIVIDEO.kaltura_url: there is no Kaltura API"
	}
	return fault.New(class, hint, fmt.Errorf("Kaltura: %w", e))
}
