package bigquery

import "strings"

// kind is a type of the SQL dialect.
type kind string

const (
	kString    kind = "STRING"
	kInt       kind = "INT64"
	kFloat     kind = "FLOAT64"
	kBool      kind = "BOOL"
	kTimestamp kind = "TIMESTAMP"
	kDatetime  kind = "DATETIME"
	kDate      kind = "DATE"
	kStrings   kind = "ARRAY<STRING>"
	kInts      kind = "ARRAY<INT64>"
	kNull      kind = "NULL"
)

// column is a column of a table, or a member of one: its path has a dot then.
type column struct {
	path  string
	kind  kind
	bytes int64 // about how much of it is read per row
	of    func(*Event) any
}

// table is what can be queried.
type table struct {
	name        string
	columns     []column
	partitioned bool // by event_time, and a filter on it is required
}

func fixed(s any) func(*Event) any { return func(*Event) any { return s } }

var shared = []column{
	{"id", kString, 38, func(e *Event) any { return e.ID }},
	{"type", kString, 12, func(e *Event) any { return e.Type }},
	{"action", kString, 10, func(e *Event) any { return e.Action }},
	{"event_time", kTimestamp, 8, func(e *Event) any { return e.Time }},
	{"store_time", kTimestamp, 8, func(e *Event) any { return e.Stored }},
	{"event", kString, 900, func(e *Event) any { return e.caliper() }},
}

// tables lists the tables of the event store by name.
func tables() map[string]*table {
	events := &table{name: "events", columns: append([]column{
		{"ed_app", kString, 64, func(e *Event) any { return e.EdApp }},
		{"course_offering_id", kString, 20, fixed(nil)},
		{"actor_id", kString, 60, func(e *Event) any { return e.actor() }},
		{"ucdm_course_offering_id", kString, 20, fixed(nil)},
		{"ucdm_actor_id", kString, 20, fixed(nil)},
	}, shared...)}
	expanded := &table{name: "expanded", partitioned: true, columns: append([]column{
		{"ed_app.id", kString, 64, func(e *Event) any { return e.EdApp }},
		{"ed_app.type", kString, 20, fixed("SoftwareApplication")},
		{"ed_app.json", kString, 120, func(e *Event) any { return e.app() }},
		{"actor.id", kString, 60, func(e *Event) any { return e.actor() }},
		{"actor.type", kString, 8, fixed("Person")},
		{"object.id", kString, 70, func(e *Event) any { return e.object() }},
		{"object.type", kString, 12, fixed("VideoObject")},
		{"object.extensions", kString, 40, (*Event).extensions},
		{"group.id", kString, 10, fixed(nil)},
		{"membership.id", kString, 10, fixed(nil)},
		{"extensions_json", kString, 10, fixed(nil)},
		{"federated_session_json", kString, 10, fixed(nil)},
	}, shared...)}
	return map[string]*table{events.name: events, expanded.name: expanded}
}

// find returns the column at a path; names ignore case.
func (t *table) find(path string) (column, bool) {
	for _, c := range t.columns {
		if strings.EqualFold(c.path, path) {
			return c, true
		}
	}
	return column{}, false
}

// holds tells whether a path names a column that has members.
func (t *table) holds(path string) bool {
	for _, c := range t.columns {
		if head, _, ok := strings.Cut(c.path, "."); ok && strings.EqualFold(head, path) {
			return true
		}
	}
	return false
}

// schema describes the table as tables.get does.
func (t *table) schema() map[string]any {
	fields, at := []map[string]any{}, map[string]int{}
	for _, c := range t.columns {
		head, member, nested := strings.Cut(c.path, ".")
		if !nested {
			fields = append(fields, schemaField(c.path, c.kind))
			continue
		}
		i, ok := at[head]
		if !ok {
			i = len(fields)
			at[head] = i
			fields = append(fields, map[string]any{"name": head, "type": "RECORD", "mode": "NULLABLE", "fields": []map[string]any{}})
		}
		fields[i]["fields"] = append(fields[i]["fields"].([]map[string]any), schemaField(member, c.kind))
	}
	return map[string]any{"fields": fields}
}

// schemaField names a type as schemas do, which use the older words.
func schemaField(name string, k kind) map[string]any {
	mode := "NULLABLE"
	if k == kStrings || k == kInts {
		mode = "REPEATED"
	}
	old := map[kind]string{kInt: "INTEGER", kFloat: "FLOAT", kBool: "BOOLEAN", kStrings: "STRING", kInts: "INTEGER", kNull: "INTEGER"}
	word, ok := old[k]
	if !ok {
		word = string(k)
	}
	return map[string]any{"name": name, "type": word, "mode": mode}
}
