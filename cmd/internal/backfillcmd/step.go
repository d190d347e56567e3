package backfillcmd

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// step is one stage of one job and date.
type step struct {
	stage string // as in the records of runs, such as extract-udp
	job   string
	date  lake.Date

	state state
	why   string // of the state, a few words

	needs []*step // must be done, or have been done before
	after []*step // must have ended, well or not
	work  func(context.Context, *run.Env, *lake.Lake) (run.Report, error)

	rows int64
	took time.Duration
	err  error
	end  chan struct{} // closed when the step has ended
}

// state is what is to be done about a step, and later what became of it.
type state int

const (
	planned  state = iota
	there          // done before
	passed         // it is not to be done, or cannot be
	made           // done now
	failed         // now
	stranded       // what it needs was not made
	unbegun        // the backfill was stopped before
)

func (s state) String() string {
	return [...]string{"to do", "there before", "passed over", "made", "failed", "not possible", "not begun"}[s]
}

// good tells whether other steps can build on the step.
func (s *step) good() bool { return s.state == there || s.state == made }

// chain appends a step that begins after the last one has ended.
func chain(steps []*step, s *step) []*step {
	if n := len(steps); n > 0 {
		s.after = append(s.after, steps[n-1])
	}
	return append(steps, s)
}
