package extractcmd

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
)

// meter tells how far an extract has come, over all its tables.
type meter struct {
	pace func() extract.Pace // nil where the source has no limiter to tell of

	mu     sync.Mutex
	tables map[string]extract.Progress
	marks  []mark // of the last minute
}

// mark is how many requests had been sent at a time.
type mark struct {
	at   time.Time
	done int64
}

// figures is what there is to tell.
type figures struct {
	done, expected int64   // requests; expected grows while the lists are read that they follow from
	rate           float64 // requests a second, over the last minute
	left           time.Duration
	pace           extract.Pace
}

func newMeter(pace func() extract.Pace) *meter {
	return &meter{pace: pace, tables: map[string]extract.Progress{}, marks: []mark{{at: time.Now()}}}
}

func (m *meter) take(p extract.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tables[p.Table] = p
}

// read returns the present figures.
func (m *meter) read() figures {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := figures{pace: extract.Pace{Remaining: -1}}
	for _, p := range m.tables {
		f.done += p.Requests.Total
		if p.Finished {
			f.expected += p.Requests.Total
		} else {
			f.expected += max(p.Planned, p.Requests.Total)
		}
	}
	if m.pace != nil {
		f.pace = m.pace()
	}
	now := time.Now()
	first := m.marks[0]
	if spent := now.Sub(first.at).Seconds(); spent > 0 {
		f.rate = float64(f.done-first.done) / spent
	}
	if f.rate > 0 {
		f.left = time.Duration(float64(f.expected-f.done) / f.rate * float64(time.Second)).Round(time.Second)
	}
	if last := m.marks[len(m.marks)-1]; now.Sub(last.at) >= time.Second {
		m.marks = append(m.marks, mark{now, f.done})
	}
	for len(m.marks) > 1 && now.Sub(m.marks[1].at) >= time.Minute {
		m.marks = m.marks[1:]
	}
	return f
}

// String is the line below the progress bars.
func (f figures) String() string {
	text := fmt.Sprintf("%s of %s, %.1f a second", quantity.Number(f.done), quantity.Of(f.expected, "request"), f.rate)
	if f.pace.Remaining >= 0 {
		text += fmt.Sprintf(", %d of %d under way, quota %.0f", f.pace.InFlight, f.pace.Limit, f.pace.Remaining)
	}
	if f.pace.Refused > 0 {
		text += fmt.Sprintf(", %s refused", quantity.Number(f.pace.Refused))
	}
	if f.left > 0 {
		text += fmt.Sprintf(", %v left", f.left)
	}
	return text
}

func (f figures) log(log *slog.Logger) {
	log.Info("progress", "requests_done", f.done, "requests_expected", f.expected, "requests_per_second", float64(int64(f.rate*10))/10,
		"in_flight", f.pace.InFlight, "in_flight_limit", f.pace.Limit, "quota_remaining", f.pace.Remaining, "refused", f.pace.Refused,
		"seconds_left", int64(f.left.Seconds()))
}

// logEvery is how often a log tells of the progress.
const logEvery = 10 * time.Second

// watch logs the figures now and then, until stop is called.
func (m *meter) watch(log *slog.Logger) (stop func()) {
	ending := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		tick := time.NewTicker(logEvery)
		defer tick.Stop()
		for {
			select {
			case <-ending:
				return
			case <-tick.C:
				m.read().log(log)
			}
		}
	})
	return func() {
		close(ending)
		watcher.Wait()
	}
}
