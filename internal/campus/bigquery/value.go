package bigquery

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// Values are nil (NULL), string, int64, float64, bool, time.Time (of three kinds) and
// slices of values.

// compare orders two values of one kind.
func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return cmp.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case bool:
		return cmp.Compare(btoi(a), btoi(b.(bool)))
	default:
		return a.(time.Time).Compare(b.(time.Time))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var timeForms = []string{
	"2006-01-02 15:04:05.999999-07:00", "2006-01-02T15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999Z07:00",
	"2006-01-02 15:04:05.999999 UTC", "2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", "2006-01-02",
}

// parseTime reads a time of day as the service does: UTC where no zone is given.
func parseTime(s string) (time.Time, bool) {
	for _, form := range timeForms {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}

// convert turns a value into another kind. ok is false where that is an error.
func convert(v any, from, to kind) (out any, ok bool) {
	if v == nil || from == to {
		return v, true
	}
	switch to {
	case kString:
		return cellText(v, from, asText), true
	case kInt:
		switch v := v.(type) {
		case string:
			return parseInt(v)
		case float64:
			return int64(v + 0.5), true
		case bool:
			return int64(btoi(v)), true
		}
	case kFloat:
		switch v := v.(type) {
		case string:
			n, err := strconv.ParseFloat(v, 64)
			return n, err == nil
		case int64:
			return float64(v), true
		}
	case kBool:
		if s, text := v.(string); text {
			return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
		}
	case kTimestamp, kDatetime:
		if s, text := v.(string); text {
			return parsed(parseTime(s))
		}
		if t, is := v.(time.Time); is {
			return t, true
		}
	case kDate:
		if s, text := v.(string); text {
			t, fine := parseTime(s)
			return t.Truncate(24 * time.Hour), fine
		}
		if t, is := v.(time.Time); is {
			return t.Truncate(24 * time.Hour), true
		}
	}
	return nil, false
}

// parseInt reads digits with white space around and a sign before them, or 0x and
// hexadecimal digits.
func parseInt(s string) (any, bool) {
	s = strings.TrimSpace(s)
	if digits, hex := strings.CutPrefix(strings.ToLower(s), "0x"); hex {
		n, err := strconv.ParseInt(digits, 16, 64)
		return n, err == nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func parsed(t time.Time, ok bool) (any, bool) { return t, ok }

// timeForm says how timestamps are written.
type timeForm string

const (
	asSeconds timeForm = "FLOAT64"        // the default of the API
	asMicros  timeForm = "INT64"          //
	asISO     timeForm = "ISO8601_STRING" //
	asText    timeForm = "text"           // as CAST does
)

// cellText writes a value that is not NULL as the text of a cell.
func cellText(v any, k kind, form timeForm) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	t := v.(time.Time).UTC()
	switch {
	case k == kDate:
		return t.Format(time.DateOnly)
	case k == kDatetime:
		return t.Format("2006-01-02T15:04:05.999999")
	case form == asMicros:
		return strconv.FormatInt(t.UnixMicro(), 10)
	case form == asISO:
		return t.Format("2006-01-02T15:04:05.999999Z")
	case form == asText:
		return t.Format("2006-01-02 15:04:05.999999+00")
	}
	return seconds(t)
}

// seconds writes a timestamp as a floating point number of seconds, with an exponent: 1.588338E9.
func seconds(t time.Time) string {
	text := strconv.FormatFloat(float64(t.UnixMicro())/1e6, 'E', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exponent) // written above
	return mantissa + "E" + strconv.Itoa(n)
}
