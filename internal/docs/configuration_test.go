package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// property is a key of env_schema.json.
type property struct {
	Description string          `json:"description"`
	Type        any             `json:"type"`
	Enum        []any           `json:"enum"`
	Default     json.RawMessage `json:"default"`
	Minimum     *json.Number    `json:"minimum"`
	Maximum     *json.Number    `json:"maximum"`
	Secret      bool            `json:"writeOnly"`
	Properties  ordered         `json:"properties"`
}

// ordered are properties in the order of the file.
type ordered []named

type named struct {
	name string
	property
}

// UnmarshalJSON keeps the order.
func (o *ordered) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var p property
		if err := d.Decode(&p); err != nil {
			return err
		}
		*o = append(*o, named{name.(string), p})
	}
	return nil
}

// TestConfiguration writes the table of all keys from the schema.
func TestConfiguration(t *testing.T) {
	text, err := os.ReadFile("../../config/env_schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root property
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	const head = "| key | type | default | meaning |\n|---|---|---|---|\n"
	b.WriteString(head)
	for _, p := range root.Properties {
		if len(p.Properties) == 0 {
			b.WriteString(line(p, p.name))
		}
	}
	for _, p := range root.Properties {
		if len(p.Properties) > 0 {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n\n%s", p.name, p.Description, head)
			for _, key := range p.Properties {
				b.WriteString(lines(key, key.name))
			}
		}
	}
	generated(t, "../../docs/configuration.md", "keys", b.String())
}

// lines returns the line of a key, or those of the keys below it.
func lines(p named, path string) string {
	if len(p.Properties) == 0 {
		return line(p, path)
	}
	var b strings.Builder
	for _, key := range p.Properties {
		b.WriteString(lines(key, path+"."+key.name))
	}
	return b.String()
}

func line(p named, path string) string {
	kind := fmt.Sprint(p.Type)
	if several, ok := p.Type.([]any); ok {
		kind = strings.Trim(fmt.Sprint(several), "[]")
		kind = strings.ReplaceAll(kind, " ", " or ")
	}
	switch {
	case p.Secret:
		kind = "secret"
	case p.Minimum != nil && p.Maximum != nil && len(p.Maximum.String()) < 10:
		kind += fmt.Sprintf(", %s to %s", p.Minimum, p.Maximum)
	case len(p.Enum) > 0 && len(p.Enum) < 7:
		var all []string
		for _, e := range p.Enum {
			if text, ok := e.(string); ok {
				all = append(all, text)
			}
		}
		kind = strings.Join(all, ", ")
	}
	value := ""
	if p.Default != nil {
		value = "`" + strings.Join(strings.Fields(string(p.Default)), " ") + "`"
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", path, cell(kind), cell(value), cell(p.Description))
}
