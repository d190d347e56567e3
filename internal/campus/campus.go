package campus

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graphql-go/graphql"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// Campus serves one university. Its methods may be called at the same time.
type Campus struct {
	opts     Options
	model    *university.University
	day      atomic.Pointer[university.Day]
	moving   sync.Mutex // held while the day changes
	tokens   []token
	used     atomic.Int64 // requests of the main token, for RevokeAfter
	gateway  *gateway
	launches launches
	services map[string]service // by the path below which they are
	schema   graphql.Schema
	queries  queries
	faults   *faults
	stats    *stats
	rest     *http.ServeMux // Canvas' own paths
	handler  http.Handler
	bucketMu sync.Mutex
	buckets  map[string]*bucket
	started  time.Time
	undated  atomic.Bool // answers have no Date
}

// New makes a campus that is ready to serve. It does not touch the warehouse: see [Campus.Pour].
func New(o Options) (*Campus, error) {
	o = o.withDefaults()
	if _, err := ParseProfile(string(o.Profile)); err != nil {
		return nil, err
	}
	if o.Epoch.IsZero() {
		o.Epoch = university.EpochOf(o.Date)
	}
	model, err := university.New(university.Params{Seed: o.Seed, Courses: o.Courses, Epoch: o.Epoch, Orphans: o.Orphans})
	if err != nil {
		return nil, err
	}
	day, err := model.On(o.Date)
	if err != nil {
		return nil, err
	}
	c := &Campus{
		opts: o, model: model, tokens: makeTokens(o), faults: newFaults(o), stats: newStats(),
		buckets: map[string]*bucket{}, started: time.Now(),
	}
	c.day.Store(day)
	c.gateway = newGateway(o)
	if c.schema, err = theSchema(); err != nil {
		return nil, fmt.Errorf("GraphQL schema: %w", err)
	}
	c.services = map[string]service{}
	for base, open := range map[string]func() (service, error){zoomBase: c.newZoom, kalturaBase: c.newKaltura, bigqueryBase: c.newBigQuery} {
		if c.services[base], err = open(); err != nil {
			return nil, err
		}
	}
	c.rest = c.canvasRoutes()
	c.handler = c.routes()
	return c, nil
}

// Handler returns the servers, all on one listener.
func (c *Campus) Handler() http.Handler { return c.handler }

// University returns the model behind the servers.
func (c *Campus) University() *university.University { return c.model }

// Date returns the day that is being served.
func (c *Campus) Date() time.Time { return c.day.Load().Date() }

// clock is the time that the servers tell: that of the real day, on the day that is being served.
func (c *Campus) clock() time.Time {
	now := time.Now().UTC()
	return c.Date().Add(now.Sub(now.Truncate(24 * time.Hour)))
}

// HideTime makes the servers tell no time any more, as some behind proxies do not.
func (c *Campus) HideTime() { c.undated.Store(true) }

// SetDay moves to another day. With a warehouse configured its tables are filled
// first; if that fails the day stays.
func (c *Campus) SetDay(ctx context.Context, date time.Time) error {
	c.moving.Lock()
	defer c.moving.Unlock()
	day, err := c.model.On(date)
	if err != nil {
		return err
	}
	if c.opts.WarehouseDSN != "" {
		if err := pour(ctx, c.opts.WarehouseDSN, day); err != nil {
			return err
		}
	}
	c.day.Store(day)
	c.faults.reset()
	c.gateway.reset()
	c.opts.Log.Info("day", slog.String("date", day.Date().Format(time.DateOnly)))
	return nil
}

// Pour fills the warehouse for the day that is being served. It does nothing without a DSN.
func (c *Campus) Pour(ctx context.Context) error {
	if c.opts.WarehouseDSN == "" {
		return nil
	}
	c.moving.Lock()
	defer c.moving.Unlock()
	return pour(ctx, c.opts.WarehouseDSN, c.day.Load())
}

// Truth returns what the tables must hold on a date, after nightly runs since another
// (zero: only on that date), for the default terms. They are those of some jobs, of all if none is named.
func (c *Campus) Truth(date, since time.Time, jobs ...string) ([]university.Table, error) {
	return c.model.Truth(university.Want{Date: date, Since: since, Jobs: jobs})
}

// Reset forgets statistics, faults already met, the rate limit and gateway tokens.
func (c *Campus) Reset() {
	c.stats.reset()
	c.faults.reset()
	c.gateway.reset()
	c.used.Store(0)
	c.bucketMu.Lock()
	defer c.bucketMu.Unlock()
	clear(c.buckets)
}

// bucketOf returns the rate limit of a credential.
func (c *Campus) bucketOf(value string) *bucket {
	c.bucketMu.Lock()
	defer c.bucketMu.Unlock()
	b, ok := c.buckets[value]
	if !ok {
		b = &bucket{limits: c.opts.Limits}
		if c.opts.Profile == Throttled {
			b.neighbour = busyNeighbour(c.opts.Limits, c.started)
		}
		c.buckets[value] = b
	}
	return b
}
