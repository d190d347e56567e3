package bigquery

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// result is what a query found. Rows that are not groups stay events until a page of
// them is asked for, so that a large result needs little memory.
type result struct {
	st   *statement
	rows []scope
}

// run evaluates a query over the events. Errors of evaluation are *problem.
func (st *statement) run(events []Event) (r *result, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *problem:
			r, err = nil, e
		default:
			panic(e)
		}
	}()
	r = &result{st: st}
	groups := map[string]int{}
	var tallies [][]tally
	for i := range events {
		s := scope{row: &events[i]}
		if st.where != nil && st.where.eval(&s) != true {
			continue
		}
		if !st.grouped {
			r.rows = append(r.rows, scope{row: s.row})
			continue
		}
		var key strings.Builder
		for _, g := range st.groups {
			fmt.Fprintf(&key, "%v\x00", g.eval(&s))
		}
		at, ok := groups[key.String()]
		if !ok {
			at = len(r.rows)
			groups[key.String()] = at
			r.rows = append(r.rows, scope{row: s.row})
			tallies = append(tallies, make([]tally, len(st.aggs)))
		}
		for j, a := range st.aggs {
			tallies[at][j].add(a, &s)
		}
	}
	if st.grouped && len(st.groups) == 0 && len(r.rows) == 0 {
		r.rows = append(r.rows, scope{row: &Event{}})
		tallies = append(tallies, make([]tally, len(st.aggs)))
	}
	for i := range tallies {
		for j, a := range st.aggs {
			r.rows[i].aggs = append(r.rows[i].aggs, tallies[i][j].result(a))
		}
	}
	r.sort()
	r.rows = r.rows[min(st.offset, len(r.rows)):]
	if st.limit >= 0 {
		r.rows = r.rows[:min(st.limit, len(r.rows))]
	}
	for i := range r.rows { // errors belong to the job, not to a page
		s := r.rows[i]
		for _, it := range st.items {
			if it.fails {
				it.eval(&s)
			}
		}
	}
	return r, nil
}

// sort orders the rows; NULL comes first.
func (r *result) sort() {
	if len(r.st.orders) == 0 {
		return
	}
	type keyed struct {
		keys []any
		row  scope
	}
	all := make([]keyed, len(r.rows))
	for i := range r.rows {
		all[i].row = r.rows[i]
		s := r.rows[i]
		for _, o := range r.st.orders {
			all[i].keys = append(all[i].keys, o.eval(&s))
		}
	}
	slices.SortStableFunc(all, func(x, y keyed) int {
		for i, o := range r.st.orders {
			a, b, c := x.keys[i], y.keys[i], 0
			switch {
			case a == nil && b == nil:
			case a == nil:
				c = -1
			case b == nil:
				c = 1
			default:
				c = compare(a, b)
			}
			if o.descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	for i := range all {
		r.rows[i] = all[i].row
	}
}

// schema describes the result.
func (st *statement) schema() map[string]any {
	fields := make([]map[string]any, len(st.items))
	for i, it := range st.items {
		fields[i] = schemaField(it.name, it.kind)
	}
	return map[string]any{"fields": fields}
}

// page returns rows as the API writes them: every cell is text or null.
func (r *result) page(from, to int, form timeForm) json.RawMessage {
	out := append(make([]byte, 0, 300*(to-from)), '[')
	for i := from; i < to; i++ {
		if i > from {
			out = append(out, ',')
		}
		s := r.rows[i] // a copy: what is worked out for a page is forgotten after it
		out = append(out, `{"f":[`...)
		for j, it := range r.st.items {
			if j > 0 {
				out = append(out, ',')
			}
			out = appendCell(out, it.eval(&s), it.kind, form)
		}
		out = append(out, "]}"...)
	}
	return append(out, ']')
}

func appendCell(out []byte, v any, k kind, form timeForm) []byte {
	out = append(out, `{"v":`...)
	switch v := v.(type) {
	case nil:
		out = append(out, "null"...)
	case []any:
		out = append(out, '[')
		for i, one := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendCell(out, one, kString, form)
		}
		out = append(out, ']')
	default:
		out = append(out, quoted(cellText(v, k, form))...)
	}
	return append(out, '}')
}

// bytes estimates what a query reads: every row of the columns it names, in a
// partitioned table only those of the days that it asks for.
func (st *statement) bytes(events []Event) int64 {
	var width, rows int64
	for _, n := range st.scanned {
		width += n
	}
	for i := range events {
		if st.table.partitioned && !st.touches(&events[i]) {
			continue
		}
		rows++
	}
	return rows * width
}

// touches tells whether an event lies in a partition that the query reads.
func (st *statement) touches(e *Event) bool {
	if st.where == nil {
		return true
	}
	day := e.Time.Truncate(units["DAY"])
	for _, b := range st.where.bounds {
		if b.upper && day.After(b.at) || !b.upper && !day.Add(units["DAY"]).After(b.at) {
			return false
		}
	}
	return true
}
