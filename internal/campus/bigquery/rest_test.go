package bigquery

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// raw serves the sample and sends requests as text.
func raw(t *testing.T, change func(*Options)) func(method, path, body string) (int, string) {
	t.Helper()
	events := sample()
	o := Options{Events: func() []Event { return events }}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(method, h.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, strings.TrimSpace(string(text))
	}
}

const queries = "/bigquery/v2/projects/udp-umich-prod/queries"

func TestCellsAreText(t *testing.T) {
	send := raw(t, nil)
	const sql = `"useLegacySql":false,"query":"SELECT event_time, 12 AS n, 1.5 AS x, true AS b, CAST(NULL AS STRING) AS nothing, DATE(event_time) AS d ` +
		`FROM event_store.events WHERE event_time = '2026-09-10 23:59:59.999999'"`
	rest := `{"v":"12"},{"v":"1.5"},{"v":"true"},{"v":null},{"v":"2026-09-10"}]}]`
	for options, want := range map[string]string{
		``: "1.789084799999999E9",
		`,"formatOptions":{"useInt64Timestamp":true}`:                    "1789084799999999",
		`,"formatOptions":{"timestampOutputFormat":"ISO8601_STRING"}`:    "2026-09-10T23:59:59.999999Z",
		`,"formatOptions":{"timestampOutputFormat":"INT64"},"labels":{}`: "1789084799999999",
	} {
		status, text := send(http.MethodPost, queries, "{"+sql+options+"}")
		if status != http.StatusOK || !strings.Contains(text, `"rows":[{"f":[{"v":"`+want+`"},`+rest) {
			t.Errorf("%s: %d %s", options, status, text)
		}
	}
	if got := seconds(time.Unix(1_588_338_000, 0)); got != "1.588338E9" {
		t.Errorf("whole seconds: %s", got)
	}
}

func TestTokensBelongToTheirJob(t *testing.T) {
	send := raw(t, func(o *Options) { o.PageRows = 50 })
	var first struct {
		PageToken    string
		JobReference struct{ JobID string }
		TotalRows    string
		Rows         []any
	}
	_, text := send(http.MethodPost, queries, `{"useLegacySql":false,"query":"SELECT id FROM event_store.events"}`)
	if err := json.Unmarshal([]byte(text), &first); err != nil || len(first.Rows) != 50 || first.TotalRows != "76" || first.PageToken == "" {
		t.Fatalf("first page: %s, %v", text, err)
	}
	page := queries + "/" + first.JobReference.JobID
	if status, text := send(http.MethodGet, page+"?maxResults=3&pageToken="+first.PageToken, ""); status != http.StatusOK || strings.Count(text, `"f"`) != 3 {
		t.Errorf("second page: %d %s", status, text)
	}
	for _, query := range []string{"?pageToken=bm90aGluZw==", "?pageToken=x", "?startIndex=-1", "?maxResults=x"} {
		if status, text := send(http.MethodGet, page+query, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
	for _, path := range []string{queries + "/nothing", page + "?location=EU", "/nowhere"} {
		if status, text := send(http.MethodGet, path, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

func TestOutages(t *testing.T) {
	send := raw(t, func(o *Options) { o.FailEvery, o.SlowEvery = 3, 2 })
	const dataset = "/bigquery/v2/projects/udp-umich-prod/datasets/event_store"
	for i, want := range []string{`"bigquery#dataset"`, `"reason":"rateLimitExceeded"`, `"reason":"backendError"`} {
		if status, text := send(http.MethodGet, dataset, ""); !strings.Contains(text, want) {
			t.Errorf("request %d: %d %s", i+1, status, text)
		}
	}
}

func TestBadParameters(t *testing.T) {
	send := raw(t, nil)
	for name, parameter := range map[string]string{
		"no time":  `{"name":"p","parameterType":{"type":"TIMESTAMP"},"parameterValue":{"value":"soon"}}`,
		"no digit": `{"name":"p","parameterType":{"type":"INT64"},"parameterValue":{"value":"x"}}`,
		"struct":   `{"name":"p","parameterType":{"type":"STRUCT"},"parameterValue":{}}`,
	} {
		status, text := send(http.MethodPost, queries, `{"useLegacySql":false,"query":"SELECT id FROM event_store.events","queryParameters":[`+parameter+`]}`)
		if status != http.StatusBadRequest || !strings.Contains(text, `"reason":"invalidQuery"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text := send(http.MethodPost, queries, `{"query":"SELECT id FROM event_store.events"}`); status != http.StatusBadRequest {
		t.Errorf("legacy SQL: %d %s", status, text)
	}
	if status, text := send(http.MethodPost, queries, `{`); status != http.StatusBadRequest || !strings.Contains(text, "parseError") {
		t.Errorf("no JSON: %d %s", status, text)
	}
}
