// Package udw extracts sections from the Unizin Data Warehouse.
//
// The warehouse was a Redshift and is a PostgreSQL today. So queries go by the simple
// protocol, without prepared statements or settings that only one of them knows, and nothing is ever written.
package udw
