package kaltura

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
)

// field is a member of an object. A nil value is null: left out of JSON, empty in XML.
type field struct {
	name  string
	value any
}

// object is a Kaltura object; its members keep their order.
type object []field

// number turns digits into a JSON number; anything else stays text.
func number(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return text
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// appendJSON writes a value as JSON. With asText numbers become text, as some
// deployments send them.
func appendJSON(out []byte, v any, asText bool) []byte {
	switch v := v.(type) {
	case object:
		out = append(out, '{')
		first := true
		for _, f := range v {
			if f.value == nil {
				continue
			}
			if !first {
				out = append(out, ',')
			}
			first = false
			out = append(strconv.AppendQuote(out, f.name), ':')
			out = appendJSON(out, f.value, asText)
		}
		return append(out, '}')
	case []object:
		out = append(out, '[')
		for i, o := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendJSON(out, o, asText)
		}
		return append(out, ']')
	case int, int64:
		text := fmt.Sprint(v)
		if asText {
			return strconv.AppendQuote(out, text)
		}
		return append(out, text...)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // values are text, numbers and booleans
		}
		return append(out, text...)
	}
}

// appendXML writes a value as XML: every member is there, null ones are empty.
func appendXML(out *bytes.Buffer, v any) {
	switch v := v.(type) {
	case nil:
	case object:
		for _, f := range v {
			if f.value == nil {
				fmt.Fprintf(out, "<%s/>", f.name)
				continue
			}
			fmt.Fprintf(out, "<%s>", f.name)
			appendXML(out, f.value)
			fmt.Fprintf(out, "</%s>", f.name)
		}
	case []object:
		for _, o := range v {
			out.WriteString("<item>")
			appendXML(out, o)
			out.WriteString("</item>")
		}
	case bool:
		if v {
			out.WriteByte('1')
		} else {
			out.WriteByte('0')
		}
	default:
		_ = xml.EscapeText(out, []byte(fmt.Sprint(v))) // a bytes.Buffer takes everything
	}
}

// document wraps a result, or an error, in the whole XML answer.
func document(v any, isError bool) []byte {
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0" encoding="utf-8"?><xml><result>`)
	if isError {
		v = object{{"error", v}}
	}
	appendXML(&out, v)
	out.WriteString(`</result><executionTime>0.0123</executionTime></xml>`)
	return out.Bytes()
}
