// Package udp extracts the events of the Unizin Data Platform's event store from BigQuery.
//
// One query selects the starts of videos within an interval, event by event and without the persons. It reads either
// table of the store: events, where an event is one JSON text, or expanded, where it is nested columns. The
// interval is always a filter on event_time, the column that the tables are partitioned by.
//
// Google's client repeats some failures for as long as it is let, so every request goes through
// a [courier] that tries a bounded number of times, and a watchdog ends what stands still.
package udp
