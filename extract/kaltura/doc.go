// Package kaltura extracts media entries from Kaltura's API v3, in JSON.
//
// Lists end at the ten-thousandth match, and entries created in the same second come in an order that changes
// from one request to the next. So pages are never asked for by number: each request begins at
// the last second seen and leaves out the entries of that second that are known already.
//
// Errors arrive with HTTP 200 and are told by their code. Only entries that are ready are listed, under the time
// they were created, so every interval reads the last days of the one before again.
package kaltura
