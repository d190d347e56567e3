package lenient

import (
	"encoding/json"
	"testing"
	"time"
)

type object struct {
	At   Value[time.Time] `json:"at"`
	N    Value[int64]     `json:"n"`
	Text Value[string]    `json:"text"`
	On   Value[bool]      `json:"on"`
}

// TestValue reads odd values as none, tells what they were, also after they were kept, and reads sound ones exactly.
func TestValue(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: `{"at":null,"n":null,"text":null,"on":null}`,
		`{"at":"2026-01-02T03:04:05Z","n":9007199254740993,"text":"x","on":true}`:      `{"at":"2026-01-02T03:04:05Z","n":9007199254740993,"text":"x","on":true}`,
		`{"at":"12025-01-01T00:00:00Z","n":1e3,"text":{},"on":1}`:                      `{"at":{"odd":"\"12025-01-01T00:00:00Z\""},"n":{"odd":"1e3"},"text":{"odd":"an object"},"on":{"odd":"1"}}`,
		`{"at":"+12025-01-01T00:00:00Z","n":"12","text":17700000000000123456}`:         `{"at":{"odd":"\"+12025-01-01T00:00:00Z\""},"n":12,"text":"17700000000000123456","on":null}`,
		`{"at":"0000-01-01T00:00:00Z","n":"12.0","text":[]}`:                           `{"at":{"odd":"\"0000-01-01T00:00:00Z\""},"n":12,"text":{"odd":"an array"},"on":null}`,
		`{"at":"9999-12-31T23:59:59-05:00","n":99999999999999999999}`:                  `{"at":{"odd":"\"9999-12-31T23:59:59-05:00\""},"n":{"odd":"99999999999999999999"},"text":null,"on":null}`,
		`{"at":7,"n":"twelve","on":"yes"}`:                                             `{"at":{"odd":"7"},"n":{"odd":"\"twelve\""},"text":null,"on":{"odd":"\"yes\""}}`,
		`{"at":"0001-01-01T00:00:00Z","n":-9223372036854775808,"text":"\ud83d\u0000"}`: `{"at":"0001-01-01T00:00:00Z","n":-9223372036854775808,"text":"�\u0000","on":null}`,
	} {
		for range 2 { // as it came, then as it was kept
			var o object
			if err := json.Unmarshal([]byte(in), &o); err != nil {
				t.Fatal(err)
			}
			out, err := json.Marshal(o)
			if err != nil || string(out) != want {
				t.Errorf("%s: %s, %v", in, out, err)
			}
			in = string(out)
		}
	}
}
