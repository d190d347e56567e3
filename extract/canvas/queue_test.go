package canvas

import (
	"runtime"
	"testing"
	"weak"
)

// TestTakenPagesAreForgotten checks that the queue, which lives as long as the run, holds no page that has been taken: with it go the
// rows of its course.
func TestTakenPagesAreForgotten(t *testing.T) {
	q := newQueue(maxBatch)
	var taken []weak.Pointer[slot]
	for course := range int64(3) {
		s := newSeats(&Course{ID: course})
		s.rows = make([]Enrollment, pageRows)
		first := s.first(maxBatch)
		q.put(first)
		taken = append(taken, weak.Make(first))
	}
	q.close()
	if batch, err := q.take(t.Context()); err != nil || len(batch) != len(taken) {
		t.Fatalf("%d pages, %v", len(batch), err)
	}
	runtime.GC()
	for i, page := range taken {
		if page.Value() != nil {
			t.Errorf("the page of course %d is still held", i)
		}
	}
	runtime.KeepAlive(q)
}
