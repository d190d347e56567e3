package bigquery

import (
	"encoding/json"
	"testing"
)

func TestExtract(t *testing.T) {
	const text = ` { "a" : {"b c":"x\"yé😀","n":-1.50e3 , "t":true,"z":null,"l":[1, [2,3] ,{"k":"v,]}"}]},"kaf:id":"12","e":"", "a":1} `
	for path, want := range map[string][2]any{ // scalar, anything
		"$":             {nil, text[1 : len(text)-1]},
		"$.a['b c']":    {`x"yé😀`, `"x\"yé😀"`},
		"$.a.n":         {"-1.50e3", "-1.50e3"},
		"$.a.t":         {"true", "true"},
		"$.a.z":         {nil, nil},
		"$.a.l":         {nil, `[1, [2,3] ,{"k":"v,]}"}]`},
		"$.a.l[0]":      {"1", "1"},
		"$.a.l[1][1]":   {"3", "3"},
		"$.a.l[2].k":    {"v,]}", `"v,]}"`},
		"$.a.l[3]":      {nil, nil},
		"$.a.l.k":       {nil, nil},
		"$.kaf:id":      {"12", `"12"`},
		"$['kaf:id'].x": {nil, nil},
		"$.e":           {"", `""`},
		"$.gone.deeper": {nil, nil},
	} {
		steps, ok := parsePath(path, true)
		if !ok {
			t.Fatalf("path %s", path)
		}
		if got := extract(text, steps, true); got != want[0] {
			t.Errorf("%s: scalar %v, want %v", path, got, want[0])
		}
		if got := extract(text, steps, false); got != want[1] {
			t.Errorf("%s: %v, want %v", path, got, want[1])
		}
		if got := extract(text[:len(text)-3], steps, false); got != nil {
			t.Errorf("%s of broken JSON: %v", path, got)
		}
	}
}

// FuzzExtract compares the walk over the text with a decoder's.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"c"}]}`, `[{"a":[ ]}]`, `{"a":"\u0041\\"}`, `{"a":[[],{},1 ]}`, `""`, `{"a":1e9}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := extract(text, []step{{key: "a"}, {index: 1}}, false)
		var v struct{ A []json.RawMessage }
		if err := json.Unmarshal([]byte(text), &v); err == nil && len(v.A) > 1 && got == nil && string(v.A[1]) != "null" {
			var exact map[string]json.RawMessage // struct fields match in any case
			if json.Unmarshal([]byte(text), &exact) == nil && exact["a"] != nil && len(exact) == 1 {
				t.Errorf("%s: nothing, want %s", text, v.A[1])
			}
		}
	})
}
