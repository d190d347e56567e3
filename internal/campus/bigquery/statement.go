package bigquery

import "time"

// expr is a compiled expression.
type expr struct {
	kind      kind
	eval      func(*scope) any // nil is NULL
	constant  bool             // the same for every row
	literal   bool             // text that may become a time
	partition bool             // is event_time, or its date
	fails     bool             // evaluation may end in an error
	name      string           // what a result column is called without an alias
	agg       bool             // holds an aggregate
	plain     bool             // holds a column outside of any aggregate
	from, to  int              // its tokens
	bounds    []bound          // what it demands of event_time, if true
}

// bound is a limit of event_time, inclusive or not.
type bound struct {
	upper bool
	at    time.Time
}

// scope is what an expression is evaluated in.
type scope struct {
	row  *Event
	aggs []any
	json string // of the row, once it was needed
}

// item is a column of the result.
type item struct {
	name string
	expr
}

type order struct {
	expr
	descending bool
}

// statement is a compiled query.
type statement struct {
	table   *table
	items   []item
	where   *expr
	groups  []expr
	grouped bool
	aggs    []aggregate
	orders  []order
	limit   int // -1: none
	offset  int
	scanned map[string]int64 // bytes per row of the columns that are read
}

// bounded tells whether the query limits event_time.
func (st *statement) bounded() bool { return st.where != nil && len(st.where.bounds) > 0 }
