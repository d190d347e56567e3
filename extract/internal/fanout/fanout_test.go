package fanout

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var items = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}

// slowly takes a second for each item and brings two rows; it counts the calls under way.
func slowly(active, most *atomic.Int64) func(context.Context, int) ([]int, error) {
	return func(ctx context.Context, i int) ([]int, error) {
		n := active.Add(1)
		defer active.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		select {
		case <-time.After(time.Second):
			return []int{i, -i}, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func TestEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var active, most atomic.Int64
		var got []int
		began := time.Now()
		for row, err := range Each(t.Context(), 4, items, slowly(&active, &most)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row)
		}
		slices.Sort(got)
		want := []int{-10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(began); took != 3*time.Second || most.Load() != 4 {
			t.Errorf("took %v with %d at once", took, most.Load())
		}
	})
}

// TestEnd checks that nothing runs on, however the sequence ends.
func TestEnd(t *testing.T) {
	trouble := errors.New("trouble")
	for name, test := range map[string]struct {
		read func(ctx context.Context, cancel func(), rows func(func(int, error) bool)) error
		fail bool
		want error
	}{
		"reader stops": {read: func(_ context.Context, _ func(), rows func(func(int, error) bool)) error {
			for range rows {
				break
			}
			return nil
		}},
		"fetch fails": {fail: true, want: trouble, read: func(_ context.Context, _ func(), rows func(func(int, error) bool)) error {
			var last error
			for _, err := range rows {
				last = err
			}
			return last
		}},
		"cancelled": {want: context.Canceled, read: func(_ context.Context, cancel func(), rows func(func(int, error) bool)) error {
			var last error
			for _, err := range rows {
				cancel()
				last = err
			}
			return last
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var active, most atomic.Int64
				fetch := slowly(&active, &most)
				rows := Each(ctx, 4, items, func(ctx context.Context, i int) ([]int, error) {
					if test.fail && i == 6 {
						return nil, trouble
					}
					return fetch(ctx, i)
				})
				began := time.Now()
				if err := test.read(ctx, cancel, rows); !errors.Is(err, test.want) {
					t.Errorf("ended in %v, want %v", err, test.want)
				}
				if active.Load() != 0 || time.Since(began) > 2*time.Second {
					t.Errorf("%d calls go on, %v later", active.Load(), time.Since(began))
				}
			})
		})
	}
}
