package doctorcmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// clockSlack is how far clocks should be apart at most: beyond it tokens and certificates begin to fail. An extract refuses what
// [clock.Own] does. The Date of an answer has whole seconds.
const clockSlack = time.Minute

// reachable asks a server for its front page, without credentials, and compares clocks. What the page says does not matter.
func reachable(ctx context.Context, b base, own clock.Own) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, b.url+"/", nil)
	if err != nil {
		return "", fault.New(fault.Config, "set "+b.key+" to a URL such as https://host", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	asked, began := own.Time(), time.Now()
	answer, err := client.Do(r)
	if err != nil {
		var about *url.Error
		if errors.As(err, &about) {
			err = about.Err // without the URL, which the name of the question tells
		}
		return "", fault.New(fault.Unavailable, "check "+b.key+", the network, proxies (HTTPS_PROXY) and certificates on the way", fmt.Errorf("%s: %w", b.url, err))
	}
	_ = answer.Body.Close()
	took := time.Since(began)
	if err := own.Answer(answer.Header, asked); err != nil {
		return "", fmt.Errorf("%s: %w", b.url, err)
	}
	if theirs, err := http.ParseTime(answer.Header.Get("Date")); err == nil && !own.Simulated {
		if skew := clock.Skew(theirs, asked, own.Time()); skew.Abs() > clockSlack {
			return "", checkup.Doubt("let this machine follow a time server", "its clock is %s from this machine's", skew.Round(time.Second))
		}
	}
	return fmt.Sprintf("%s answers in %d ms", b.url, took.Milliseconds()), nil
}
