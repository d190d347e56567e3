package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// document is a configuration on its way from text to Config.
type document struct {
	schema   schema
	tree     map[string]any
	origins  map[string]string // by path: the source, where it is not the file
	mistakes []Mistake
	warnings []Mistake
	fileDir  string // folder of env.hjson
	workDir  string
	env      func(string) (string, bool)
}

func (d *document) mistake(path, format string, args ...any) {
	d.mistakes = append(d.mistakes, Mistake{Path: path, Text: fmt.Sprintf(format, args...), Origin: d.origin(path)})
}

// odd notes what is no mistake.
func (d *document) odd(path, format string, args ...any) {
	d.warnings = append(d.warnings, Mistake{Path: path, Text: fmt.Sprintf(format, args...), Origin: d.origin(path)})
}

// mistaken tells whether there is a mistake at the path, in what it is part of, in its items or in the file of its secret.
func (d *document) mistaken(path string) bool {
	return slices.ContainsFunc(d.mistakes, func(m Mistake) bool {
		return m.Path == path || strings.HasPrefix(path, m.Path+".") || strings.HasPrefix(m.Path, path+"[") || strings.EqualFold(m.Path, path+"_FILE")
	})
}

// origin returns where the value at path comes from, "" for the file and for defaults.
func (d *document) origin(path string) string { return originOf(d.origins, path) }

func originOf(origins map[string]string, path string) string {
	for path != "" {
		if o, ok := origins[path]; ok {
			return o
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return ""
}

// lookup returns an environment variable, counting an empty one as absent.
func (d *document) lookup(name string) (string, bool) {
	v, ok := d.env(name)
	return v, ok && v != ""
}

// overrideKeys replaces top-level keys by environment variables.
func (d *document) overrideKeys() {
	for _, key := range d.schema.root.keys() {
		text, direct := d.lookup(key)
		file, byFile := d.lookup(key + "_FILE")
		switch {
		case direct && byFile:
			d.origins[key] = "environment"
			d.mistake(key, "both %s and %s_FILE are set: keep one of them", key, key)
			continue
		case byFile:
			d.origins[key] = "environment variable " + key + "_FILE"
			b, err := readLimited(absolute(d.workDir, file))
			if err != nil {
				d.mistake(key, "%v", err)
				continue
			}
			text = strings.TrimFunc(string(b), blank)
		case direct:
			d.origins[key] = "environment variable " + key
		default:
			continue
		}
		v, err := value(d.schema.root.child(key), text)
		if err != nil {
			d.mistake(key, "%v", err)
			delete(d.tree, key)
			continue
		}
		d.tree[key] = v
	}
}

// value reads the text of an environment variable as what the schema wants at n.
func value(n node, text string) (any, error) {
	text = strings.TrimFunc(text, blank)
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	err := dec.Decode(&v)
	if _, more := dec.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("text after the end of the value")
	}
	switch {
	case err == nil:
		v = plain(v)
		if _, isText := v.(string); isText || !n.is("string") {
			return v, nil
		}
		return text, nil // LOG_LEVEL=10 is as much a text as LOG_LEVEL=INFO
	case n.is("object") || strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{"):
		return nil, fmt.Errorf("not a JSON value: %s", jsonTrouble(err))
	case n.is("array"):
		var list []any
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		return list, nil
	case n.is("boolean") && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false")):
		return strings.EqualFold(text, "true"), nil
	default:
		return text, nil
	}
}

// jsonTrouble says where a JSON text breaks, without a character of it: it may hold passwords.
func jsonTrouble(err error) string {
	var se *json.SyntaxError
	switch {
	case errors.As(err, &se):
		return fmt.Sprintf("breaks at byte %d", se.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "ends too early"
	default:
		return "text after the end of the value"
	}
}
