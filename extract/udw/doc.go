// Package udw extracts sections from the Unizin Data Warehouse.
//
// The warehouse was a Redshift and is a PostgreSQL today. So queries go by the simple
// protocol, without prepared statements, and nothing is ever written. The settings that values are written by are set anew
// for each query, as far as the server knows them.
package udw
