package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

const (
	probeRacers = 8
	// clockSlack is how far the store's clock may be off: clean-ups compare its times with this machine's, and S3 refuses more.
	clockSlack = 10 * time.Minute
)

// Probe finds out whether the lake's store does what the commit rule rests on, and whether the credentials allow all of it. It
// creates an object twice, and another by many at once, of whom one may succeed; reads, lists and deletes them. The error says
// what is wrong and what to do. Beside the objects of the probe it touches nothing.
func (l *Lake) Probe(ctx context.Context) error {
	p := probe{lake: l, dir: store.ProbeArea + string(NewRunID(time.Now())) + "/"}
	err := p.run(ctx)
	// Also what an error left, and what was written while the context ended.
	clean, cancel := settle(ctx)
	defer cancel()
	return errors.Join(err, p.remove(clean))
}

// probe is one call of Probe; its objects are in a directory of their own.
type probe struct {
	lake *Lake
	dir  string
}

func (p probe) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{p.createTwice, p.createAtOnce, p.readBack, p.list, p.compareClocks} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("probe of the lake: %w", err)
		}
	}
	return nil
}

func (p probe) twice() string  { return p.dir + "twice" }
func (p probe) atOnce() string { return p.dir + "at once" } // with a blank, as some keys of catalogs and reports may have

func (p probe) createTwice(ctx context.Context) error {
	if err := p.lake.create(ctx, p.twice(), []byte("first")); err != nil {
		return err
	}
	err := p.lake.create(ctx, p.twice(), []byte("second"))
	if err == nil {
		return store.ErrForgetful
	}
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

func (p probe) createAtOnce(ctx context.Context) error {
	racers, inRace := errgroup.WithContext(ctx)
	won := make([]bool, probeRacers)
	for i := range probeRacers {
		racers.Go(func() error {
			err := p.lake.create(inRace, p.atOnce(), racer(i))
			if won[i] = err == nil; won[i] || errors.Is(err, store.ErrExists) {
				return nil
			}
			return err
		})
	}
	if err := racers.Wait(); err != nil {
		return err
	}
	var winners []int
	for i := range won {
		if won[i] {
			winners = append(winners, i)
		}
	}
	if len(winners) != 1 {
		return unfit("of %d writers that created one object at once, %d were told that they succeeded, not one", probeRacers, len(winners))
	}
	data, err := p.lake.read(ctx, p.atOnce())
	if err == nil && !bytes.Equal(data, racer(winners[0])) {
		err = unfit("of %d writers that created one object at once, another won than was told so", probeRacers)
	}
	return err
}

func racer(i int) []byte { return fmt.Appendf(nil, "racer %d", i) }

func (p probe) readBack(ctx context.Context) error {
	data, err := p.lake.read(ctx, p.twice())
	if err != nil {
		return err
	}
	if string(data) != "first" {
		return unfit("an object holds %q instead of what was created", data)
	}
	r, err := p.lake.store.Open(ctx, p.twice(), 1, 3)
	if err != nil {
		return storeError(p.twice(), err)
	}
	defer r.Close()
	data, err = io.ReadAll(r)
	if err == nil && string(data) != "irs" {
		return unfit("a range of an object is read as %q: it ignores ranges", data)
	}
	return storeError(p.twice(), err)
}

func (p probe) list(ctx context.Context) error {
	found := map[string]bool{}
	if err := p.lake.list(ctx, p.dir, func(_ string, e store.Entry) { found[e.Key] = true }); err != nil {
		return err
	}
	if len(found) != 2 || !found[p.twice()] || !found[p.atOnce()] {
		return unfit("a listing right after two objects were written has %d: it is not up to date", len(found))
	}
	return nil
}

func (p probe) compareClocks(ctx context.Context) error {
	there, err := p.lake.store.Stat(ctx, p.twice())
	if err != nil {
		return storeError(p.twice(), err)
	}
	if off := time.Since(there.ModTime).Round(time.Second); off.Abs() > clockSlack {
		return fault.New(fault.Config, "set the clocks, for example by NTP: clean-ups compare the times of objects with this machine's",
			fmt.Errorf("the store's clock differs from this machine's by %s", off.Abs()))
	}
	return nil
}

// remove deletes the probe's objects and makes sure that they are gone.
func (p probe) remove(ctx context.Context) error {
	for _, key := range []string{p.twice(), p.atOnce()} {
		if err := p.lake.store.Delete(ctx, key); err != nil {
			return fmt.Errorf("probe of the lake: delete: %w", storeError(key, err))
		}
		switch _, err := p.lake.store.Stat(ctx, key); {
		case err == nil:
			return fmt.Errorf("probe of the lake: %w", unfit("the deleted object %s is still there", key))
		case !store.Missing(err):
			return fmt.Errorf("probe of the lake: %w", storeError(key, err))
		}
	}
	return nil
}

// unfit is the error of a store that answers, but not as it must.
func unfit(format string, args ...any) error {
	return fault.New(fault.Config, "use another store, or a newer version of this one (docs/stores.md lists what a store must do)",
		fmt.Errorf("the store is unfit for a lake: "+format, args...))
}
