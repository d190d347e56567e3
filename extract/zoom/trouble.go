package zoom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// step is a part of the way that cannot be taken twice with the same launch.
type step int

const (
	onPage step = iota // Canvas' page behind the link
	inZoom             // the form's way to Zoom
	inList             // the session's lists
)

// stopped is the end of one launch.
type stopped struct {
	err   error
	at    step
	final bool // another launch would end in the same way
}

func (s *stopped) Error() string { return s.err.Error() }
func (s *stopped) Unwrap() error { return s.err }

// closed says why a tab cannot be followed, for a reason that lies with its course or tool.
type closed struct {
	why    string
	denied bool // for want of a right
}

func (c *closed) Error() string { return c.why }

// never is the end of a launch that has no hope.
func never(why string) error { return &stopped{err: &closed{why: why}, final: true} }

// refused is the end of a launch that was refused with a status from 400 to 499.
func refused(what string, err error) error {
	status := rest.StatusOf(err)
	denied := status == http.StatusUnauthorized || status == http.StatusForbidden
	return &stopped{err: &closed{why: fmt.Sprintf("%s: status %d %s", what, status, http.StatusText(status)), denied: denied}, final: true}
}

// again is the end of a launch in that step, after which another one may get further. Errors that
// a launch cannot mend stay what they are.
func again(at step, err error) error {
	var s *stopped
	if errors.As(err, &s) {
		return &stopped{err: s.err, at: at}
	}
	if class := fault.ClassOf(err); class != fault.Unavailable && class != fault.Data {
		return err
	}
	return &stopped{err: err, at: at}
}

// odd tells whether the server answered in a form that it is not known to use, for whatever reason.
func odd(err error) bool {
	var shape *rest.ShapeError
	return errors.As(err, &shape)
}

// page is HTML where JSON was to be expected.
type page struct{ bytes int }

func (p *page) Error() string {
	return fmt.Sprintf("a page of HTML (%d bytes) instead of JSON", p.bytes)
}

func isPage(err error) bool {
	var p *page
	return errors.As(err, &p)
}

// decode reads JSON. Errors show nothing of it.
func decode(body []byte, into any) error {
	if trimmed := bytes.TrimSpace(body); bytes.HasPrefix(trimmed, []byte("<")) {
		return &page{len(body)}
	}
	err := json.Unmarshal(body, into)
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typ):
		return rest.Shapef("%s: %s is of the wrong type", typ.Field, typ.Value)
	case json.Valid(body):
		return rest.Shapef("the answer has another form: %s", rest.Clean(err.Error(), ""))
	}
	return fmt.Errorf("answer of %d bytes is not whole JSON", len(body))
}

// shape says what is odd about such an answer.
func shape(err error) string {
	var s *rest.ShapeError
	if !errors.As(err, &s) {
		return ""
	}
	return s.What
}
