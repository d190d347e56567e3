// Package zoom extracts the past meetings of courses from Zoom's LTI tool.
//
// Zoom lets nobody ask for them by course. So every visible tab labelled Zoom in raw/canvas/tab is opened like a
// browser would do for the token's user:
//
//	Canvas: tab's launch URL (token) ──► single-use link ──► page with a signed form
//	Zoom:   form ──► page with session id (scid) and token, cookies ──► history, page by page
//
// Whatever fails between the link and the session has used the link up, so that the way begins again in Canvas. A tab
// that cannot be followed for reasons of its own is noted in the manifest and does not hide the others; servers that are
// down, or no tab that can be followed, fail the run.
//
// Names, topics and addresses, which the forms and lists hold, are neither kept nor logged.
package zoom
