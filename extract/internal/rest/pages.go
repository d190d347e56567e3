package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"reflect"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Do sends a request and decodes the JSON of its answer. check, which may be nil, says what is
// wrong with the value, see [Shapef]; a value that does not pass is asked for again like a torn one.
func Do[T any](ctx context.Context, c *Client, r Request, check func(*T) error) (T, error) {
	var value T
	err := c.do(ctx, r, func(a Answer) (err error) {
		value, err = decode(a, check)
		return err
	})
	return value, err
}

// maxPages ends a listing whose pages never do.
const maxPages = 100_000

// Pages yields a listing page by page, following the Link headers. It ends at the first error, which it yields.
// Pages are remembered like the answers to [Ask].
func Pages[T any](ctx context.Context, c *Client, r Request, check func(*T) error) iter.Seq2[Reply[T], error] {
	return func(yield func(Reply[T], error) bool) {
		p := NewPager(c, r, check)
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
	next  Request
	check func(*T) error
	seen  map[string]bool
	ended bool
}

// NewPager returns a pager at the beginning of a listing.
func NewPager[T any](c *Client, r Request, check func(*T) error) *Pager[T] {
	return &Pager[T]{c: c, next: r, check: check, seen: map[string]bool{}}
}

// More reports whether there is another page.
func (p *Pager[T]) More() bool { return !p.ended }

// Next reads the next page. After an error it is the same one.
func (p *Pager[T]) Next(ctx context.Context) (Reply[T], error) {
	page, next, err := askPage(ctx, p.c, p.next, p.check)
	if err != nil {
		return Reply[T]{}, err
	}
	if next == "" {
		p.ended = true
		return page, nil
	}
	if p.next.link, err = p.c.follow(p.next, next, p.seen); err != nil {
		return Reply[T]{}, err
	}
	return page, nil
}

// askPage returns a page and the target of its next link, "" on the last one.
func askPage[T any](ctx context.Context, c *Client, r Request, check func(*T) error) (page Reply[T], next string, err error) {
	key := c.key(r)
	if value, kept, ok := memo.Recall[T](ctx, key); ok {
		tally.Of(ctx).Recalled(kept.At)
		if r.link == nil {
			tally.Of(ctx).Plan(-1)
		}
		return Reply[T]{value, kept.At}, kept.Next, nil
	}
	err = c.do(ctx, r, func(a Answer) (err error) {
		if next, err = NextLink(a.Header); err != nil {
			return err
		}
		page.Value, err = decode(a, check)
		return err
	})
	if err != nil {
		return page, "", err
	}
	page.At = c.Clock.Time()
	memo.Keep(ctx, key, page.At, next, page.Value)
	return page, next, nil
}

// follow checks where a next link points.
func (c *Client) follow(r Request, next string, seen map[string]bool) (*url.URL, error) {
	trouble := func(class fault.Class, hint, text string) error {
		return fault.New(class, hint, fmt.Errorf("%s: %s /%s: %s", c.Service, r.method(), r.Path, text))
	}
	link, err := c.base.Parse(next)
	if err != nil {
		return nil, trouble(fault.Data, "", "its next link is no URL")
	}
	if !c.QueryOnlyLinks && (link.Host != c.base.Host || link.Scheme != c.base.Scheme) {
		return nil, trouble(fault.Config, fmt.Sprintf("set %s to the address that the server itself uses; the token is sent to no other", c.BaseKey),
			fmt.Sprintf("its next link points to %s://%s instead of %s://%s", link.Scheme, link.Host, c.base.Scheme, c.base.Host))
	}
	link.User, link.Fragment = nil, ""
	id := link.Path + "?" + link.RawQuery
	if seen[id] || len(seen) >= maxPages {
		return nil, trouble(fault.Unavailable, "run the same command again; if it stays, the server's paging is broken",
			fmt.Sprintf("its pages run in a circle after %d", len(seen)+1))
	}
	seen[id] = true
	return link, nil
}

func decode[T any](a Answer, check func(*T) error) (T, error) {
	var value, zero T
	if err := json.Unmarshal(a.Body, &value); err != nil {
		return zero, undecodable(a, err)
	}
	if string(bytes.TrimSpace(a.Body)) == "null" {
		return zero, Shapef("answer: null instead of a value")
	}
	if check != nil {
		if err := check(&value); err != nil {
			return zero, err
		}
	}
	return value, nil
}

// jsonName returns JSON's word for what decodes into a kind.
func jsonName(k reflect.Kind) string {
	switch k {
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	default:
		return "number"
	}
}

// undecodable tells torn or foreign text from JSON of another shape.
func undecodable(a Answer, err error) error {
	var typ *json.UnmarshalTypeError
	page := pageIn(a)
	switch {
	case page != nil:
		return page
	case len(a.Body) == 0:
		return errors.New("an empty answer instead of JSON")
	case errors.As(err, &typ):
		field := strings.TrimPrefix(typ.Field, ".")
		if field == "" {
			field = "answer"
		}
		return Shapef("%s: %s instead of %s", field, typ.Value, jsonName(typ.Type.Kind()))
	case !json.Valid(a.Body):
		return fmt.Errorf("answer of %d bytes is not whole JSON: %w", len(a.Body), err)
	default: // from a type's own UnmarshalJSON
		return Shapef("answer: %s", Clean(err.Error(), ""))
	}
}
