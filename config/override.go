package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretVars names the variables for the files of secrets. The password needs the part's name before
// it, being a key of two.
var secretVars = map[string]string{
	"CANVAS.API_CLIENT_SECRET":    "API_CLIENT_SECRET_FILE",
	"CANVAS.CANVAS_TOKEN":         "CANVAS_TOKEN_FILE",
	"MIVIDEO.kaltura_user_secret": "KALTURA_USER_SECRET_FILE",
	"UDW.password":                "UDW_PASSWORD_FILE",
	"INVENTORY_DB.password":       "INVENTORY_DB_PASSWORD_FILE",
}

// document is a configuration on its way from text to Config.
type document struct {
	schema   schema
	tree     map[string]any
	origins  map[string]string // by path: the source, where it is not the file
	mistakes []Mistake
	warnings []string
	fileDir  string // folder of env.hjson
	workDir  string
	env      func(string) (string, bool)
}

func (d *document) mistake(path, format string, args ...any) {
	d.mistakes = append(d.mistakes, Mistake{Path: path, Text: fmt.Sprintf(format, args...), Origin: d.origin(path)})
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
			d.mistake(key, "the environment has both %s and %s_FILE: keep one of them", key, key)
			continue
		case byFile:
			d.origins[key] = "environment variable " + key + "_FILE"
			b, err := readLimited(absolute(d.workDir, file))
			if err != nil {
				d.mistake(key, "%v", err)
				continue
			}
			text = strings.TrimSpace(string(b))
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
	text = strings.TrimSpace(text)
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

// readSecrets takes the values of secrets from the files that the configuration or the environment
// names for them.
func (d *document) readSecrets() {
	d.schema.root.walk(nil, func(path []string, n node) {
		if !n.secret() {
			return
		}
		part, key := path[0], path[1]
		name := strings.Join(path, ".")
		section, ok := d.tree[part].(map[string]any)
		if _, exists := d.tree[part]; exists && !ok {
			return // validate reports it
		}
		file, at, base := "", "", d.fileDir
		for k, v := range section {
			if !strings.EqualFold(k, key+"_FILE") {
				continue
			}
			delete(section, k)
			at = part + "." + k
			if strings.HasPrefix(d.origin(part), "environment") {
				base = d.workDir
			}
			text, isText := v.(string)
			if !isText && v != nil {
				d.mistake(at, "want the name of a file, in quotes")
				return
			}
			if file = text; file != "" && !empty(section[key]) {
				d.mistake(at, "stands beside %s: keep one of them", key)
				return
			}
		}
		if v, ok := d.lookup(secretVars[name]); ok {
			file, at, base = v, name, d.workDir
			d.origins[name] = "environment variable " + secretVars[name]
		}
		if file == "" {
			return
		}
		secret, err := readSecret(absolute(base, file))
		if err != nil {
			d.mistake(at, "%v", err)
			return
		}
		if section == nil {
			section = map[string]any{}
			d.tree[part] = section
		}
		section[key] = secret
		if _, ok := d.origins[name]; !ok {
			d.origins[name] = "file " + absolute(base, file)
		}
	})
}

func readSecret(path string) (string, error) {
	b, err := readLimited(path)
	if err != nil {
		return "", err
	}
	s := strings.TrimRight(string(bytes.TrimPrefix(b, []byte("\ufeff"))), "\r\n")
	switch {
	case s == "":
		return "", fmt.Errorf("%s is empty", path)
	case strings.ContainsAny(s, "\r\n\x00"):
		return "", fmt.Errorf("%s holds more than one line", path)
	case badByte([]byte(s)) >= 0:
		return "", fmt.Errorf("%s is not text in UTF-8", path)
	}
	return s, nil
}

// maxFile is the size above which a file is no configuration, in bytes.
const maxFile = 1 << 20

// readLimited reads a small file; its errors name the file.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is a directory")}
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("larger than 1 MiB")}
	}
	return b, err
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func empty(v any) bool { return v == nil || v == "" }
