// Package zoom simulates the pages of Zoom's LTI tool that show the meetings of a course.
//
// A launch signed by Canvas opens a page, whose script holds a session context id (scid)
// and the headers that later calls need; with those and the cookies of the launch the
// lists of meetings can be asked for, ten at a time, as JSON. Start times are text in the
// time zone that the caller names. Failures come with HTTP 200, in the shapes that were
// seen, for the courses that ask for them.
package zoom
