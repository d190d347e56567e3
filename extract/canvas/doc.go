// Package canvas extracts terms, accounts, courses, their audit events, activity and enrollments from Canvas LMS.
//
// Terms, accounts and courses are asked of the API gateway where the configuration has
// one, all else of Canvas itself. Which courses are looked at more closely follows from the
// course listing, which is fetched once per run and shared by the tables that need it.
package canvas
