package tally

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestObjects(t *testing.T) {
	f := func(name string, types ...string) lake.Field { return lake.Field{Name: name, Types: types} }
	for _, test := range []struct {
		text, within string
		want         []lake.Field
	}{
		{`[{"id":1,"name":null},{"id":"2","tags":[],"at":{},"on":true}]`, "", []lake.Field{
			f("at", "object"), f("id", "number", "string"), f("name"), f("on", "boolean"), f("tags", "array")}},
		{` {"id":-1}`, "", []lake.Field{f("id", "number")}},
		{`{"events":[{"a":1}],"links":{"b":2}}`, "events", []lake.Field{f("a", "number")}},
		{`{"result":{"list":[{"a":"x"}]}}`, "result.list", []lake.Field{f("a", "string")}},
		{`{"result":null}`, "result.list", nil},
		{`[]`, "", nil},
		{`[1,2]`, "", nil},
		{`null`, "", nil},
		{`torn`, "", nil},
		{`[]`, "events", nil},
	} {
		var table Table
		table.Objects([]byte(test.text), test.within)
		if diff := cmp.Diff(test.want, table.Fields()); diff != "" {
			t.Errorf("%s in %s (-want +got):\n%s", test.within, test.text, diff)
		}
	}
}
