package kaltura

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// params are the parameters of a call: text, numbers, booleans and further params.
type params map[string]any

// readParams collects the parameters from the body, the path and the query, each winning
// over those before.
func readParams(r *http.Request) (params, error) {
	p := params{}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	switch kind := r.Header.Get("Content-Type"); {
	case kind == "application/json":
		if body = bytes.TrimSpace(body); len(body) > 1 && body[0] == '{' && body[len(body)-1] == '}' {
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.UseNumber()
			if err := dec.Decode(&p); err != nil {
				p = params{}
			}
		}
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		values, err := url.ParseQuery(string(body))
		if err == nil {
			p.addForm(values)
		}
	}
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/api_v3"), "/"), "/")
	for i := 0; i+1 < len(parts); i += 2 {
		p.set(parts[i], parts[i+1])
	}
	p.addForm(r.URL.Query())
	return p, nil
}

func (p params) addForm(values url.Values) {
	for key, v := range values {
		p.set(key, v[len(v)-1])
	}
}

// set puts a value at a path whose steps are separated by colons.
func (p params) set(path, value string) {
	for {
		head, rest, nested := strings.Cut(path, ":")
		if !nested {
			p[head] = value
			return
		}
		next := p.sub(head)
		if next == nil {
			next = params{}
			p[head] = map[string]any(next)
		}
		p, path = next, rest
	}
}

// sub returns nested parameters, or nil.
func (p params) sub(name string) params {
	m, _ := p[name].(map[string]any)
	return m
}

// text returns a parameter as text; null and absent are empty.
func (p params) text(name string) string {
	switch v := p[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return ""
}

// integer reads a parameter as the server casts it: 500, "500" and "500.0" are all 500,
// text that begins with no digit is 0. ok is false where nothing was given.
func (p params) integer(name string) (n int64, ok bool) {
	text := strings.TrimSpace(p.text(name))
	if text == "" {
		return 0, false
	}
	end := len(text)
	for i, c := range text {
		if (c < '0' || c > '9') && (i > 0 || c != '-' && c != '+') {
			end = i
			break
		}
	}
	n, _ = strconv.ParseInt(text[:end], 10, 64)
	return n, true
}
