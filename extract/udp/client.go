package udp

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// client is one run's view of BigQuery.
type client struct {
	table    table
	edApps   []string
	maxBytes int64
	account  string // what pays and asks, for hints
	now      func() time.Time
	log      *slog.Logger

	pages  *bigquery.Client // reads results page by page, over REST
	stream *bigquery.Client // reads results by the Storage Read API; nil if there is none
	broken bool             // stream has failed once

	queryLimit time.Duration // how long a query may run
	standstill time.Duration // how long no row may come
	pageRows   int
}

func newClient(ctx context.Context, cfg *config.Config, env extract.Env, t tuning) (*client, error) {
	v := cfg.MIVideo
	c := &client{
		edApps: v.UDPEdApps, maxBytes: v.UDPMaxBytesBilled, now: env.Clock(), log: env.Logger(),
		queryLimit: cmp.Or(t.queryLimit, time.Hour), standstill: cmp.Or(t.standstill, 10*time.Minute), pageRows: cmp.Or(t.pageRows, 10_000),
	}
	if len(v.UDPEdApps) == 0 {
		return nil, fault.New(fault.Config, "list the applications whose events count in MIVIDEO.udp_ed_apps", fmt.Errorf("MIVIDEO.udp_ed_apps is empty"))
	}
	key, err := readAccount(ctx, v)
	if err != nil {
		return nil, err
	}
	c.account = key.hint
	project := cmp.Or(v.UDPProject, key.project)
	if c.table, err = parseTable(v.UDPTable, project); err != nil {
		return nil, err
	}
	project = cmp.Or(project, c.table.project)
	http := newHTTP(key.tokens, cfg.MaxReqAttempts, env, t)
	options := []option.ClientOption{option.WithHTTPClient(http)}
	if v.UDPEndpoint != "" {
		options = append(options, option.WithEndpoint(restEndpoint(v.UDPEndpoint)))
	}
	if c.pages, err = bigquery.NewClient(ctx, project, options...); err != nil {
		return nil, fault.New(fault.Config, "check MIVIDEO.udp_endpoint", fmt.Errorf("BigQuery client: %w", err))
	}
	var storage []option.ClientOption
	switch {
	case v.UDPStorageEndpoint != "":
		storage = []option.ClientOption{
			option.WithEndpoint(v.UDPStorageEndpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		}
	case v.UDPEndpoint == "":
		storage = []option.ClientOption{option.WithTokenSource(key.tokens)}
	default:
		return c, nil
	}
	if c.stream, err = bigquery.NewClient(ctx, project, options...); err == nil {
		err = c.stream.EnableStorageReadClient(ctx, storage...)
	}
	if err != nil {
		return nil, fault.New(fault.Config, "check MIVIDEO.udp_storage_endpoint", fmt.Errorf("BigQuery Storage client: %w", err))
	}
	return c, nil
}

// restEndpoint returns the base of the REST API of an emulator, which is given by its address alone or with a path.
func restEndpoint(address string) string {
	if u, err := url.Parse(address); err == nil && strings.Trim(u.Path, "/") == "" {
		return strings.TrimRight(address, "/") + "/bigquery/v2/"
	}
	return strings.TrimRight(address, "/") + "/"
}

func (c *client) close() error {
	err := c.pages.Close()
	if c.stream != nil {
		err = cmp.Or(c.stream.Close(), err)
	}
	return err
}

// check has BigQuery plan the query of the last hour.
func (c *client) check(ctx context.Context) error {
	now := c.now().UTC()
	_, err := c.plan(ctx, lake.Interval{From: now.Add(-time.Hour), To: now})
	return err
}

// estimate tells how much the query of an interval would process.
func (c *client) estimate(ctx context.Context, i lake.Interval) error {
	bytes, err := c.plan(ctx, i)
	if err != nil {
		return err
	}
	note := "BigQuery would process " + size(bytes)
	if c.maxBytes > 0 && bytes > c.maxBytes {
		note += ", more than MIVIDEO.udp_max_bytes_billed allows (" + size(c.maxBytes) + ")"
	}
	tally.Of(ctx).Note("%s", note)
	c.log.Info("estimate of BigQuery", "relation", c.table.String(), "bytes", bytes)
	return nil
}

// plan has BigQuery check a query and estimate its bytes, which costs nothing.
func (c *client) plan(ctx context.Context, i lake.Interval) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.standstill)
	defer cancel()
	y, err := c.layout(ctx)
	if err != nil {
		return 0, err
	}
	q := c.pages.Query("")
	q.QueryConfig = c.query(y, i)
	q.DryRun, q.MaxBytesBilled, q.JobTimeout = true, 0, 0
	job, err := q.Run(ctx)
	if err == nil {
		err = job.LastStatus().Err()
	}
	if err != nil {
		return 0, c.judge(ctx, err)
	}
	if s := job.LastStatus().Statistics; s != nil {
		return s.TotalBytesProcessed, nil
	}
	return 0, nil
}

// size writes a number of bytes.
func size(n int64) string {
	switch {
	case n >= 10e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 10e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
