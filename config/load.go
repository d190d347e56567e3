package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/near"
)

// Source says where to look for the configuration. Its zero value means the process's own
// environment and working directory.
type Source struct {
	Path      string                      // the file, from --config; empty for ENV_DIR and ENV_FILE
	LookupEnv func(string) (string, bool) // default os.LookupEnv
	Dir       string                      // where relative paths begin; default the working directory

	// Needs returns the parts that a program needs for these jobs, of which some may not exist. What the parts lack is then a
	// mistake as all others; without it, [Config.Require] finds that out. May be nil.
	Needs func(jobs []string) []string
}

// Load reads, completes and checks the configuration. Its errors have class fault.Config; wrong
// values come all together in one [Mistakes].
func Load(src Source) (*Config, error) {
	if src.LookupEnv == nil {
		src.LookupEnv = os.LookupEnv
	}
	if src.Dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, fmt.Errorf("working directory: %w", err)
		}
		src.Dir = dir
	}
	path := src.file()
	full := absolute(src.Dir, path)
	text, err := readLimited(full)
	if err != nil {
		return nil, unreadable(path, err)
	}
	tree, err := parse(text)
	if err != nil {
		hint := ""
		if errors.As(err, new(syntaxTrouble)) {
			hint = trap
		}
		return nil, fault.New(fault.Config, hint, &Mistakes{File: path, List: []Mistake{{Text: err.Error()}}})
	}
	d := &document{
		schema:  theSchema(),
		tree:    tree,
		origins: map[string]string{},
		fileDir: filepath.Dir(full),
		workDir: src.Dir,
		env:     src.LookupEnv,
	}
	cfg := d.config()
	cfg.Path = path
	if src.Needs != nil {
		parts := src.Needs(cfg.JobNames)
		for _, m := range append(cfg.lacks(parts), cfg.unreadableFiles(parts)...) {
			if !d.mistaken(m.Path) {
				d.mistakes = append(d.mistakes, m)
			}
		}
	}
	if len(d.mistakes)+len(d.warnings) == 0 {
		return cfg, nil
	}
	lines := linesOf(d.schema.root, text)
	if len(d.mistakes) > 0 {
		// What is only odd is told as well: an unknown key may be why another one is missing.
		return nil, fault.New(fault.Config, "config/env_blank.hjson explains every key.",
			&Mistakes{File: path, List: sorted(append(d.mistakes, d.warnings...), lines)})
	}
	for _, w := range sorted(d.warnings, lines) {
		cfg.Warnings = append(cfg.Warnings, w.String())
	}
	return cfg, nil
}

// file returns the path of the configuration as the operator would write it.
func (src Source) file() string {
	if src.Path != "" {
		return src.Path
	}
	get := func(name, otherwise string) string {
		if v, ok := src.LookupEnv(name); ok && v != "" {
			return v
		}
		return otherwise
	}
	return absolute(get("ENV_DIR", filepath.Join("config", "secrets")), get("ENV_FILE", "env.hjson"))
}

func unreadable(path string, err error) error {
	hint := "Check the path and its permissions, or name another file with --config."
	if errors.Is(err, fs.ErrNotExist) {
		hint = fmt.Sprintf("Make one with `cp config/env_blank.hjson %s` and fill it in, or say where it is: "+
			"--config FILE, or the environment variables ENV_DIR and ENV_FILE.", path)
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fault.New(fault.Config, hint, fmt.Errorf("configuration file %s: %w", path, err))
}

// config turns the parsed text into a Config, collecting mistakes and warnings on the way.
func (d *document) config() *Config {
	d.overrideKeys()
	d.readSecrets()
	d.trim()
	tidy(d.schema.root, d.tree)
	for _, m := range validate(d.schema, d.tree) {
		if m.Text == missing {
			if d.mistaken(m.Path) {
				continue // it was there, and could not be read
			}
			m.Text = lacking(d.schema.root, m.Path)
		}
		m.Origin = d.origin(m.Path)
		d.mistakes = append(d.mistakes, m)
	}
	d.warn(d.schema.root, d.tree, nil)
	d.warnOfVariables()
	given := givenIn(d.schema.root, d.tree)
	d.schema.root.defaults(d.tree)
	cfg := d.decode()
	cfg.given = given
	cfg.redacted = redact(d.schema.root, d.tree)
	cfg.origins = d.origins
	return cfg
}

// tidy drops what counts as not given and brings names that may be in any case into upper case.
func tidy(n node, tree map[string]any) {
	for _, k := range n.keys() {
		c := n.child(k)
		switch v := tree[k].(type) {
		case nil:
			delete(tree, k)
		case string:
			if v == "" {
				delete(tree, k)
			} else if k == "LOG_LEVEL" {
				tree[k] = strings.ToUpper(v)
			}
		case map[string]any:
			tidy(c, v)
		case []any:
			for i := range v {
				if s, ok := v[i].(string); ok && k == "JOB_NAMES" {
					v[i] = strings.ToUpper(strings.TrimSpace(s))
				}
			}
		}
	}
}

// warn reports unknown keys and texts that look as if they had swallowed their neighbours.
func (d *document) warn(n node, tree map[string]any, path []string) {
	for _, k := range sortedKeys(tree) {
		at := append(path[:len(path):len(path)], k)
		c := n.child(k)
		if c == nil {
			d.odd(dotted(d.schema.root, at), "%s", d.unknown(n, at))
			continue
		}
		switch v := tree[k].(type) {
		case map[string]any:
			if c.is("object") { // else validate reports it
				d.warn(c, v, at)
			}
		case string:
			if d.origin(strings.Join(at, ".")) != "" {
				continue
			}
			if strings.HasSuffix(v, ",") || strings.Contains(v, " #") || strings.Contains(v, " //") {
				d.odd(dotted(d.schema.root, at), "ends in a comma or holds a comment: a text without quotes takes the rest of its line with it")
			}
		}
	}
}

func (d *document) unknown(n node, at []string) string {
	key := at[len(at)-1]
	msg := "unknown key, ignored"
	if meant := near.Of(key, n.keys()); meant != "" {
		return msg + ": did you mean " + meant + "?"
	}
	if places := d.schema.root.places(key); len(places) > 0 {
		return msg + ": its place is " + strings.Join(places, " or ")
	}
	return msg
}
