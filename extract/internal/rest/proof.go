package rest

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// maxPages ends a listing whose pages never do.
const maxPages = 100_000

// proof is what the pages of a listing have said so far. It refuses a page that cannot be part of a complete listing:
//
//   - one without any link: nothing says whether it is the last one;
//   - one without a next link, although its last link names a later page;
//   - one that has rows, but only such as earlier pages have shown, or a next link that was followed before;
//   - one that follows a page which was not full: only the last page with rows may be short, and it may be
//     followed by one empty page.
type proof struct {
	pages int
	seen  map[string]struct{} // rows
	asked map[string]struct{} // next links
	size  int                 // rows on a full page, as far as known
	short bool                // the page before was not full, and not the last one
}

// pageState is what one page adds.
type pageState struct {
	fresh []string // rows not seen before
	next  string
	size  int
	short bool
}

// PagingError is a page that cannot be part of a complete listing.
type PagingError struct{ text, hint string }

func (e *PagingError) Error() string { return e.text }

const pagingHint = "run the same command again; if the error persists, the server's paging is broken, or a proxy or gateway changes its answers"

func newProof() proof {
	return proof{seen: map[string]struct{}{}, asked: map[string]struct{}{}}
}

func (p *proof) errorf(hint, format string, args ...any) error {
	return &PagingError{fmt.Sprintf("page %d of the list ", p.pages+1) + fmt.Sprintf(format, args...), hint}
}

// links judges the Link header of a page.
func (p *proof) links(links map[string]string, r Request) error {
	last, counted := links["last"]
	switch {
	case len(links) == 0:
		return p.errorf("let proxies and gateways pass the header Link on; without it nothing says whether a list goes on",
			"has no Link header, so whether more pages follow is unknown")
	case links["next"] != "" || !counted:
		return nil
	}
	current, named := links["current"]
	if !named && r.link != nil {
		current = r.link.String()
	}
	if a, b := pageToken(current), pageToken(last); a != b {
		return p.errorf(pagingHint, "names no next page, although its last one is %.40q and it is %.40q itself", b, a)
	}
	return nil
}

// rows judges the rows of a page, which keys identifies.
func (p *proof) rows(keys []string, next string) (pageState, error) {
	s := pageState{next: next, size: max(p.size, len(keys))}
	for _, key := range keys {
		if _, known := p.seen[key]; !known {
			s.fresh = append(s.fresh, key)
		}
	}
	_, circle := p.asked[next]
	switch {
	case circle || p.pages >= maxPages:
		return s, p.errorf(pagingHint, "names a next page that was read before: the pages run in a circle")
	case len(keys) > 0 && len(s.fresh) == 0:
		return s, p.errorf(pagingHint, "repeats only rows of earlier pages")
	case p.short && len(keys) > 0:
		return s, p.errorf(pagingHint, "follows a page that was not full, so rows are missing")
	case p.short && next != "":
		return s, p.errorf(pagingHint, "is empty like the one before, and names yet another")
	}
	if n, err := strconv.Atoi(queryOf(next).Get("per_page")); err == nil {
		s.size = n
	}
	s.short = next != "" && len(keys) < s.size
	return s, nil
}

func (p *proof) add(s pageState) {
	p.pages++
	for _, key := range s.fresh {
		p.seen[key] = struct{}{}
	}
	if s.next != "" {
		p.asked[s.next] = struct{}{}
	}
	p.size, p.short = s.size, s.short
}

// pageToken returns what a link calls its page; a list's first page has two names.
func pageToken(link string) string {
	switch token := queryOf(link).Get("page"); token {
	case "", "first":
		return "1"
	default:
		return token
	}
}

func queryOf(link string) url.Values {
	u, err := url.Parse(link)
	if err != nil {
		return nil
	}
	return u.Query()
}

// Incomplete returns the error of a listing of which fewer rows were read than the server counts.
func (c *Client) Incomplete(r Request, read, counted int64) error {
	return fault.New(fault.Unavailable, pagingHint,
		fmt.Errorf("%s: %s %s/%s: the list has %d of the %d rows that the server counts", c.Service, r.method(), c.base.Path, r.Path, read, counted))
}
