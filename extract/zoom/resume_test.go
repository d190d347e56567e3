package zoom

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
)

// kept is a memory of finished requests.
type kept map[string]memo.Record

func (k kept) Recall(key string) (memo.Record, bool) { r, ok := k[key]; return r, ok }
func (k kept) Keep(r memo.Record)                    { k[r.Key] = r }

// TestRecalled gives the meetings of a tab that an interrupted run finished without asking any server.
func TestRecalled(t *testing.T) {
	one := tab{CourseID: 1, TabID: toolPrefix + "7", Label: "Zoom", tool: 7}
	rows, err := json.Marshal([]Meeting{{CourseID: 1, ToolID: 7, MeetingID: "a", StartTimeText: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := memo.With(context.Background(), kept{one.key(): {Key: one.key(), At: now, Value: rows}})
	c := &client{workers: 1} // has no servers
	var got []Meeting
	for m, err := range c.meetings(ctx, func(yield func(tab, error) bool) { yield(one, nil) }) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if len(got) != 1 || got[0].MeetingID != "a" {
		t.Errorf("%+v", got)
	}
}
