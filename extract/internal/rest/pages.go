package rest

import (
	"context"
	"iter"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Listing is a list that a source gives in pages, each of which says in its Link header where the next one is.
// Every page has such a header, also the last one.
type Listing[T any] struct {
	Request

	Check func(*T) error    // as for [Do]
	Keys  func(*T) []string // identifies the rows of a page that has passed Check
}

// Pages yields a listing page by page. It ends at the first error, which it yields.
// Pages are remembered like the answers to [Ask].
func Pages[T any](ctx context.Context, c *Client, l Listing[T]) iter.Seq2[Reply[T], error] {
	return func(yield func(Reply[T], error) bool) {
		p := NewPager(c, l)
		for p.More() {
			page, err := p.Next(ctx)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// Pager reads a listing page by page.
type Pager[T any] struct {
	c     *Client
	list  Listing[T]
	next  Request
	proof proof
	held  func() // remembers the page before, which the next one must prove complete
	ended bool
}

// NewPager returns a pager at the beginning of a listing.
func NewPager[T any](c *Client, l Listing[T]) *Pager[T] {
	return &Pager[T]{c: c, list: l, next: l.Request, proof: newProof(), held: func() {}}
}

// Distinct returns how many different rows were read.
func (p *Pager[T]) Distinct() int64 { return int64(len(p.proof.seen)) }

// More reports whether there is another page.
func (p *Pager[T]) More() bool { return !p.ended }

// Next reads the next page. After an error it is the same one. A listing that does not prove complete is an error of
// class unavailable: see [proof].
func (p *Pager[T]) Next(ctx context.Context) (Reply[T], error) {
	page, state, next, err := p.ask(ctx)
	if err != nil {
		return Reply[T]{}, err
	}
	if next == "" {
		p.ended = true
	} else if p.next.link, err = p.c.follow(p.next, next); err != nil {
		return Reply[T]{}, err
	}
	p.proof.add(state)
	return page, nil
}

// ask returns a page, what it adds to the proof, and the target of its next link, "" on the last one.
func (p *Pager[T]) ask(ctx context.Context) (page Reply[T], state pageState, next string, err error) {
	key := p.c.key(p.next)
	if value, kept, ok := memo.Recall[T](ctx, key); ok {
		if state, err = p.proof.rows(p.list.Keys(&value), kept.Next); err == nil {
			tally.Of(ctx).Recalled(kept.At)
			if p.next.link == nil {
				tally.Of(ctx).Plan(-1)
			}
			p.held()
			p.held = func() {}
			return Reply[T]{value, kept.At}, state, kept.Next, nil
		}
	}
	err = p.c.do(ctx, p.next, func(a Answer) error {
		links, err := Links(a.Header)
		if err != nil {
			return err
		}
		if page.Value, err = decode(a, p.list.Check); err != nil {
			return err
		}
		next = links["next"]
		if err := p.proof.links(links, p.next); err != nil {
			return err
		}
		state, err = p.proof.rows(p.list.Keys(&page.Value), next)
		return err
	})
	if err != nil {
		return page, state, "", err
	}
	page.At = p.c.Clock.Time()
	p.held()
	value := page.Value
	keep := func() { memo.Keep(ctx, key, page.At, next, value) }
	if p.held = func() {}; state.short && len(state.fresh) > 0 {
		p.held = keep
	} else {
		keep()
	}
	return page, state, next, nil
}
