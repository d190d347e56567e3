package lake_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// taken is a store that has something of its own under every key.
type taken struct{ store.Store }

func (taken) Create(context.Context, string, []byte) error          { return store.ErrExists }
func (taken) Read(context.Context, string) ([]byte, error)          { return []byte("welcome"), nil }
func (taken) List(context.Context, string, func(store.Entry)) error { return nil }
func (taken) Close() error                                          { return nil }

func TestCommitGivesUpOnAStoreThatCallsAllNumbersTaken(t *testing.T) {
	l := lake.New(taken{}, "test://")
	d, err := lake.ParseDate("2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Commit(t.Context(), lake.Manifest{Table: lake.Curated("x"), Date: d, Run: "RUN", Columns: []lake.Column{{Name: "id", Type: lake.BigInt}}})
	if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "curated/x/dt=2026-03-01/: the store calls 1000 numbers in a row taken") {
		t.Errorf("got %v", err)
	}
}
