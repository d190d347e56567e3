// Package university is the model behind the simulated university: who teaches what,
// who is enrolled, what was clicked and what the warehouse knows about it.
//
// Everything is a pure function of the seed, the number of courses and the day. Nothing
// is stored per enrollment or per event: a course's seats, sections, activity and audit
// log are worked out from hashes when somebody asks, so that a campus of 20,000 courses
// needs a few megabytes and every server, test and truth table sees the same facts.
//
// A day's facts hold from its midnight (UTC) to the next: what changes "on" a day
// happened in the afternoon before.
package university
