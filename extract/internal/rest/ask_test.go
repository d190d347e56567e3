package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// notebook keeps records in memory.
type notebook struct {
	mu      sync.Mutex
	records map[string]memo.Record
}

func (n *notebook) Recall(key string) (memo.Record, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r, ok := n.records[key]
	return r, ok
}

func (n *notebook) Keep(r memo.Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.records == nil {
		n.records = map[string]memo.Record{}
	}
	n.records[r.Key] = r
}

type thing struct {
	ID   *int64     `json:"id"`
	When *time.Time `json:"when"`
}

// TestAsk sends no request twice, and keeps only what is decoded.
func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const person = "Robin Campus"
		s := &script{steps: steps(answer(200, `[{"id":17700000000123456,"when":"2026-02-03T04:05:06Z","name":"`+person+`"}]`))}
		c := client(t, s, nil)
		book, kept := &tally.Book{}, &notebook{}
		ctx := tally.With(memo.With(t.Context(), kept), book, "things")
		first, err := Ask[[]thing](ctx, c, Request{Path: "things"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.Sleep(time.Hour)
		second, err := Ask[[]thing](ctx, c, Request{Path: "things"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second); diff != "" || s.calls.Load() != 1 || !second.At.Equal(began) {
			t.Errorf("%d requests, answer of %v (-first +second):\n%s", s.calls.Load(), second.At, diff)
		}
		if s := book.Table("things").Snapshot(); s.FromBefore != 1 || !s.Oldest.Equal(began) || s.Requests.Total != 1 {
			t.Errorf("%+v", s)
		}
		text, _ := json.Marshal(kept.records)
		if strings.Contains(string(text), person) {
			t.Errorf("kept: %s", text)
		}
		for _, r := range []Request{{Path: "others"}, {Path: "things", Method: http.MethodPost}, {Path: "things", Body: []byte("{}")}, {Path: "things?x"}} {
			before := s.calls.Load()
			if _, err := Ask[[]thing](ctx, c, r, nil); err != nil || s.calls.Load() == before {
				t.Errorf("%+v: %v, taken for another request", r, err)
			}
		}
		if _, err := Ask[[]thing](t.Context(), c, Request{Path: "things"}, nil); err != nil || s.calls.Load() != 6 {
			t.Errorf("without a memory: %v after %d requests", err, s.calls.Load())
		}
	})
}

// TestPagesGoOn reads only the pages that an interrupted listing has not read.
func TestPagesGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := func(body, next string) func(*http.Request) (*http.Response, error) {
			return answer(200, body, "Link", `<https://test.example/api/things?page=`+next+`>; rel="next"`)
		}
		ctx := memo.With(t.Context(), &notebook{})
		read := func(s *script, attempts int) (got []int, err error) {
			c := client(t, s, func(c *Config) { c.Attempts = attempts })
			for page, e := range Pages(ctx, c, things(nil)) {
				got, err = append(got, page.Value...), e
			}
			return got, err
		}
		if got, err := read(&script{steps: steps(page(`[1]`, "2"), page(`[2]`, "3"), answer(500, ""))}, 1); err == nil || len(got) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		s := &script{steps: steps(answer(200, `[3]`, "Link", `<https://test.example/api/things?page=3>; rel="current"`))}
		if got, err := read(s, 1); err != nil || cmp.Diff([]int{1, 2, 3}, got) != "" || s.calls.Load() != 1 {
			t.Errorf("%v, %v after %d requests", got, err, s.calls.Load())
		}
	})
}

// TestLinger lets a request under way end when its run is told to, for a while and only where the answer is kept.
func TestLinger(t *testing.T) {
	slow := func(d time.Duration) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(d):
				return good(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
	}
	why := errors.New("told to end")
	for name, test := range map[string]struct {
		memory bool
		takes  time.Duration
		ends   time.Duration
		kept   int
	}{
		"soon":             {true, 3 * time.Second, 3 * time.Second, 1},
		"not soon enough":  {true, time.Minute, time.Second + linger, 0},
		"without a memory": {false, 3 * time.Second, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				book := &notebook{}
				asking := ctx
				if test.memory {
					asking = memo.With(ctx, book)
				}
				time.AfterFunc(time.Second, func() { cancel(why) })
				began := time.Now()
				s := &script{steps: steps(slow(test.takes))}
				c := client(t, s, nil)
				_, err := Ask[[]int](asking, c, Request{Path: "things"}, nil)
				if took := time.Since(began); took != test.ends || len(book.records) != test.kept || (err == nil) != (test.kept == 1) {
					t.Errorf("%v after %v, %d kept", err, took, len(book.records))
				}
				if err != nil && !errors.Is(err, why) {
					t.Errorf("error %v does not say why", err)
				}
				if _, err := Ask[[]int](asking, c, Request{Path: "others"}, nil); err == nil || s.calls.Load() != 1 {
					t.Errorf("another request was sent: %v", err)
				}
			})
		})
	}
}
