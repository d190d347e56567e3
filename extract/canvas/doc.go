// Package canvas extracts terms, accounts, courses, their audit events, activity, enrollments and navigation from Canvas LMS.
//
// Terms, accounts and courses are asked of the API gateway where the configuration has
// one, all else of Canvas itself. Which courses are looked at more closely follows from the
// course listing, which is read once per run and shared by the tables that need it, while it is being read.
//
// Tables of courses begin with what the snapshot of an earlier day knows and ask for the rest; a course that cannot be read
// is missing, see [missing]. docs/canvas.md tells the whole story, with figures.
package canvas
