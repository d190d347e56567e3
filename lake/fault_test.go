package lake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
	"github.com/tl-its-umich-edu/course-inventory/lake/laketest"
)

// TestPublishUnderFault lets every call of a publication fail in every way, alone, with the next one, and with all that
// follow, and asks each time: do readers see a whole snapshot, is a reported success there, does the next run end right?
func TestPublishUnderFault(t *testing.T) {
	const alone, withNext, withRest = "alone", "with the next", "with the rest"
	patterns := map[string]func(first, n int) bool{
		alone:    func(first, n int) bool { return n == first },
		withNext: func(first, n int) bool { return n == first || n == first+1 },
		withRest: func(first, n int) bool { return n >= first },
	}
	eachStore(t, func(t *testing.T, s store.Store) {
		p := newPublications(t, s)
		for name, fails := range patterns {
			if _, disk := s.(store.Disk); disk && name != alone {
				continue // where disks differ, TestDiskUnderFault goes deeper
			}
			for _, kind := range laketest.Kinds() {
				if name != alone && (kind == laketest.Torn || kind == laketest.Cut) {
					continue // to a publication like refused
				}
				for first := 0; ; first++ {
					faulty := &laketest.Faulty{Store: s, Kind: kind, Fails: func(n int) bool { return fails(first, n) }}
					if !p.under(t, fmt.Sprintf("call %d %s %s", first, kind, name), faulty, name == alone) {
						break
					}
				}
			}
		}
		if p.cases < 100 {
			t.Errorf("only %d cases", p.cases)
		}
	})
}

// publications is a history of publications of one table and date in one store.
type publications struct {
	store  store.Store
	sound  *lake.Lake
	newest lake.Snapshot // of the last publication, which was sound
	cases  int
}

func newPublications(t *testing.T, s store.Store) *publications {
	p := &publications{store: s, sound: lake.New(s, "test://")}
	p.publish(t)
	return p
}

// publish publishes soundly what must become the next number.
func (p *publications) publish(t *testing.T) {
	t.Helper()
	s, err := publish(t.Context(), p.sound, lake.NewRunID(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if s.Number != p.newest.Number+1 {
		t.Fatalf("number %d follows %d", s.Number, p.newest.Number)
	}
	p.newest = s
}

// under publishes under a fault, and soundly afterwards. It returns false if no call was left to fail.
func (p *publications) under(t *testing.T, name string, faulty *laketest.Faulty, alone bool) (more bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	faulty.Hang = cancel
	run := lake.NewRunID(time.Now())
	s, err := publish(ctx, lake.New(faulty, "test://"), run)
	if faulty.Hits() == 0 {
		if err != nil {
			t.Fatalf("without a fault: %v", err)
		}
		p.newest = s
		return false
	}
	p.cases++
	return t.Run(name, func(t *testing.T) {
		there := p.either(t, run, s, err)
		if faulty.Arrive() {
			there = p.either(t, run, s, err)
		}
		checkClass(t, err)
		if alone {
			p.checkAlone(t, faulty, run, err)
		}
		p.newest = there
		p.publish(t)
	})
}

// either returns the newest snapshot, which must be the old one or that of the run, and that if the run was told so.
func (p *publications) either(t *testing.T, run lake.RunID, told lake.Snapshot, err error) lake.Snapshot {
	t.Helper()
	there, readErr := whole(t.Context(), p.sound)
	switch {
	case readErr != nil:
		t.Fatal(readErr)
	case err == nil && (there.Path != told.Path || there.SHA256 != told.SHA256 || there.Run != run):
		t.Fatalf("%s was reported, and %s is there", told.Path, there.Path)
	case there.Run == run && there.Number != p.newest.Number+1:
		t.Fatalf("number %d follows %d", there.Number, p.newest.Number)
	case there.Run != run && (there.Path != p.newest.Path || there.SHA256 != p.newest.SHA256):
		t.Fatalf("neither the old nor the new snapshot: %s", there.Path)
	}
	return there
}

func checkClass(t *testing.T, err error) {
	t.Helper()
	switch class := fault.ClassOf(err); class {
	case fault.OK, fault.Interrupted:
	case fault.Unavailable, fault.Temporary, fault.Data:
		if fault.HintOf(err) == "" && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a hint: %v", err)
		}
	default:
		t.Errorf("error of class %s: %v", class, err)
	}
}

// checkAlone checks what holds if a single call fails.
func (p *publications) checkAlone(t *testing.T, faulty *laketest.Faulty, run lake.RunID, err error) {
	t.Helper()
	done := faulty.Kind == laketest.Lost || faulty.Kind == laketest.Unanswered
	if strings.HasPrefix(faulty.Failed(), "create ") && done && err != nil {
		t.Errorf("the commit was done, and the run was told: %v", err)
	}
	// What was given to Commit stays.
	if err == nil || strings.HasPrefix(err.Error(), "commit: ") || faulty.Kind == laketest.Late {
		return
	}
	dir := fmt.Sprintf("%s/dt=%s/run=%s/", faultTable, faultDay, run)
	if err := p.store.List(t.Context(), dir, func(e store.Entry) { t.Errorf("%s is left", e.Key) }); err != nil {
		t.Error(err)
	}
}
