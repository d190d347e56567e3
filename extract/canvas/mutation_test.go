package canvas

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// paged is an answer with a page of a list.
type paged struct {
	list, page string
	header     http.Header
	body       []byte
	rows       []json.RawMessage
	set        func(rows []json.RawMessage) // puts other rows into body
}

// damages are what a proxy, or a server, may do to a page. The page before it may be nil.
var damages = map[string]func(p, before *paged){
	"drop header": func(p, _ *paged) { p.header.Del("Link") },
	"drop row":    func(p, _ *paged) { p.set(p.rows[min(1, len(p.rows)):]) },
	"cut page":    func(p, _ *paged) { p.set(p.rows[:len(p.rows)/2]) },
	"cut bytes":   func(p, _ *paged) { p.body = p.body[:len(p.body)/2] },
	"reorder":     func(p, _ *paged) { rows := slices.Clone(p.rows); slices.Reverse(rows); p.set(rows) },
	"repeat page": func(p, before *paged) {
		if before != nil {
			p.set(before.rows)
		}
	},
}

// damager stands between Canvas and the program. It makes pages small and damages one of them, however often
// it is asked for.
type damager struct {
	proxy *httputil.ReverseProxy

	mu     sync.Mutex
	pages  map[string]*paged // as the server gave them, by list and page
	order  []string
	victim string
	damage func(p, before *paged)
}

const damagedRows = 7 // on a page

var listPath = regexp.MustCompile(`^(/um/[^/]+/[^/]+|/api/v1)/(accounts/\d+/(courses|sub_accounts)|audit/course/\w+/\d+|courses/\d+/(enrollments|sections))$`)

// uncounted are the lists whose rows nothing counts a second time.
var uncounted = regexp.MustCompile(`/audit/course/`)

func newDamager(t *testing.T, s string) (*damager, string) {
	t.Helper()
	target, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	d := &damager{pages: map[string]*paged{}}
	d.proxy = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // Canvas writes it into its links
	}, ModifyResponse: d.answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if listPath.MatchString(r.URL.Path) {
			q := r.URL.Query()
			if n, _ := strconv.Atoi(q.Get("per_page")); n > damagedRows {
				q.Set("per_page", strconv.Itoa(damagedRows))
			}
			r.URL.RawQuery = q.Encode()
		}
		r.Header.Del("Accept-Encoding")
		d.proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return d, server.URL
}

// answer damages an answer if it is the victim, and notes it otherwise.
func (d *damager) answer(r *http.Response) error {
	if r.StatusCode != http.StatusOK || !listPath.MatchString(r.Request.URL.Path) {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	q := r.Request.URL.Query()
	p := &paged{list: r.Request.URL.Path, page: q.Get("page"), header: r.Header, body: body}
	q.Del("page")
	p.list += "?" + q.Encode()
	if bytes.HasPrefix(body, []byte("[")) {
		err = json.Unmarshal(body, &p.rows)
		p.set = func(rows []json.RawMessage) { p.body, _ = json.Marshal(rows) }
	} else {
		var log map[string]json.RawMessage
		if err = json.Unmarshal(body, &log); err == nil {
			err = json.Unmarshal(log["events"], &p.rows)
		}
		p.set = func(rows []json.RawMessage) {
			log["events"], _ = json.Marshal(rows)
			p.body, _ = json.Marshal(log)
		}
	}
	if err != nil {
		return err
	}
	key := p.list + " " + p.page
	d.mu.Lock()
	if _, known := d.pages[key]; !known {
		d.order = append(d.order, key)
		d.pages[key] = &paged{list: p.list, page: p.page, rows: p.rows}
	}
	if key == d.victim {
		d.damage(p, d.before(key))
	}
	d.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(p.body))
	r.ContentLength = int64(len(p.body))
	r.Header.Set("Content-Length", strconv.Itoa(len(p.body)))
	return nil
}

// before returns the page of the same list that was given before one.
func (d *damager) before(key string) (before *paged) {
	for _, k := range d.order {
		if k == key {
			return before
		}
		if list, _, _ := strings.Cut(key, " "); strings.HasPrefix(k, list+" ") {
			before = d.pages[k]
		}
	}
	return nil
}

func (d *damager) last(key string) bool {
	list, _, _ := strings.Cut(key, " ")
	for _, k := range slices.Backward(d.order) {
		if strings.HasPrefix(k, list+" ") {
			return k == key
		}
	}
	return true
}

// TestDamagedPages damages every page of every list that Canvas gives, one at a time: the run must either fail, name the list
// and commit nothing, or commit what the university holds.
func TestDamagedPages(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 6})
	truth := truthOf(t, s, now)
	attempt := func(t *testing.T, victim string, damage func(p, before *paged)) (*damager, *lake.Lake, error) {
		d, address := newDamager(t, s.CanvasURL)
		d.victim, d.damage = victim, damage
		cfg := configOf(s, true) // lists of courses and accounts by the gateway, the others directly
		cfg.MaxReqAttempts = 2
		for _, u := range []*string{&cfg.Canvas.URL, &cfg.Canvas.APIBaseURL} {
			*u = strings.Replace(*u, s.CanvasURL, address, 1)
		}
		l, _, err := run(t, cfg)
		return d, l, err
	}
	d, l, err := attempt(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(truth, rawOf(t, l, now)); diff != "" {
		t.Fatalf("undamaged (-want +got):\n%.2000s", diff)
	}
	for _, victim := range d.order {
		for name, damage := range damages {
			if shorter := name == "drop row" || name == "cut page"; shorter && d.last(victim) && uncounted.MatchString(victim) {
				continue // nothing tells a shorter last page from a true one
			}
			t.Run(name+"/"+victim, func(t *testing.T) {
				_, l, err := attempt(t, victim, damage)
				if err != nil {
					path, _, _ := strings.Cut(victim, "?")
					if fault.ClassOf(err) != fault.Unavailable || !contains(err.Error(), path) {
						t.Errorf("%v does not name %s", err, path)
					}
					dates, err := l.Dates(t.Context(), "raw/canvas/term")
					if err != nil || len(dates) > 0 {
						t.Errorf("committed: %v, %v", dates, err)
					}
					return
				}
				if diff := cmp.Diff(truth, rawOf(t, l, now)); diff != "" {
					t.Errorf("committed, but not the truth (-want +got):\n%.600s", diff)
				}
			})
		}
	}
}
