package config

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/lakeurl"
)

// section reads the values of one object. What the schema has already refused reads as nothing.
type section struct {
	doc  *document
	tree map[string]any
	name string // with a dot at the end, empty at the top
}

func (d *document) section(name string, tree map[string]any) section {
	sub, _ := tree[name].(map[string]any)
	return section{doc: d, tree: sub, name: name + "."}
}

func (s section) text(key string) string {
	switch v := s.tree[key].(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}

func (s section) yes(key string) bool {
	v, _ := s.tree[key].(bool)
	return v
}

func (s section) integer(key string) int64 {
	i, _ := exact(s.tree[key])
	return i
}

func (s section) float(key string) float64 {
	n, _ := s.tree[key].(json.Number)
	f, _ := n.Float64()
	return f
}

func (s section) integers(key string) []int64 {
	list, _ := s.tree[key].([]any)
	var out []int64
	for _, v := range list {
		if i, ok := exact(v); ok {
			out = append(out, i)
		}
	}
	return out
}

func (s section) texts(key string) []string {
	list, _ := s.tree[key].([]any)
	var out []string
	for _, v := range list {
		if t, ok := v.(string); ok {
			out = append(out, t)
		}
	}
	return out
}

// exact reads an integer without going through a float: ids exceed 2^53.
func exact(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	if i, err := n.Int64(); err == nil {
		return i, true
	}
	r, ok := new(big.Rat).SetString(string(n)) // such as 1e3, which is an integer to the schema
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// port reads a port given as a number or, as the original wanted it, as a text.
func (s section) port(key string) int {
	text, ok := s.tree[key].(string)
	if !ok {
		return int(s.integer(key))
	}
	p, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || p < 1 || p > 65535 {
		s.doc.mistake(s.name+key, "want a port from 1 to 65535, got %s", show(text))
		return 0
	}
	return p
}

// url reads the base URL of an HTTP server and drops slashes at its end.
func (s section) url(key string) string {
	text := s.text(key)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "@"):
		s.doc.mistake(s.name+key, "a URL must not hold a user or password")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		s.doc.mistake(s.name+key, "want a URL that begins with https:// (or http://) and a host, got %s", show(text))
	case u.RawQuery != "" || u.Fragment != "":
		s.doc.mistake(s.name+key, "want a URL without ? and #, got %s", show(text))
	}
	return strings.TrimRight(text, "/")
}

// secretURL reads a URL whose path or query may hold a token. No message repeats any of it.
func (s section) secretURL(key string) Secret {
	text := s.text(key)
	if u, err := url.Parse(text); text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "") {
		s.doc.mistake(s.name+key, "want a URL that begins with https:// (or http://) and a host")
	}
	return Secret(text)
}

// bucket reads the URL of the lake; without one it is a folder below the working directory.
func (s section) bucket(key string) string {
	text := s.text(key)
	given := text != ""
	if !given {
		dir := filepath.ToSlash(filepath.Join(s.doc.workDir, "data", "lake"))
		text = (&url.URL{Scheme: "file", Path: dir}).String()
		if s.tree != nil {
			s.tree[key] = text
		}
	}
	_, err := lakeurl.Parse(text)
	switch {
	case err != nil && given && !strings.ContainsAny(text, "@?"): // what stands there may be a credential
		s.doc.mistake(s.name+key, "%v, got %s", err, show(text))
	case err != nil && given:
		s.doc.mistake(s.name+key, "%v", err)
	case err != nil:
		s.doc.mistake(s.name+key, "set it, or run in another directory: it is data/lake in the working directory, and %v", err)
	}
	return text
}

// timeForms are the ways to write a time, RFC 3339 first; without an offset it is UTC.
var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", time.DateOnly}

func (s section) time(key string) time.Time {
	text := s.text(key)
	if text == "" {
		return time.Time{}
	}
	for _, form := range timeForms {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC()
		}
	}
	s.doc.mistake(s.name+key, "want a time such as 2020-03-01T00:00:00+00:00, got %s", show(text))
	return time.Time{}
}

// unique keeps the first of equal values.
func unique[T comparable](list []T) []T {
	var out []T
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
