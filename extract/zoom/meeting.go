package zoom

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Meeting is a row of raw/zoom/meeting: a meeting that is over, as the history behind a tab shows it.
type Meeting struct {
	CourseID      int64     `parquet:"course_id" doc:"the course whose tab was followed"`
	ToolID        int64     `parquet:"tool_id" doc:"Canvas' id of the tool behind the tab"`
	TabLabel      string    `parquet:"tab_label,dict" doc:"what the course calls the tab"`
	MeetingID     string    `parquet:"meeting_id" doc:"Zoom's id of this one meeting"`
	MeetingNumber *string   `parquet:"meeting_number,optional,dict" doc:"the number that people dial, the same for all meetings of a series"`
	HostID        string    `parquet:"host_id,dict" doc:"Zoom's id of the host, opaque"`
	StartTimeText string    `parquet:"start_time_text" doc:"begin, as written by Zoom in the time zone of the column timezone"`
	TimeZone      *string   `parquet:"timezone,optional,dict" doc:"IANA name of the time zone that Zoom was asked to write in"`
	Status        *int64    `parquet:"status,optional" doc:"Zoom's code"`
	FetchedAt     time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Zoom"`
}

// tab is what is needed of a row of raw/canvas/tab.
type tab struct {
	CourseID  int64   `parquet:"course_id"`
	TabID     string  `parquet:"tab_id"`
	Label     string  `parquet:"label"`
	Hidden    *bool   `parquet:"hidden,optional"`
	LaunchURL *string `parquet:"launch_url,optional"`

	tool int64
}

// key identifies the tab's meetings in a run's memory.
func (t tab) key() string {
	return memo.Key("meetings", t.launchURL(), t.TabID, t.Label, strconv.FormatInt(t.CourseID, 10))
}

func (t tab) launchURL() string {
	if t.LaunchURL == nil {
		return ""
	}
	return *t.LaunchURL
}

// toolPrefix begins the ids of tabs that open an external tool.
const toolPrefix = "context_external_tool_"

// zoomTabs returns the tabs to follow: those that students see and that are labelled Zoom, in whatever case.
func zoomTabs(tabs iter.Seq2[tab, error]) ([]tab, error) {
	var all []tab
	for t, err := range tabs {
		if err != nil {
			return nil, err
		}
		digits, external := strings.CutPrefix(t.TabID, toolPrefix)
		var notNumber error
		if t.tool, notNumber = strconv.ParseInt(digits, 10, 64); !external || notNumber != nil {
			continue
		}
		if strings.EqualFold(t.Label, "zoom") && (t.Hidden == nil || !*t.Hidden) {
			all = append(all, t)
		}
	}
	return all, nil
}

// meetings yields what every tab's history holds.
func (c *client) meetings(ctx context.Context, rows iter.Seq2[tab, error]) iter.Seq2[Meeting, error] {
	return func(yield func(Meeting, error) bool) {
		tabs, err := zoomTabs(rows)
		if err != nil {
			yield(Meeting{}, err)
			return
		}
		count := tally.Of(ctx)
		count.Expect(len(tabs))
		missed := &misses{}
		for row, err := range fanout.Each(ctx, c.workers, tabs, func(ctx context.Context, t tab) ([]Meeting, error) {
			if rows, kept, ok := memo.Recall[[]Meeting](ctx, t.key()); ok {
				count.Recalled(kept.At)
				count.Count(int64(len(rows)), int64(len(rows)))
				count.Done(1)
				return rows, nil
			}
			rows, err := c.follow(ctx, t)
			var shut *closed
			switch {
			case errors.As(err, &shut):
				missed.add(t, shut)
				c.log.Warn("tab cannot be followed to Zoom", "course_id", t.CourseID, "tool_id", t.tool, "reason", shut.why)
			case err != nil:
				return nil, fmt.Errorf("course %d, tool %d: %w", t.CourseID, t.tool, err)
			}
			count.Done(1)
			return rows, nil
		}) {
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := missed.report(count, len(tabs)); err != nil {
			yield(Meeting{}, err)
		}
	}
}
