package rest

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Reply is a decoded answer.
type Reply[T any] struct {
	Value T
	At    time.Time // when it came, maybe in an earlier run that was interrupted
}

// Ask is [Do] for a request whose answer is remembered, where the run has a memory: the same request is
// not sent again, neither by this run nor by the one that goes on where it was interrupted. Of the answer only what T
// decodes is kept.
func Ask[T any](ctx context.Context, c *Client, r Request, check func(*T) error) (Reply[T], error) {
	key := c.key(r)
	if value, kept, ok := memo.Recall[T](ctx, key); ok {
		tally.Of(ctx).Recalled(kept.At)
		tally.Of(ctx).Plan(-1)
		return Reply[T]{value, kept.At}, nil
	}
	value, err := Do(ctx, c, r, check)
	if err != nil {
		return Reply[T]{}, err
	}
	at := c.Clock.Time()
	memo.Keep(ctx, key, at, "", value)
	return Reply[T]{value, at}, nil
}

// key identifies a request in a memory. The client's base is part of it.
func (c *Client) key(r Request) string {
	return memo.Key(r.method(), c.target(r), string(r.Body), r.Form.Encode())
}
