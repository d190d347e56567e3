// Package bigquery simulates the REST API of BigQuery over an event store of Caliper
// events: tables events (all columns flat, the whole event as JSON) and expanded (nested,
// partitioned by event_time, a filter on it required).
//
// Jobs can be inserted, run by jobs.query, asked for and cancelled; results come in pages of
// text cells. A dry run estimates the bytes, maximumBytesBilled is respected, and errors
// have the shapes and reasons of the real service. Nobody has to log in.
//
// Queries are read by a small interpreter: SELECT expressions FROM one table, WHERE, GROUP
// BY, ORDER BY and LIMIT, with named parameters and about forty functions. What it does not
// understand it refuses with invalidQuery and never guesses. As in the real service, a
// column of broken JSON yields NULL.
package bigquery
