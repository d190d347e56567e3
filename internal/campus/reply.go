package campus

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// reply is a whole answer, held back until it is known how it will be delivered. Its
// header keys are lower case, as Canvas sends them.
type reply struct {
	status int
	header http.Header
	body   []byte
	weight float64 // how much dearer than a small request it is
}

// jsonReply encodes v. Values are built here, so that encoding cannot fail.
func jsonReply(status int, v any) *reply {
	var buf bytes.Buffer
	if err := json.NewEncoder(&buf).Encode(v); err != nil {
		panic(err)
	}
	return &reply{
		status: status, body: bytes.TrimSuffix(buf.Bytes(), []byte("\n")), weight: 1,
		header: http.Header{"content-type": {"application/json; charset=utf-8"}},
	}
}

func textReply(status int, kind, text string) *reply {
	return &reply{status: status, body: []byte(text), header: http.Header{"content-type": {kind + "; charset=utf-8"}}}
}

func ok(v any) *reply { return jsonReply(http.StatusOK, v) }

func notFound() *reply {
	return jsonReply(http.StatusNotFound, map[string]any{
		"errors": []any{map[string]any{"message": "The specified resource does not exist."}},
	})
}

func forbidden() *reply {
	return jsonReply(http.StatusForbidden, map[string]any{
		"status": "unauthorized",
		"errors": []any{map[string]any{"message": "user not authorized to perform that action"}},
	})
}

// refused is Canvas' answer to a token that is over its limit.
func refused(status int) *reply {
	if status == http.StatusForbidden {
		return textReply(status, "text/plain", "403 Forbidden (Rate Limit Exceeded)\n")
	}
	return textReply(status, "text/plain", "429 Forbidden (Rate Limit Exceeded)\n")
}

// broken is what a failing server answers: Canvas' own JSON on 500 and the errors of a
// request, the load balancer's page otherwise.
func broken(status int) *reply {
	switch status {
	case http.StatusUnauthorized:
		r := jsonReply(status, map[string]any{"errors": []any{map[string]any{"message": "Invalid access token."}}})
		r.header["www-authenticate"] = []string{`Bearer realm="canvas-lms"`}
		return r
	case http.StatusForbidden:
		return forbidden()
	case http.StatusNotFound:
		return notFound()
	case http.StatusTooManyRequests:
		return refused(status)
	case http.StatusInternalServerError:
		return jsonReply(status, map[string]any{
			"errors":          []any{map[string]any{"message": "An error occurred.", "error_code": "internal_server_error"}},
			"error_report_id": 123,
		})
	}
	return textReply(status, "text/html", "<html><head><title>"+http.StatusText(status)+"</title></head>\n<body><h1>"+
		http.StatusText(status)+"</h1></body></html>\n")
}
