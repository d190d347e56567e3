package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// grace is how long running requests may take after an interrupt.
const grace = 3 * time.Second

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o campus.Options
	fs := newFlags("serve", "serve until interrupted; one line of JSON says how to reach it", &o, stderr)
	addr := fs.String("addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	ready := fs.String("ready-file", "", "also write the line of JSON to this `file` once ready")
	profile := fs.String("profile", "clean", "clean, throttled, flaky or hostile")
	fs.DurationVar(&o.Latency, "latency", 0, "time that a request takes, ±30 %")
	fs.DurationVar(&o.Stall, "stall", 3*time.Second, "how long a hostile server hangs")
	fs.Float64Var(&o.Cost, "cost", 1, "multiplies what requests cost against the rate limit")
	fs.Float64Var(&o.Limits.HighWater, "hwm", 600, "rate limit: level at which requests are refused")
	fs.Float64Var(&o.Limits.Outflow, "outflow", 10, "rate limit: units that drain per second")
	fs.IntVar(&o.Limits.Status, "limit-status", 429, "status of a refusal: 429, or 403 as before October 2025")
	fs.BoolVar(&o.Rights.NoSIS, "no-sis", false, "the token may not see SIS ids")
	fs.BoolVar(&o.Rights.NoAudit, "no-audit", false, "the token may not see audit logs")
	fs.BoolVar(&o.Rights.NoAnalytics, "no-analytics", false, "the token may not see course activity")
	fs.BoolVar(&o.Rights.NoRoster, "no-roster", false, "the token may not see enrollments")
	fs.BoolVar(&o.NoAuditStore, "no-audit-store", false, "the installation keeps no audit log")
	fs.DurationVar(&o.GatewayTokenLife, "gateway-token-life", time.Hour, "how long a gateway token is good")
	fs.IntVar(&o.RevokeAfter, "revoke-after", 0, "refuse the token after so many requests; 0: never")
	fs.Var(idsFlag{&o.NullCourses}, "null-course", "`ids` of courses that GraphQL always answers with null")
	fs.Var(idsFlag{&o.ClosedCourses}, "closed-course", "`ids` of courses of which the token may see nothing but that they exist")
	fs.Func("break", "`PATH-PREFIX=STATUS`: such requests always fail; may be repeated", func(s string) error {
		b, err := campus.ParseBreak(s)
		o.Breaks = append(o.Breaks, b)
		return err
	})
	fs.StringVar(&o.WarehouseDSN, "udw-dsn", "", "`URL` of a PostgreSQL whose warehouse tables are dropped and filled")
	if err := parse(fs, args); err != nil {
		return err
	}
	var err error
	if o.Profile, err = campus.ParseProfile(*profile); err != nil {
		return fault.New(fault.Usage, "", err)
	}
	o.Log = slog.New(slog.NewTextHandler(stderr, nil))
	c, err := campus.New(o)
	if err != nil {
		return fault.New(fault.Usage, "", err)
	}
	if err := c.Pour(ctx); err != nil {
		return fault.New(fault.Unavailable, "Check -udw-dsn and that the server runs.", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", *addr)
	if err != nil {
		return fault.New(fault.Unavailable, "Choose another -addr; port 0 takes a free one.", err)
	}
	line, err := json.Marshal(c.Info("http://" + l.Addr().String()))
	if err != nil {
		return fmt.Errorf("describe the campus: %w", err)
	}
	return run(ctx, l, c.Handler(), append(line, '\n'), *ready, stdout)
}

// run serves until ctx ends, and says so once it is ready.
func run(ctx context.Context, l net.Listener, h http.Handler, line []byte, ready string, stdout io.Writer) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	if _, err := stdout.Write(line); err != nil {
		return stopServer(ctx, srv, done, fmt.Errorf("print the address: %w", err))
	}
	if ready != "" {
		if err := writeWhole(ready, line); err != nil {
			return stopServer(ctx, srv, done, err)
		}
	}
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return stopServer(ctx, srv, done, nil)
	}
}

// stopServer ends the server and waits for it; cause is what it returns.
func stopServer(ctx context.Context, srv *http.Server, done <-chan error, cause error) error {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := srv.Shutdown(limit); err != nil {
		_ = srv.Close() // a client that hangs on does not keep the program alive
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) && cause == nil {
		return fmt.Errorf("serve: %w", err)
	}
	return cause
}

// writeWhole makes the file appear with all its content at once.
func writeWhole(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("ready file: %w", err)
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("ready file: %w", err)
	}
	return nil
}
