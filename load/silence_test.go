package load_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// A server, or what lies before it, that takes connections and says nothing any more does not hold a load for ever.
func TestServerFallsSilent(t *testing.T) {
	lk, u := openLake(t), first(20)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	direct, db := database(t)
	mustLoad(t, lk, direct, plan(day1))
	for _, at := range []string{"difference computed", "transaction begun", "rows put"} {
		silent, cfg := newProxy(t, direct)
		hold := sync.OnceFunc(silent.hold)
		log := logged{at: func(message string) {
			if message == at {
				hold()
			}
		}}
		p := plan(day2)
		p.Wait, p.Silence, p.Log = time.Minute, time.Second, log.logger()
		_, err := load.Run(t.Context(), lk, cfg, p)
		silent.release()
		checkFault(t, err, fault.Unavailable, "has answered nothing for 1s", "COURSE_INVENTORY", "run the same command again")
		if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
			t.Fatalf("silent at %q (-want +got):\n%s", at, diff)
		}
	}
	silent, cfg := newProxy(t, direct)
	silent.hold()
	defer silent.release()
	p := plan(day2)
	p.Silence = time.Second
	_, err := load.Run(t.Context(), lk, cfg, p)
	checkFault(t, err, fault.Unavailable, "connect: MySQL server", "has answered nothing for 1s")
}

// Whoever wants to stop need not wait for a silent server.
func TestStopWhileServerIsSilent(t *testing.T) {
	lk, u := openLake(t), first(20)
	u.commit(t, lk, day1)
	t.Run("load", func(t *testing.T) {
		direct, db := database(t)
		silent, cfg := newProxy(t, direct)
		ctx, cancel := context.WithCancel(t.Context())
		log := logged{at: func(message string) {
			if message == "transaction begun" {
				silent.hold()
				cancel()
			}
		}}
		p := plan(day1)
		p.Log = log.logger()
		_, err := load.Run(ctx, lk, cfg, p)
		silent.release()
		checkFault(t, err, fault.Interrupted)
		if diff := cmp.Diff(map[string]string{}, tables(t, db)); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
	})
	t.Run("migrate", func(t *testing.T) {
		direct, db := newDatabase(t)
		silent, cfg := newProxy(t, direct)
		ctx, cancel := context.WithCancel(t.Context())
		var migrating errgroup.Group
		migrating.Go(func() error { return load.Migrate(ctx, cfg, 0, slog.New(slog.DiscardHandler)) })
		for query(t, db, "SHOW TABLES LIKE 'goose%'") == "" {
			time.Sleep(time.Millisecond)
		}
		silent.hold()
		cancel()
		err := migrating.Wait()
		silent.release()
		checkFault(t, err, fault.Interrupted)
		if err := load.Migrate(t.Context(), direct, 0, slog.New(slog.DiscardHandler)); err != nil {
			t.Error(err)
		}
	})
}
