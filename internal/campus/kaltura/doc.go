// Package kaltura simulates Kaltura's API v3 as far as a reader of media entries meets it:
// session.start, media.list, media.count and system.ping.
//
// It keeps to the server's odd manners: errors arrive with HTTP 200; a JSON body counts only
// if the Content-Type is exactly application/json, otherwise form fields with colons are read;
// parameters in the URL win; numbers may be given as text; small times are relative to now; lists
// end at the ten-thousandth match; entries created in the same second come in an order
// that differs from one request to the next.
//
// A filter that the simulation does not know is refused with SIMULATION_UNSUPPORTED instead
// of being ignored, as the real server would, so that no test passes by accident.
package kaltura
