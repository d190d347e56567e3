package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// secretVars names the variables for the files of secrets. Where the key alone would say too little, the
// part's name stands before it.
var secretVars = map[string]string{
	"CANVAS.API_CLIENT_SECRET":    "API_CLIENT_SECRET_FILE",
	"CANVAS.CANVAS_TOKEN":         "CANVAS_TOKEN_FILE",
	"MIVIDEO.kaltura_user_secret": "KALTURA_USER_SECRET_FILE",
	"UDW.password":                "UDW_PASSWORD_FILE",
	"INVENTORY_DB.password":       "INVENTORY_DB_PASSWORD_FILE",
	"LINEAGE.api_key":             "LINEAGE_API_KEY_FILE",
	"ALERT.webhook":               "ALERT_WEBHOOK_FILE",
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
		switch {
		case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(file, `/\`):
			// Perhaps no name but the secret itself, so it is not repeated.
			d.mistake(at, "no file of that name in %s", base)
			return
		case err != nil:
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
