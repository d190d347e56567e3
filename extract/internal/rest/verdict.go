package rest

import "github.com/tl-its-umich-edu/course-inventory/internal/fault"

// Action is what to do after an answer.
type Action int

// The actions.
const (
	Accept Action = iota // decode the body
	Again                // passing trouble: try again while attempts last
	Slow                 // refused by a rate limit: hold back, then send the same again
	Renew                // the credential is no longer good: get another one, once
	Refuse               // trying again cannot help
)

// Verdict is what an answer means.
type Verdict struct {
	Action Action
	Class  fault.Class // of the error, for Refuse, and for Renew where no other credential can be had
	Hint   string      // the remedy
	Single bool        // of Refuse: it is about what was asked for; the credential is good for other requests
}

// Classify judges an answer.
type Classify func(a Answer) Verdict
