package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/tl-its-umich-edu/course-inventory/internal/near"
)

// validate holds doc against the schema and returns every mistake.
func validate(s schema, doc map[string]any) []Mistake {
	err := s.compiled.Validate(doc)
	if err == nil {
		return nil
	}
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return []Mistake{{Text: "does not fit the schema"}}
	}
	var list []Mistake
	var collect func(e *jsonschema.ValidationError)
	collect = func(e *jsonschema.ValidationError) {
		for _, c := range e.Causes {
			collect(c)
		}
		if len(e.Causes) == 0 {
			list = append(list, explain(s.root, doc, e)...)
		}
	}
	collect(ve)
	return list
}

const missing = "missing"

// explain puts one error of the validator into the words of this package.
func explain(root node, doc any, e *jsonschema.ValidationError) []Mistake {
	at := e.InstanceLocation
	path := dotted(root, at)
	n := root.at(at)
	got := shown(n, valueAt(doc, at))
	one := func(format string, args ...any) []Mistake {
		return []Mistake{{Path: path, Text: fmt.Sprintf(format, args...)}}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		var list []Mistake
		for _, key := range k.Missing {
			list = append(list, Mistake{Path: dotted(root, append(slices.Clone(at), key)), Text: missing})
		}
		return list
	case *kind.Type:
		hint := ""
		if n.is("string") && k.Got != "array" && k.Got != "object" {
			hint = ": put it in quotes"
		}
		return one("want %s, got %s%s%s", strings.Join(k.Want, " or "), k.Got, got, hint)
	case *kind.Enum:
		options := words(k.Want)
		hint := ""
		if s, ok := k.Got.(string); ok {
			if meant := near.Of(s, options); meant != "" {
				hint = ": did you mean " + meant + "?"
			}
		}
		return one("want one of %s, got%s%s", strings.Join(options, ", "), got, hint)
	case *kind.Minimum:
		return one("want at least %s, got%s", number(k.Want), got)
	case *kind.Maximum:
		return one("want at most %s, got%s", number(k.Want), got)
	case *kind.Pattern:
		examples, _ := n["examples"].([]any)
		return one("want the form %s, got%s", strings.Join(words(examples), " or "), got)
	case *kind.MinItems:
		return one("want at least %d in the list, got %d", k.Want, k.Got)
	default:
		return one("does not fit %s in the schema", strings.Join(k.KeywordPath(), "/"))
	}
}

// shown returns a space and the value for an error: plain values only, and no secrets. Objects and
// what stands in the place of one can hold secrets.
func shown(n node, v any) string {
	if n == nil || n.secret() {
		return ""
	}
	switch v := v.(type) {
	case string:
		if n.is("object") || strings.Contains(v, "@") {
			return ""
		}
		return " " + show(v)
	case bool, json.Number:
		return fmt.Sprintf(" %v", v)
	default:
		return ""
	}
}

// words lists the options of an enumeration; true and "true" read the same.
func words(options []any) []string {
	var list []string
	for _, o := range options {
		if w := fmt.Sprint(o); !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.RatString()
	}
	f, _ := r.Float64()
	return fmt.Sprint(f)
}

func valueAt(v any, path []string) any {
	for _, p := range path {
		switch c := v.(type) {
		case map[string]any:
			v = c[p]
		case []any:
			var i int
			if _, err := fmt.Sscanf(p, "%d", &i); err != nil || i < 0 || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}
