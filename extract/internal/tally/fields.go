package tally

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// fields are what a source was seen to have: the types of each name.
type fields map[string]map[string]bool

// Field says that the source has a field of a type; an empty type says that it may be anything.
func (t *Table) Field(name, typ string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.field(name, typ)
}

func (t *Table) field(name, typ string) {
	if t.fields == nil {
		t.fields = fields{}
	}
	types := t.fields[name]
	if types == nil {
		types = map[string]bool{}
		t.fields[name] = types
	}
	if typ != "" {
		types[typ] = true
	}
}

// Objects says what fields the objects of a JSON text have: those of an array, of the array under the
// names within (with dots between them), or the object itself. Anything else tells nothing.
func (t *Table) Objects(text []byte, within string) {
	for name := range strings.SplitSeq(within, ".") {
		var outer map[string]json.RawMessage
		if name == "" {
			break
		}
		if json.Unmarshal(text, &outer) != nil {
			return
		}
		text = outer[name]
	}
	var objects []map[string]json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		objects = make([]map[string]json.RawMessage, 1)
		if json.Unmarshal(text, &objects[0]) != nil {
			return
		}
	} else if json.Unmarshal(text, &objects) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range objects {
		for name, value := range o {
			t.field(name, jsonType(value))
		}
	}
}

func jsonType(value json.RawMessage) string {
	switch value[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return ""
	default:
		return "number"
	}
}

// Fields returns the fields seen, by name.
func (t *Table) Fields() []lake.Field {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []lake.Field
	for _, name := range slices.Sorted(maps.Keys(t.fields)) {
		list = append(list, lake.Field{Name: name, Types: slices.Sorted(maps.Keys(t.fields[name]))})
	}
	return list
}

// Fields returns the fields seen, by table.
func (b *Book) Fields() map[string][]lake.Field {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string][]lake.Field{}
	for name, t := range b.tables {
		if list := t.Fields(); len(list) > 0 {
			all[name] = list
		}
	}
	return all
}

// AddFields adds fields that an interrupted run saw.
func (b *Book) AddFields(all map[string][]lake.Field) {
	for name, list := range all {
		t := b.Table(name)
		for _, f := range list {
			t.Field(f.Name, "")
			for _, typ := range f.Types {
				t.Field(f.Name, typ)
			}
		}
	}
}
