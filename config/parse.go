package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hjson/hjson-go/v4"
)

// syntaxTrouble is a mistake in the braces, quotes and commas of HJSON.
type syntaxTrouble string

func (s syntaxTrouble) Error() string { return string(s) }

// trap is what most syntax mistakes in HJSON come from.
const trap = "A text without quotes takes the rest of its line with it, commas, braces and comments included: " +
	"put quotes around it, and check that braces and quotes come in pairs."

// parse reads HJSON. Its errors give line and column and repeat nothing of the text, which may
// be a secret.
func parse(text []byte) (map[string]any, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if i := badByte(text); i >= 0 {
		return nil, fmt.Errorf("line %d: not text in UTF-8", 1+bytes.Count(text[:i], []byte("\n")))
	}
	var root *hjson.OrderedMap
	opts := hjson.DefaultDecoderOptions()
	opts.UseJSONNumber = true
	opts.DisallowDuplicateKeys = true
	if err := hjson.UnmarshalWithOptions(text, &root, opts); err != nil {
		return nil, syntaxError(err)
	}
	return plain(root).(map[string]any), nil
}

func badByte(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

var (
	placed    = regexp.MustCompile(`(?s)^(.*?) at line (\d+),(\d+) >>> `)
	duplicate = regexp.MustCompile(`(?s)^Found duplicate values .* for key '(.*)' at line (\d+),\d+ >>> `)
)

// syntaxError rewrites a message of the parser, which quotes the line it stopped at and both
// values of a duplicate key.
func syntaxError(err error) error {
	msg := err.Error()
	if strings.HasPrefix(msg, "Found duplicate values") {
		if m := duplicate.FindStringSubmatch(msg); m != nil {
			return fmt.Errorf("near line %s: key %s stands twice in the same object", m[2], show(m[1]))
		}
		return errors.New("a key stands twice in the same object")
	}
	if strings.HasPrefix(msg, "Cannot unmarshal into") {
		return errors.New("want an object of keys and values")
	}
	if m := placed.FindStringSubmatch(msg); m != nil {
		line, _ := strconv.Atoi(m[2])
		if m[3] == "0" && line > 1 { // the parser stopped at the end of the line before
			return syntaxTrouble(fmt.Sprintf("line %d: %s", line-1, lowerFirst(m[1])))
		}
		return syntaxTrouble(fmt.Sprintf("line %d, column %s: %s", line, m[3], lowerFirst(m[1])))
	}
	return syntaxTrouble(lowerFirst(msg))
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// maxNumber is the length above which digits are taken for text: no number here needs more, and
// exact arithmetic on 1e999999999 would never end.
const maxNumber = 25

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,2})?$`)

// plain turns the parser's values into those of encoding/json. Numbers stay as written; what
// only looks like one (HJSON's parser lets "-" and "1." pass) becomes text.
func plain(v any) any {
	switch v := v.(type) {
	case *hjson.OrderedMap:
		m := make(map[string]any, len(v.Keys))
		for _, k := range v.Keys {
			m[k] = plain(v.Map[k])
		}
		return m
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case json.Number:
		if s := string(v); len(s) > maxNumber || !jsonNumber.MatchString(s) {
			return s
		}
		return v
	default:
		return v
	}
}
