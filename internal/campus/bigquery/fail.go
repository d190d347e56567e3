package bigquery

import "fmt"

// problem is an error of the API.
type problem struct {
	status  int
	reason  string
	message string
}

func (p *problem) Error() string { return p.message }

func invalid(format string, args ...any) *problem {
	return &problem{400, "invalidQuery", fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) *problem {
	return &problem{404, "notFound", "Not found: " + fmt.Sprintf(format, args...)}
}

func denied(format string, args ...any) *problem {
	return &problem{403, "accessDenied", "Access Denied: " + fmt.Sprintf(format, args...)}
}

// proto is the form in which jobs carry an error.
func (p *problem) proto() map[string]any {
	m := map[string]any{"reason": p.reason, "message": p.message}
	if p.reason == "invalidQuery" {
		m["location"] = "query"
	}
	return m
}

// body is the answer to a request that failed.
func (p *problem) body() map[string]any {
	detail := map[string]any{"message": p.message, "domain": "global", "reason": p.reason}
	if p.reason == "invalidQuery" {
		detail["location"], detail["locationType"] = "q", "parameter"
	}
	status := map[int]string{400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}[p.status]
	return map[string]any{"error": map[string]any{
		"code": p.status, "message": p.message, "errors": []any{detail}, "status": status,
	}}
}
