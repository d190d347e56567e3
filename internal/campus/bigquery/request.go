package bigquery

import (
	"encoding/json"
	"strconv"
	"strings"
)

// querySpec is what jobs.query and a job's configuration have in common.
type querySpec struct {
	Query              string
	UseLegacySQL       *bool `json:"useLegacySql"`
	ParameterMode      string
	QueryParameters    []queryParameter
	MaximumBytesBilled text
}

// queryParameter is one value as clients send it.
type queryParameter struct {
	Name          string
	ParameterType struct {
		Type      kind
		ArrayType struct{ Type kind }
	}
	ParameterValue struct {
		Value       *string
		ArrayValues []struct{ Value string }
	}
}

// queryRequest is the body of jobs.query.
type queryRequest struct {
	querySpec
	DryRun        bool
	MaxResults    *int
	RequestID     string `json:"requestId"`
	Location      string
	FormatOptions struct {
		UseInt64Timestamp     bool
		TimestampOutputFormat string
	}
}

// jobRequest is the body of jobs.insert.
type jobRequest struct {
	JobReference  struct{ ProjectID, JobID, Location string }
	Configuration struct {
		DryRun bool
		Query  *querySpec
	}
}

// text is a number that may have been sent as text.
type text string

// UnmarshalJSON takes both forms.
func (t *text) UnmarshalJSON(raw []byte) error {
	if string(raw) != "null" {
		*t = text(strings.Trim(string(raw), `"`))
	}
	return nil
}

func (t text) int() int64 {
	n, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// decode reads a body.
func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return &problem{400, "parseError", "Parse Error: " + err.Error()}
	}
	return nil
}

// params returns the values by lower-case name.
func (q *querySpec) params() (map[string]param, error) {
	out := map[string]param{}
	if strings.EqualFold(q.ParameterMode, "POSITIONAL") {
		return nil, invalid("The simulation knows only named query parameters")
	}
	for _, p := range q.QueryParameters {
		k := p.ParameterType.Type
		if k == "ARRAY" {
			k = kind("ARRAY<" + p.ParameterType.ArrayType.Type + ">")
			element := p.ParameterType.ArrayType.Type
			if element != kString && element != kInt {
				return nil, invalid("The simulation has no array parameters of %s", element)
			}
			list := []any{}
			for _, v := range p.ParameterValue.ArrayValues {
				one, ok := convert(v.Value, kString, element)
				if !ok {
					return nil, invalid("Invalid value for query parameter '%s': %q is not a valid %s", p.Name, v.Value, element)
				}
				list = append(list, one)
			}
			out[strings.ToLower(p.Name)] = param{k, list}
			continue
		}
		switch k {
		case kString, kInt, kFloat, kBool, kTimestamp, kDatetime, kDate:
		default:
			return nil, invalid("The simulation has no parameters of type %s", k)
		}
		if p.ParameterValue.Value == nil {
			out[strings.ToLower(p.Name)] = param{k, nil}
			continue
		}
		v, ok := convert(*p.ParameterValue.Value, kString, k)
		if !ok {
			return nil, invalid("Invalid value for query parameter '%s': %q is not a valid %s", p.Name, *p.ParameterValue.Value, k)
		}
		out[strings.ToLower(p.Name)] = param{k, v}
	}
	return out, nil
}
