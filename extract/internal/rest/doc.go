// Package rest is the HTTP client of all sources.
//
// A request is only done when its whole answer has been read and decoded, so that a cut body, torn JSON
// or a page of HTML with status 200 is retried like a dropped connection. Whoever knows
// the source says in one function what an answer means ([Verdict]); this package does the rest:
//
//	Do ── tries up to Attempts times, with growing, jittered pauses
//	  └─ Limiter ── lets a request out; holds all back for a while after a refusal by a rate limit
//	       └─ Auth ── puts the credential on it
//	            └─ one HTTP exchange, with a deadline
//
// [Ask] and [Pages] remember what came, where the run has a memory (package memo): a request that an interrupted run has
// finished is not sent again.
//
// Every answer's Date is compared with this program's clock (package clock).
//
// All requests of this program are reads, GraphQL's POSTs included, so everything is safe to repeat.
//
// Error texts name the method, the path without its query, the status, and of an answer only the message that
// the API put into its JSON: a URL or a body may hold what must not be logged.
package rest
