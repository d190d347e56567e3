package udp

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// rows runs a query and puts its rows into r, one for each nil that it yields.
func (c *client) rows(ctx context.Context, config bigquery.QueryConfig, r *record) iter.Seq[error] {
	return func(yield func(error) bool) {
		ctx, dog := watch(ctx, c.queryLimit)
		defer dog.end()
		job, result, err := c.run(ctx, config)
		if err != nil {
			yield(c.judge(ctx, err))
			return
		}
		total := int64(result.TotalRows)
		c.spend(ctx, job)
		tally.Of(ctx).Expect(int(total))
		if total > int64(c.pageRows) && c.stream != nil && !c.broken {
			if fast := c.accelerate(ctx, job); fast != nil {
				result = fast
				defer c.drain(fast, dog)
			}
		}
		result.PageInfo().MaxSize = c.pageRows
		c.log.Debug("reading the result", "rows", total, "storage_read_api", result.IsAccelerated())
		r.at = c.now().UTC().Truncate(time.Microsecond)
		dog.allow(c.standstill)
		found, page, pages := int64(0), sha256.New(), map[[sha256.Size]byte]bool{}
		for {
			err := result.Next(r)
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				if result.IsAccelerated() {
					c.unreliable()
				}
				yield(c.judge(ctx, err))
				return
			}
			if found++; found > total {
				break // such as with a token that leads back
			}
			if !result.IsAccelerated() {
				fmt.Fprintf(page, "%q %d;", r.event.EventID, r.event.EventTime.UnixMicro())
				if result.PageInfo().Remaining() == 0 {
					var sum [sha256.Size]byte
					page.Sum(sum[:0])
					if page.Reset(); pages[sum] {
						yield(fault.New(fault.Temporary, "run the same command again", errors.New("BigQuery: the result has a page twice")))
						return
					}
					pages[sum] = true
				}
			}
			if found%1000 == 0 {
				dog.allow(c.standstill)
				tally.Of(ctx).Done(1000)
			}
			if !yield(nil) {
				return
			}
		}
		tally.Of(ctx).Done(int(found % 1000))
		tally.Of(ctx).Count(total, found)
		// The streams of the Storage Read API can end early without an error.
		if found != total {
			if result.IsAccelerated() {
				c.unreliable()
			}
			yield(fault.New(fault.Temporary, "run the same command again", fmt.Errorf("BigQuery: the result has %d rows, but %d came", total, found)))
		}
	}
}

// run runs a query and returns its result when it is complete.
func (c *client) run(ctx context.Context, config bigquery.QueryConfig) (*bigquery.Job, *bigquery.RowIterator, error) {
	q := c.pages.Query("")
	q.QueryConfig = config
	q.JobID = "course_inventory_" + rand.Text()
	job, err := q.Run(ctx)
	var answer *googleapi.Error
	if errors.As(err, &answer) && answer.Code == http.StatusConflict {
		// An earlier try has made the job, and its answer got lost.
		job, err = c.pages.JobFromID(ctx, q.JobID)
	}
	if err != nil {
		return nil, nil, err
	}
	result, err := job.Read(ctx)
	if err != nil {
		c.cancel(ctx, job)
		return nil, nil, err
	}
	return job, result, nil
}

// cancel stops a query that nobody waits for any more; one that has ended stays as it is.
func (c *client) cancel(ctx context.Context, job *bigquery.Job) {
	if ctx.Err() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := job.Cancel(ctx); err != nil {
		c.log.Debug("cancel the query", "bigquery_job", job.ID(), "error", err)
	}
}

// spend logs and notes what a query has cost.
func (c *client) spend(ctx context.Context, job *bigquery.Job) {
	s, err := job.Status(ctx)
	if err != nil || s.Statistics == nil {
		c.log.Warn("BigQuery does not tell what the query has processed", "bigquery_job", job.ID())
		return
	}
	processed, billed, cached := s.Statistics.TotalBytesProcessed, int64(0), false
	if q, ok := s.Statistics.Details.(*bigquery.QueryStatistics); ok {
		billed, cached = q.TotalBytesBilled, q.CacheHit
	}
	c.log.Info("query of BigQuery", "bigquery_job", job.ID(), "relation", c.table.String(), "bytes_processed", processed, "bytes_billed", billed, "cache_hit", cached)
	tally.Of(ctx).Note("BigQuery processed %d bytes and billed %d", processed, billed)
}
