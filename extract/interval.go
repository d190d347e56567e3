package extract

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Since says where the intervals of an incremental table begin.
type Since struct {
	Start    time.Time     // of the first interval; none begins before it
	StartKey string        // the configuration key of Start, for hints
	Overlap  time.Duration // how much of the interval before is read again, for what arrived late
	// FullDays is the number of days after which everything since Start is read again, for what changes later than Overlap
	// covers; 0 is never. The schedule is derived from the intervals in the lake, see [tableRun.fullDue].
	FullDays int
	// Estimate tells, as a note of the tally, what reading an interval would cost. A dry run calls it. It may be nil.
	Estimate func(context.Context, lake.Interval) error
}

// NewIncremental returns the table that rows yields interval by interval: a snapshot holds what belongs to
// [From, To), where To is the beginning of its date, and From is the To of the newest snapshot of an earlier
// date, or the end of the day of its last row where that is earlier, less the overlap. at tells when a row happened, for the watermark.
func NewIncremental[T any](name string, key []string, since Since, at func(*T) time.Time, rows func(context.Context, lake.Interval) iter.Seq2[T, error]) Table {
	t := NewTable(name, key, func(ctx context.Context) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) {
			s := spanOf(ctx)
			s.watermark = time.Time{}
			for row, err := range rows(ctx, s.Interval) {
				if when := at(&row); err == nil && when.After(s.watermark) {
					s.watermark = when
				}
				if !yield(row, err) {
					return
				}
			}
		}
	})
	t.since = &since
	return t
}

// span is the interval that an incremental table reads, and how far the rows seen in it reach.
type span struct {
	lake.Interval
	watermark time.Time
}

type spanKey struct{}

func spanOf(ctx context.Context) *span {
	s, _ := ctx.Value(spanKey{}).(*span)
	if s == nil {
		panic("extract: an incremental table is read outside Run")
	}
	return s
}

// begin finds the interval of an incremental table, the snapshot that a table follows or the one that it remembers, and returns a
// context that carries it.
func (t *tableRun) begin(ctx context.Context) (context.Context, error) {
	ctx, err := t.look(ctx)
	if err != nil {
		return ctx, err
	}
	if t.follows != "" {
		return t.follow(ctx)
	}
	if t.since == nil {
		return ctx, nil
	}
	i, err := t.interval(ctx)
	if err != nil {
		return ctx, err
	}
	t.span = &span{Interval: i}
	return context.WithValue(ctx, spanKey{}, t.span), nil
}

func (t *tableRun) interval(ctx context.Context) (lake.Interval, error) {
	p := t.run.plan
	i := lake.Interval{From: t.since.Start.UTC(), To: p.Date.Time()}
	if today := lake.DateOf(p.Now()); today.Before(p.Date) {
		return i, fault.New(fault.Usage, fmt.Sprintf("give --date %s or an earlier one", today),
			fmt.Errorf("the interval up to %s is not over yet: today is %s (UTC)", text(i.To), today))
	}
	earlier, err := t.run.lake.Before(ctx, t.name, p.Date)
	due := p.Full
	if err == nil && !due {
		if due, err = t.fullDue(ctx); due {
			t.run.log().Info("reading everything since the start again", "table", t.name, "since", text(i.From), "every_days", t.since.FullDays)
		}
	}
	switch {
	case due || errors.Is(err, lake.ErrNotFound):
	case err != nil:
		return i, err
	case earlier.Interval == nil:
		return i, fault.New(fault.Data, "read everything since the start with --full", fmt.Errorf("manifest %s tells no interval to go on from", earlier.Path))
	default:
		if from := reached(earlier).Add(-t.since.Overlap).UTC(); from.After(i.From) {
			i.From = from
		}
	}
	if !i.From.Before(i.To) {
		return i, fault.New(fault.Usage, fmt.Sprintf("give a later --date, or set %s to an earlier time", t.since.StartKey),
			fmt.Errorf("the interval of %s is empty: it would begin at %s and end at %s", p.Date, text(i.From), text(i.To)))
	}
	return i, nil
}

// reached returns up to when a snapshot is known to be complete: the end of its interval, or of the day of its last row, if that is
// earlier. A run under a clock that was ahead made an interval that ends after what there was to read.
func reached(s lake.Snapshot) time.Time {
	const day = 24 * time.Hour
	if s.Watermark != nil {
		if end := s.Watermark.UTC().Truncate(day).Add(day); end.Before(s.Interval.To) {
			return end
		}
	}
	return s.Interval.To
}

// rehearse says what would be read.
func (t *tableRun) rehearse(ctx context.Context) error {
	if t.follows != "" {
		return t.rehearseFollow(ctx)
	}
	ctx, err := t.begin(tally.With(ctx, &t.run.book, t.Name))
	if err != nil || t.span == nil {
		return err
	}
	t.tally.Note("from %s to %s", text(t.span.From), text(t.span.To))
	if t.since.Estimate == nil {
		return nil
	}
	return t.since.Estimate(ctx, t.span.Interval)
}

func text(t time.Time) string { return t.Format(time.RFC3339) }
