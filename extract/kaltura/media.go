package kaltura

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Media is a row of raw/kaltura/media: an entry that was ready to be watched when it was read.
type Media struct {
	ID         string     `parquet:"id,dict" doc:"Kaltura's id of the entry"`
	Name       *string    `parquet:"name,optional,dict" doc:"title"`
	CreatedAt  time.Time  `parquet:"created_at,timestamp(microsecond)" doc:"when the entry was made; it may have become ready later"`
	UpdatedAt  *time.Time `parquet:"updated_at,optional,timestamp(microsecond)" doc:"when the entry was last changed"`
	Duration   *int64     `parquet:"duration,optional" doc:"seconds; 0 for images and live streams"`
	Status     *string    `parquet:"status,optional,dict" doc:"2 is ready"`
	Listed     bool       `parquet:"listed" doc:"false where an entry known before is not listed below the root any more; its row is then the last known one, without categories"`
	MediaType  *int64     `parquet:"media_type,optional" doc:"1 video, 2 image, 5 audio, 201 and above live streams"`
	EntryType  *string    `parquet:"entry_type,optional,dict" doc:"1 clip, 7 live stream; others by number or name"`
	PartnerID  *int64     `parquet:"partner_id,optional" doc:"Kaltura's id of the university"`
	Categories *string    `parquet:"categories,optional,dict" doc:"full names of the categories, with commas between them; those with a privacy context are not shown"`
	Root       string     `parquet:"category_root,dict" doc:"full names of the categories that were asked for, with commas between them"`
	Plays      *int64     `parquet:"plays,optional" doc:"how often the entry was played"`
	FetchedAt  time.Time  `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Kaltura"`
}

// relativeUpTo is the largest number of seconds that a filter reads as an offset from now.
const relativeUpTo = 315_360_000

// filter returns the filter of an interval, and whether anything can pass it: Kaltura is younger
// than the times that a filter cannot name.
func (c *client) filter(i lake.Interval) (filter, bool) {
	first, last := i.From.Unix(), i.To.Unix()-1
	if i.From.Nanosecond() > 0 {
		first++ // the API counts whole seconds
	}
	f := filter{Type: filterType, From: max(first, relativeUpTo+1), To: last, Categories: c.categories, OrderBy: oldestFirst}
	return f, f.From <= f.To
}

// media yields the entries created in an interval, oldest first.
func (c *client) media(ctx context.Context, i lake.Interval) iter.Seq2[Media, error] {
	return func(yield func(Media, error) bool) {
		f, some := c.filter(i)
		var expected, found int64
		listed, left, count := map[string]bool{}, newOdd(), tally.Of(ctx)
		seen := map[string]bool{} // the ids of the second f.From that have been yielded
		for first := true; some; first = false {
			p, err := c.list(ctx, f, c.pageSize)
			if err != nil {
				yield(Media{}, err)
				return
			}
			if first {
				expected = p.total
				tally.Of(ctx).Expect(int(p.total))
			}
			fresh := int64(0)
			at := c.now().UTC().Truncate(time.Microsecond)
			nameless, last := map[int64][]string{}, ""
			for _, e := range p.entries {
				if second, ok := e.second(); ok && second != f.From {
					f.From = second
					clear(seen)
				}
				id, why := e.id(), e.lacks()
				switch {
				case id == "":
					nameless[f.From] = append(nameless[f.From], namelessAfter(last))
					continue
				case seen[id], left.ids[id]:
				case why != "":
					fresh++
					left.add(count, id, why)
				default:
					seen[id], listed[id] = true, true
					fresh++
					if !yield(e.row(count, at, c.root()), nil) {
						return
					}
				}
				last = id
			}
			fresh += left.addNameless(count, nameless)
			found += fresh
			tally.Of(ctx).Done(int(fresh))
			if p.total <= int64(len(p.entries)) {
				break
			}
			if fresh == 0 {
				yield(Media{}, fault.New(fault.Unavailable, "run the same command again; if it stays, ask Kaltura why the filter idNotIn does not work",
					fmt.Errorf("Kaltura: media.list gives the same entries again, %d of the second %s are left", p.total, time.Unix(f.From, 0).UTC().Format(time.RFC3339))))
				return
			}
			f.IDNotIn = join(seen, left.ids)
		}
		count.Count(expected, found-left.count)
		if found != expected {
			if err := c.reconcile(ctx, i, expected, found); err != nil {
				yield(Media{}, err)
				return
			}
		}
		if !i.From.After(c.start) {
			c.unlisted(ctx, i, listed, left, yield)
		}
	}
}

// reconcile looks whether entries that came and went while they were read explain that there were not as many as announced.
func (c *client) reconcile(ctx context.Context, i lake.Interval, expected, found int64) error {
	f, _ := c.filter(i)
	p, err := c.list(ctx, f, 1)
	if err != nil {
		return err
	}
	if found < min(expected, p.total) {
		return fault.New(fault.Temporary, "run the same command again; if it stays, ask Kaltura why media.list does not give all that it counts",
			fmt.Errorf("Kaltura: media.list counts %d entries before and %d after, but gave %d", expected, p.total, found))
	}
	tally.Of(ctx).Note("entries changed meanwhile: Kaltura counted %d before and %d after, and gave %d", expected, p.total, found)
	return nil
}

// estimate tells how many entries an interval has.
func (c *client) estimate(ctx context.Context, i lake.Interval) error {
	f, some := c.filter(i)
	if !some {
		return nil
	}
	p, err := c.list(ctx, f, 1)
	if err == nil {
		tally.Of(ctx).Note("%d entries", p.total)
	}
	return err
}

func join(sets ...map[string]bool) string {
	var all []string
	for _, ids := range sets {
		all = slices.AppendSeq(all, maps.Keys(ids))
	}
	return strings.Join(all, ",")
}

// root returns the categories that are asked for without the > that excludes the category itself.
func (c *client) root() string {
	names := strings.Split(c.categories, ",")
	for i, name := range names {
		names[i] = strings.TrimSuffix(strings.TrimSpace(name), ">")
	}
	return strings.Join(names, ",")
}
