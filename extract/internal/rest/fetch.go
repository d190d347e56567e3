package rest

import (
	"context"
	"errors"
)

// Fetch sends a request and hands the whole answer to accept, for answers that are not JSON. An error of accept
// counts like a torn answer: the request is sent again while attempts last.
func Fetch(ctx context.Context, c *Client, r Request, accept func(Answer) error) error {
	return c.do(ctx, r, accept)
}

// Redirected tells where a redirect that was not followed, because it leaves the client's server, wanted to go: scheme and host.
func Redirected(err error) (origin string, ok bool) {
	var e errRedirect
	ok = errors.As(err, &e)
	return e.host, ok
}

// StatusOf returns the status of an answer that was not accepted, 0 for every other error.
func StatusOf(err error) int {
	var e *StatusError
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}
