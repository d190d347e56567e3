// Package tally carries what a table's fetch tells about itself besides rows: requests, progress,
// notes. It travels in the context, so that a client shared by all tables of a run
// counts each request for the table it was made for.
package tally

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Book holds the tallies of one run, by table. Its zero value is ready for use.
type Book struct {
	mu     sync.Mutex
	tables map[string]*Table
}

// Table returns the tally of a table, a new one the first time.
func (b *Book) Table(name string) *Table {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tables == nil {
		b.tables = map[string]*Table{}
	}
	t := b.tables[name]
	if t == nil {
		t = &Table{}
		b.tables[name] = t
	}
	return t
}

// Requests returns the sum over all tables, those that the run does not write included.
func (b *Book) Requests() lake.Requests {
	b.mu.Lock()
	defer b.mu.Unlock()
	var sum lake.Requests
	for _, t := range b.tables {
		sum.Add(t.Snapshot().Requests)
	}
	return sum
}

// State is what a tally stands at.
type State struct {
	Requests    lake.Requests
	Done, Total int64 // units of work, such as courses; 0 of 0 where the table has none
	Notes       []string
	Counts      *lake.Counts
	Checks      []lake.Check
	AsOf        time.Time
	FromBefore  int       // answers that an interrupted run had got
	Oldest      time.Time // when the first of them came
	Carried     int64     // rows taken from the snapshot before
	Planned     int64     // requests that will have been sent in the end, as far as known; 0 if unknown
}

// Table is one table's tally. Its methods may be called by many goroutines.
type Table struct {
	mu       sync.Mutex
	state    State
	restarts int
	fields   fields
	unread   unread
	left     left
	onChange func()
}

// OnChange makes the tally call f after every change of its progress. It is set before the tally is used.
func (t *Table) OnChange(f func()) { t.onChange = f }

// Snapshot returns the present state.
func (t *Table) Snapshot() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.state
	s.Notes, s.Checks = slices.Clone(s.Notes), slices.Clone(s.Checks)
	t.unread.tell(&s)
	t.left.tell(&s)
	if s.Counts != nil {
		c := *s.Counts
		s.Counts = &c
	}
	return s
}

// Request counts a request sent; again says that the same one was sent before.
func (t *Table) Request(again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Requests.Total++
	if again || t.restarts > 1 {
		t.state.Requests.Retried++
	}
}

// Throttled counts a request that the source's rate limit refused.
func (t *Table) Throttled() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Requests.Throttled++
}

// Expect adds n units of work to do.
func (t *Table) Expect(n int) {
	t.mu.Lock()
	t.state.Total += int64(n)
	t.mu.Unlock()
	t.changed()
}

// Done adds n finished units of work.
func (t *Table) Done(n int) {
	t.mu.Lock()
	t.state.Done += int64(n)
	t.mu.Unlock()
	t.changed()
}

// Note adds a sentence that a reader of the table should know.
func (t *Table) Note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Notes = append(t.state.Notes, fmt.Sprintf(format, args...))
}

// Count adds to the numbers that the source announced and that were found.
func (t *Table) Count(expected, found int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state.Counts == nil {
		t.state.Counts = &lake.Counts{}
	}
	t.state.Counts.Expected += expected
	t.state.Counts.Found += found
}

// Check adds the result of a quality gate.
func (t *Table) Check(c lake.Check) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Checks = append(t.state.Checks, c)
}

// Recalled counts an answer that an interrupted run had got.
func (t *Table) Recalled(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state.FromBefore == 0 || at.Before(t.state.Oldest) {
		t.state.Oldest = at
	}
	t.state.FromBefore++
}

// Carry counts n rows taken from the snapshot before.
func (t *Table) Carry(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Carried += n
}

// Plan adds n requests that are to be sent, or takes some away that are not.
func (t *Table) Plan(n int) {
	t.mu.Lock()
	t.state.Planned += int64(n)
	t.mu.Unlock()
	t.changed()
}

// AsOf says when the source's data was current.
func (t *Table) AsOf(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.AsOf = at
}

// Restart forgets all but the requests: the table is read from its start. Requests after the
// second call count as repeated.
func (t *Table) Restart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restarts++
	t.state, t.unread, t.left = State{Requests: t.state.Requests}, unread{}, left{}
}

func (t *Table) changed() {
	if t.onChange != nil {
		t.onChange()
	}
}

type entry struct {
	book  *Book
	table *Table
}

type key struct{}

// With returns a context under which requests count for a table.
func With(ctx context.Context, b *Book, table string) context.Context {
	return context.WithValue(ctx, key{}, entry{b, b.Table(table)})
}

// For returns ctx with another table of the same run to count for: that of a fetch which
// several tables share.
func For(ctx context.Context, table string) context.Context {
	if e, ok := ctx.Value(key{}).(entry); ok {
		return With(ctx, e.book, table)
	}
	return ctx
}

// Of returns the tally to count for; outside a run, one that nobody reads.
func Of(ctx context.Context) *Table {
	if e, ok := ctx.Value(key{}).(entry); ok {
		return e.table
	}
	return &Table{}
}
