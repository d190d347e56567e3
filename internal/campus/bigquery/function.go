package bigquery

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	one   = []kind{kString}
	two   = []kind{kString, kString}
	three = []kind{kString, kInt, kInt}
)

// functions are those that work on values alone.
var functions = map[string]function{
	"JSON_EXTRACT_SCALAR": {takes: two, optional: true, gives: kString},
	"JSON_VALUE":          {takes: two, optional: true, gives: kString},
	"JSON_EXTRACT":        {takes: two, optional: true, gives: kString},
	"JSON_QUERY":          {takes: two, optional: true, gives: kString},
	"REGEXP_EXTRACT":      {takes: two, gives: kString, f: regexpExtract},
	"REGEXP_CONTAINS":     {takes: two, gives: kBool, f: func(v []any) any { return pattern(v[1].(string)).MatchString(v[0].(string)) }},
	"STARTS_WITH":         {takes: two, gives: kBool, f: func(v []any) any { return strings.HasPrefix(v[0].(string), v[1].(string)) }},
	"ENDS_WITH":           {takes: two, gives: kBool, f: func(v []any) any { return strings.HasSuffix(v[0].(string), v[1].(string)) }},
	"CONCAT":              {takes: two, gives: kString, f: func(v []any) any { return v[0].(string) + v[1].(string) }},
	"LOWER":               {takes: one, gives: kString, f: func(v []any) any { return strings.ToLower(v[0].(string)) }},
	"UPPER":               {takes: one, gives: kString, f: func(v []any) any { return strings.ToUpper(v[0].(string)) }},
	"TRIM":                {takes: one, gives: kString, f: func(v []any) any { return strings.TrimSpace(v[0].(string)) }},
	"LENGTH":              {takes: one, gives: kInt, f: func(v []any) any { return int64(len([]rune(v[0].(string)))) }},
	"STRPOS":              {takes: two, gives: kInt, f: func(v []any) any { return int64(strings.Index(v[0].(string), v[1].(string)) + 1) }},
	"SUBSTR":              {takes: three, optional: true, gives: kString, f: substr},
	"SPLIT":               {takes: two, gives: kStrings, f: split},
	"ARRAY_REVERSE": {takes: []kind{kStrings}, gives: kStrings, f: func(v []any) any {
		out := slices.Clone(v[0].([]any))
		slices.Reverse(out)
		return out
	}},
	"ARRAY_LENGTH":     {takes: []kind{kStrings}, gives: kInt, f: func(v []any) any { return int64(len(v[0].([]any))) }},
	"UNIX_MICROS":      {takes: []kind{kTimestamp}, gives: kInt, f: func(v []any) any { return v[0].(time.Time).UnixMicro() }},
	"UNIX_SECONDS":     {takes: []kind{kTimestamp}, gives: kInt, f: func(v []any) any { return v[0].(time.Time).Unix() }},
	"TIMESTAMP_MICROS": {takes: []kind{kInt}, gives: kTimestamp, f: func(v []any) any { return time.UnixMicro(v[0].(int64)).UTC() }},
	"FORMAT_TIMESTAMP": {takes: []kind{kString, kTimestamp}, gives: kString, f: formatTime},
}

var patterns sync.Map // text to *regexp.Regexp

// pattern compiles a regular expression once.
func pattern(text string) *regexp.Regexp {
	if re, ok := patterns.Load(text); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		panic(invalid("Cannot parse regular expression: %s", err))
	}
	patterns.Store(text, re)
	return re
}

func regexpExtract(v []any) any {
	re := pattern(v[1].(string))
	if re.NumSubexp() > 1 {
		panic(invalid("Regular expressions passed into extraction functions must not have more than 1 capturing group"))
	}
	m := re.FindStringSubmatchIndex(v[0].(string))
	if m == nil {
		return nil
	}
	at := 2 * re.NumSubexp()
	if m[at] < 0 {
		return nil
	}
	return v[0].(string)[m[at]:m[at+1]]
}

// substr counts from 1; a position below zero counts from the end.
func substr(v []any) any {
	s, at := []rune(v[0].(string)), int(v[1].(int64))
	if at < 0 {
		at = max(0, len(s)+at)
	} else {
		at = min(max(at-1, 0), len(s))
	}
	end := len(s)
	if len(v) == 3 {
		end = min(end, at+int(max(v[2].(int64), 0)))
	}
	return string(s[at:end])
}

func split(v []any) any {
	out := []any{}
	for part := range strings.SplitSeq(v[0].(string), v[1].(string)) {
		out = append(out, part)
	}
	return out
}

// formatTime knows the elements of time formats that stand for numbers.
func formatTime(v []any) any {
	t := v[1].(time.Time).UTC()
	layouts := map[byte]string{
		'F': "2006-01-02", 'T': "15:04:05", 'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'z': "-0700", 'Z': "UTC",
	}
	form := v[0].(string)
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' || i+1 == len(form) {
			b.WriteByte(form[i])
			continue
		}
		i++
		layout, ok := layouts[form[i]]
		switch {
		case form[i] == '%':
			b.WriteByte('%')
		case ok:
			b.WriteString(t.Format(layout))
		default:
			panic(invalid("The simulation has no time format element %%%c", form[i]))
		}
	}
	return b.String()
}
