// Package campus is a simulated university: a test double for the servers that
// course-inventory reads and that cannot be reached from a desk.
//
// It serves Canvas' REST and GraphQL interfaces, the API gateway in front of Canvas, Zoom's
// pages behind Canvas' launches, Kaltura's API and BigQuery's for the event store, and pours
// the warehouse's tables into a real PostgreSQL. What it tells comes from package
// [university], a pure function of a seed and a day; how it tells it (paging, limits,
// throttling, refusals) follows the real servers closely, including what is odd about them.
//
// # What a client may rely on
//
// In every profile the whole truth can be had:
//   - One request (the same method, path, query and body) on one day fails at most twice
//     by an injected fault; its third attempt succeeds.
//   - Refusals for going over the rate limit are not counted in that: they end when the
//     bucket has drained, at 10 units a second.
//   - Lists by page number may show a row on two pages; none is left out.
//   - In profile hostile, in two courses of three, every page but the first of a GraphQL
//     list of enrollments begins with the row that ended the page before and leaves out
//     its own first row: the number of rows stays the same, one came twice. The REST list
//     of the same enrollments is complete.
//   - In profile hostile the gateway's first token of a day stops working after five
//     requests; the next one is good. Asking for a token never fails.
//   - In profile hostile the first session of Kaltura that a day's list is asked with has
//     ended; the next one is good. Queries of the event store are not done at the first
//     answers, and their pages are small.
//   - Requests to Kaltura and BigQuery are told apart without the ids of sessions and jobs,
//     launches and pages of Zoom by their course.
//   - Statistics count requests as they arrive. A client that repeats a request by itself
//     after a torn connection, as Go's does, has used an attempt.
//
// Permanent trouble exists only where [Options] ask for it.
package campus
