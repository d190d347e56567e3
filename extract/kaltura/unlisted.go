package kaltura

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// known is what is carried over of a row of an earlier date.
type known struct {
	ID        string     `parquet:"id,dict"`
	Name      *string    `parquet:"name,optional,dict"`
	CreatedAt time.Time  `parquet:"created_at,timestamp(microsecond)"`
	UpdatedAt *time.Time `parquet:"updated_at,optional,timestamp(microsecond)"`
	Duration  *int64     `parquet:"duration,optional"`
	MediaType *int64     `parquet:"media_type,optional"`
	EntryType *string    `parquet:"entry_type,optional,dict"`
	PartnerID *int64     `parquet:"partner_id,optional"`
	Plays     *int64     `parquet:"plays,optional"`
	FetchedAt time.Time  `parquet:"fetched_at,timestamp(microsecond)"`

	Status     *string `parquet:"status,optional,dict"` // NULL in rows of entries that were not listed
	Categories *string `parquet:"categories,optional,dict"`
}

// unlisted yields the entries of an interval that earlier dates know and the whole list has no more: they were deleted, or lost
// their last category below the root. Without categories they belong to no course. Those that may be listed, but odd, keep their rows.
func (c *client) unlisted(ctx context.Context, i lake.Interval, listed map[string]bool, left *odd, yield func(Media, error) bool) {
	n, kept := 0, 0
	at := c.now().UTC().Truncate(time.Microsecond)
	for k, err := range extract.Known[known](ctx) {
		if err != nil {
			yield(Media{}, err)
			return
		}
		if listed[k.ID] || k.CreatedAt.Before(i.From) || !k.CreatedAt.Before(i.To) {
			continue
		}
		listed[k.ID] = true // the newest date counts
		row := Media{
			ID: k.ID, Name: k.Name, CreatedAt: k.CreatedAt, UpdatedAt: k.UpdatedAt, Duration: k.Duration, MediaType: k.MediaType,
			EntryType: k.EntryType, PartnerID: k.PartnerID, Root: c.root(), Plays: k.Plays, FetchedAt: at,
		}
		if left.mayBe(k.ID) {
			kept++
			row.Status, row.Listed, row.Categories, row.FetchedAt = k.Status, k.Status != nil, k.Categories, k.FetchedAt
		} else {
			n++
		}
		if !yield(row, nil) {
			return
		}
	}
	if kept > 0 {
		tally.Of(ctx).Note("%d entries that may be among those left out keep the rows of earlier dates", kept)
	}
	if n > 0 {
		tally.Of(ctx).Note("%d entries known before are not listed any more", n)
	}
}
