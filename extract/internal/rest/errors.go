package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// StatusError is an answer that was not accepted.
type StatusError struct {
	Service, Method, Path string // Path without query
	Status                int
	Attempts              int    // how often the request was sent before this answer counted
	Message               string // what the API itself said, may be empty
	Single                bool   // as in its [Verdict]
	HTML                  bool   // it is a page: a proxy, a firewall or a web server speaks, not the API
	Later                 bool   // it is about a page of a listing whose earlier pages came
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s: %s %s: status %d %s", e.Service, e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Later {
		text += " for a later page of the list"
	}
	if e.Attempts > 1 {
		text += fmt.Sprintf(" after %d attempts", e.Attempts)
	}
	if e.Message != "" {
		text += ": " + e.Message
	} else if e.HTML {
		text += ": a page of HTML, not an answer of the API"
	}
	return strings.TrimSpace(text)
}

// NotFound reports whether err is the API's word that something does not exist: status 404, but neither that of a web server
// or proxy nor that for a later page of a listing.
func NotFound(err error) bool {
	var e *StatusError
	return errors.As(err, &e) && e.Status == http.StatusNotFound && !e.HTML && !e.Later
}

// ShapeError is an answer that is whole but not what the API is known to say: its JSON has another
// type somewhere, or lacks a field.
type ShapeError struct{ What string }

func (e *ShapeError) Error() string { return e.What }

// Shapef returns a [ShapeError].
func Shapef(format string, args ...any) error { return &ShapeError{fmt.Sprintf(format, args...)} }

// errRedirect is a redirect to where the credential must not go.
type errRedirect struct{ host string }

// errCircle is a chain of redirects without an end.
var errCircle = errors.New("too many redirects")

func (e errRedirect) Error() string { return "redirect to " + e.host + " refused" }

// cause strips the URL that net/http puts into its errors.
func cause(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

const maxMessage = 200 // bytes of an API's own words in an error

// message returns what a JSON error body says, or "" for every other body. The text
// never holds secret.
func message(body []byte, secret string) string {
	var doc struct {
		Message string `json:"message"`
		Errors  json.RawMessage
		Error   json.RawMessage // OAuth's code
	}
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	text := doc.Message
	if text == "" {
		var list []struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(doc.Errors, &list) == nil && len(list) > 0 {
			text = list[0].Message
		}
	}
	if text == "" && json.Unmarshal(doc.Error, &text) != nil {
		text = ""
	}
	return Clean(text, secret)
}

// Clean makes a text from outside fit for an error: one line, short, without secret.
func Clean(text, secret string) string {
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "***")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	text = strings.TrimSpace(text)
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}
