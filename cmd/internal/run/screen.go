package run

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// screen is standard error: log lines and, on a terminal, progress bars below them.
type screen struct {
	log   *slog.Logger
	level *slog.LevelVar
	bars  *mpb.Progress // nil where no bars are shown
	close func()
}

func newScreen(w *os.File, o *options) *screen {
	terminal := term.IsTerminal(int(w.Fd()))
	s := &screen{level: new(slog.LevelVar), close: func() {}}
	if o.logLevel != "" {
		_ = s.level.UnmarshalText([]byte(o.logLevel)) // the flag was checked
	}
	var out io.Writer = w
	if o.showAs == "always" || o.showAs == "auto" && terminal {
		refresh := make(chan any)
		s.bars = mpb.New(mpb.WithOutput(w), mpb.WithManualRefresh(refresh), mpb.WithWidth(40))
		out = &above{s.bars, w}
		stop := make(chan struct{})
		var painter sync.WaitGroup
		painter.Go(func() { paint(refresh, stop) })
		s.close = sync.OnceFunc(func() {
			close(stop)
			painter.Wait()
			s.bars.Shutdown()
		})
	}
	handler := slog.Handler(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: s.level}))
	if text(w, o) {
		handler = slog.NewTextHandler(out, &slog.HandlerOptions{Level: s.level})
	}
	s.log = slog.New(once{Handler: handler})
	return s
}

// above prints above the bars, and plainly once they are gone.
type above struct {
	bars  *mpb.Progress
	plain io.Writer
}

func (a *above) Write(p []byte) (int, error) {
	if n, err := a.bars.Write(p); err == nil {
		return n, nil
	}
	return a.plain.Write(p)
}

// below returns a writer to w that first ends the bars, which else would be painted over what it writes.
func (s *screen) below(w io.Writer) io.Writer { return &below{s, w} }

type below struct {
	screen *screen
	w      io.Writer
}

func (b *below) Write(p []byte) (int, error) {
	b.screen.close()
	return b.w.Write(p)
}

// paint refreshes the screen until stop is closed. What is printed above the bars appears with the next refresh, so the
// last lines need one more; that it has happened is known once the refresh after it is accepted.
func paint(refresh chan<- any, stop <-chan struct{}) {
	again := func() {
		select {
		case refresh <- nil:
		case <-time.After(time.Second): // the screen is gone
		}
	}
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			again()
		case <-stop:
			again()
			again()
			return
		}
	}
}

func text(w *os.File, o *options) bool {
	return o.logFormat == "text" || o.logFormat == "" && term.IsTerminal(int(w.Fd()))
}

func (s *screen) setLevel(l slog.Level) { s.level.Set(l) }

// Progress is told how far a table has come. Total is 0 while it is unknown; the last call has done == total.
// It is never nil and safe for concurrent use.
type Progress func(stage, table string, done, total int64)

func (s *screen) progress() Progress {
	if s.bars == nil {
		return func(string, string, int64, int64) {}
	}
	var mu sync.Mutex
	shown := map[string]*mpb.Bar{}
	return func(stage, table string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		name := stage + " " + table
		bar := shown[name]
		if bar == nil {
			// A bar that is added with a total ends for good when it gets there, although the total may have grown.
			bar = s.bars.AddBar(0,
				mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-36s", name))),
				mpb.AppendDecorators(decor.CountersNoUnit("%d / %d"), decor.Elapsed(decor.ET_STYLE_GO, decor.WC{W: 8})))
			shown[name] = bar
		}
		bar.SetTotal(total, false)
		bar.SetCurrent(done)
		if total > 0 && done >= total {
			bar.SetTotal(total, true)
		}
	}
}

// status shows a line below the bars, made anew with each refresh, and reports whether there are any bars. The line is called
// until the screen closes.
func (s *screen) status(line func() string) (shown bool) {
	if s.bars == nil {
		return false
	}
	bar, err := s.bars.Add(1, mpb.NopStyle().Build(), mpb.BarPriority(math.MaxInt), mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return line() })))
	return err == nil && bar != nil
}

// reportError prints the end of a program that did not succeed: what happened and what to do about it.
func reportError(w *os.File, name string, o *options, err error, code int) {
	if err == nil {
		return
	}
	remedies := fault.Remedies(err)
	if !text(w, o) {
		slog.New(slog.NewJSONHandler(w, nil)).Error("failed", "program", name, "error", err.Error(), "remedy", strings.Join(remedies, "; "), "class", fault.ClassOf(err).String(), "exit_code", code)
		return
	}
	fmt.Fprintf(w, "%s: %v\n", name, err)
	for _, remedy := range remedies {
		fmt.Fprintf(w, "  remedy: %s\n", remedy)
	}
	fmt.Fprintf(w, "  exit status: %d (%s)\n", code, fault.ClassOf(err))
}
