package config

import (
	"bytes"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed env_schema.json
var schemaJSON []byte

// node is a part of the schema: what may stand at one place of the configuration.
type node map[string]any

type schema struct {
	root     node
	compiled *jsonschema.Schema
}

// theSchema parses the embedded schema, once. It panics if that is broken, which every test of
// this package would show.
var theSchema = sync.OnceValue(func() schema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic("env_schema.json: " + err.Error())
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("env_schema.json", doc); err != nil {
		panic("env_schema.json: " + err.Error())
	}
	compiled := c.MustCompile("env_schema.json")
	return schema{root: doc.(map[string]any), compiled: compiled}
})

// child returns what the schema says about a key, nil if it does not know it.
func (n node) child(key string) node {
	props, _ := n["properties"].(map[string]any)
	c, _ := props[key].(map[string]any)
	return c
}

// keys returns the known keys in alphabetical order.
func (n node) keys() []string {
	props, _ := n["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(props))
}

func (n node) is(typ string) bool { return n["type"] == typ }

func (n node) secret() bool { return n["writeOnly"] == true }

// at follows a path; the schema of a list's items stands for each of its items.
func (n node) at(path []string) node {
	for _, p := range path {
		if n.is("array") {
			n, _ = n["items"].(map[string]any)
			continue
		}
		n = n.child(p)
	}
	return n
}

// walk visits the keys below n, parents first.
func (n node) walk(path []string, visit func(path []string, n node)) {
	for _, k := range n.keys() {
		p := append(slices.Clone(path), k)
		visit(p, n.child(k))
		n.child(k).walk(p, visit)
	}
}

// places returns the dotted paths at which a key called name is known, in any case.
func (n node) places(name string) []string {
	var found []string
	n.walk(nil, func(path []string, _ node) {
		if strings.EqualFold(path[len(path)-1], name) {
			found = append(found, strings.Join(path, "."))
		}
	})
	return found
}

// defaults fills in what the schema has a default for and doc lacks, making sections that
// doc does not have.
func (n node) defaults(doc map[string]any) {
	for _, k := range n.keys() {
		c := n.child(k)
		if c.is("object") {
			sub, ok := doc[k].(map[string]any)
			if !ok {
				sub = map[string]any{}
				doc[k] = sub
			}
			c.defaults(sub)
			continue
		}
		if _, ok := doc[k]; ok {
			continue
		}
		if d, ok := c["default"]; ok {
			doc[k] = d
		}
	}
}
