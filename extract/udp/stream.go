package udp

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
)

// sessionLimit is how long the Storage Read API may take to open a session. Where it cannot be
// reached, pages do as well.
const sessionLimit = 2 * time.Minute

// accelerate returns the result of a job by the Storage Read API, nil if it is not to be had, for instance
// without the right to open sessions.
func (c *client) accelerate(ctx context.Context, job *bigquery.Job) *bigquery.RowIterator {
	ctx, cancel := context.WithCancelCause(ctx) // lives as long as the rows, ends with ctx
	timer := time.AfterFunc(sessionLimit, func() { cancel(errStandstill) })
	defer timer.Stop()
	// Google's client does not tell why it has no session: it falls back to pages in silence.
	if again, err := c.stream.JobFromIDLocation(ctx, job.ID(), job.Location()); err == nil {
		if result, err := again.Read(ctx); err == nil && result.IsAccelerated() && ctx.Err() == nil {
			return result
		}
	}
	cancel(nil)
	c.log.Warn("the Storage Read API is not to be had: reading pages instead, which is slower", "account", c.account)
	return nil
}

// unreliable makes the next attempt read pages.
func (c *client) unreliable() {
	c.log.Warn("the Storage Read API broke off: reading pages from now on")
	c.broken = true
}

// drain ends the goroutines of a stream, which would wait for ever to hand over what they have read.
func (c *client) drain(result *bigquery.RowIterator, dog *watchdog) {
	dog.end()
	raw, err := result.ArrowIterator()
	if err != nil {
		return
	}
	for range 2000 {
		if _, err := raw.Next(); errors.Is(err, iterator.Done) {
			return
		} else if err != nil {
			time.Sleep(time.Millisecond) // the goroutines see the end of the context
		}
	}
}
