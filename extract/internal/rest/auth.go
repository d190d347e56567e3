package rest

import (
	"context"
	"net/http"
)

// Auth puts credentials on requests.
type Auth interface {
	// Authorize sets the headers. An error with a class (fault.Error) is final, any other one is
	// tried again like a failed request.
	Authorize(ctx context.Context, r *http.Request) error
	// Renew drops the credential that r carried after the source refused it, and tells whether
	// the next Authorize can bring another one.
	Renew(r *http.Request) bool
}

// Bearer is an [Auth] with a token that stays the same.
type Bearer string

// Authorize sets the Authorization header.
func (b Bearer) Authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

// Renew reports that there is no other token.
func (Bearer) Renew(*http.Request) bool { return false }

// String hides the token.
func (Bearer) String() string { return "***" }

// GoString hides the token.
func (Bearer) GoString() string { return "***" }
