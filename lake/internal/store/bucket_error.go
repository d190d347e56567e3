package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"regexp"
	"strings"

	"gocloud.dev/gcerrors"
	"google.golang.org/api/googleapi"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// verb is what a call does: for some drivers that decides what an error means.
type verb int

const (
	reading verb = iota // an object, or deleting one
	writing
	listing
)

// explain gives an error of a driver its class and remedy, and a text of one line without credentials. Of the
// original nothing is left to unwrap, as its text may hold a URL with a signature; a missing object is [fs.ErrNotExist].
func (b Bucket) explain(v verb, err error) error {
	if b.missing(v, err) {
		return fmt.Errorf("%s: %w", detailOf(err), fs.ErrNotExist)
	}
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return err // the answer to Create
	}
	d := detailOf(err)
	class, hint := b.remedy(v, d, err)
	return fault.New(class, hint, &bucketError{b, d})
}

// missing tells a missing object from a missing bucket, which the drivers do not. Google's calls even a lack of rights so.
func (b Bucket) missing(v verb, err error) bool {
	d := detailOf(err)
	return v == reading && gcerrors.Code(err) == gcerrors.NotFound &&
		d.status != http.StatusForbidden && !noBucket[d.code] && !errors.As(err, new(*net.DNSError))
}

// bucketError is an error of a bucket with the text to show.
type bucketError struct {
	bucket Bucket
	detail
}

func (e *bucketError) Error() string {
	name := e.bucket.Scheme + "://" + e.bucket.Name
	if e.bucket.Scheme == "" {
		name = "bucket"
	}
	return name + ": " + e.detail.String()
}

// detail is what an error of a driver says that can be shown.
type detail struct {
	code   string // the store's own word, such as NoSuchBucket; may be empty
	status int    // of HTTP, if known
	text   string // one line
}

func (d detail) String() string {
	if d.code == "" || strings.Contains(d.text, d.code) {
		return d.text
	}
	return strings.TrimSpace(d.code + " " + d.text)
}

var (
	azureStatus  = regexp.MustCompile(`\nRESPONSE (\d+): (.*)\n`)
	azureCode    = regexp.MustCompile(`\nERROR CODE: (\w+)\n`)
	azureMessage = regexp.MustCompile(`<Message>([^<\n]*)`)
	s3Status     = regexp.MustCompile(`https response error StatusCode: (\d+)`)
)

// detailOf reads the errors of all drivers without importing one.
func detailOf(err error) detail {
	if err == nil {
		return detail{}
	}
	var d detail
	var google *googleapi.Error
	var network *net.OpError
	var api interface { // of Amazon's client
		error
		ErrorCode() string
		ErrorMessage() string
	}
	text := err.Error()
	switch azure := azureStatus.FindStringSubmatch(text); {
	case errors.As(err, &google):
		d.status, d.text = google.Code, fmt.Sprintf("HTTP status %d: %s", google.Code, google.Message)
		if len(google.Errors) > 0 {
			d.code = google.Errors[0].Reason
		}
	case errors.As(err, &api):
		d.code, d.text = api.ErrorCode(), api.ErrorMessage()
		if status := s3Status.FindStringSubmatch(text); status != nil {
			_, _ = fmt.Sscan(status[1], &d.status)
		}
	case azure != nil:
		_, _ = fmt.Sscan(azure[1], &d.status)
		d.text = "HTTP status " + azure[2]
		if code := azureCode.FindStringSubmatch(text); code != nil {
			d.code = code[1]
		}
		if message := azureMessage.FindStringSubmatch(text); message != nil {
			d.text = message[1]
		}
	case errors.As(err, &network):
		d.text = network.Error() // without the layers of clients around it
	default:
		d.text = text
	}
	if errors.Is(err, errNoAnswer) {
		d.text = errNoAnswer.Error() + ": " + d.text
	}
	d.text = Clean(d.text)
	return d
}

var (
	blanks  = regexp.MustCompile(`\s+`)
	queries = regexp.MustCompile(`(\w*://)(?:[^\s/"'@]*@)?([^\s"'?]*)\?[^\s"']*`)
	users   = regexp.MustCompile(`(\w*://)[^\s/"'@]*@`)
	secrets = regexp.MustCompile(`(?i)\b((?:\w*(?:secret|password|token|key|signature|credential))|sig)=[^\s&"';,]+`)
)

// Clean makes one line of a text and takes out what may be a credential: users and queries of URLs, values of telling names.
func Clean(text string) string {
	text = blanks.ReplaceAllString(strings.TrimSpace(text), " ")
	text = queries.ReplaceAllString(text, "$1$2")
	text = users.ReplaceAllString(text, "$1")
	return secrets.ReplaceAllString(text, "$1=…")
}
