package lake_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
	"github.com/tl-its-umich-edu/course-inventory/lake/laketest"
)

// TestReadUnderFault lets every call of a reader fail in every way: it gets all rows or an error, never other rows.
func TestReadUnderFault(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		for range 3 {
			if _, err := publish(t.Context(), lake.New(s, "test://"), lake.NewRunID(time.Now())); err != nil {
				t.Fatal(err)
			}
		}
		cases := 0
		for _, kind := range laketest.Kinds() {
			for first := 0; ; first++ {
				ctx, cancel := context.WithCancel(t.Context())
				faulty := &laketest.Faulty{Store: s, Kind: kind, Fails: func(n int) bool { return n == first }, Hang: cancel}
				err := read(ctx, lake.New(faulty, "test://"))
				cancel()
				if faulty.Hits() == 0 {
					if err != nil {
						t.Fatal(err)
					}
					break
				}
				cases++
				t.Run(fmt.Sprintf("call %d %s", first, kind), func(t *testing.T) {
					checkClass(t, err)
					if err == nil && kind != laketest.Cut { // where nothing is left to cut
						t.Errorf("a fault of %q was passed over", faulty.Failed())
					}
				})
			}
		}
		if cases < 60 {
			t.Errorf("only %d cases", cases)
		}
	})
}

// read does what readers do, and returns an error unless it sees the third of three snapshots, whole.
func read(ctx context.Context, l *lake.Lake) error {
	dates, err := l.Dates(ctx, faultTable)
	if err != nil {
		return err
	}
	if len(dates) != 1 {
		return fmt.Errorf("dates: %v", dates)
	}
	before, err := l.Before(ctx, faultTable, faultDay.AddDays(1))
	if err != nil {
		return err
	}
	s, err := whole(ctx, l)
	if err != nil {
		return err
	}
	if s.Number != 3 || before.Path != s.Path {
		return fmt.Errorf("numbers %d and %d", s.Number, before.Number)
	}
	return nil
}
