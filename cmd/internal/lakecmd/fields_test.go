package lakecmd

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestFields(t *testing.T) {
	at := time.Date(2026, 3, 1, 4, 5, 6, 0, time.UTC)
	row := fields{
		newField(lake.Column{Name: "id", Type: lake.BigInt}, int64(17_700_000_000_000_042)),
		newField(lake.Column{Name: "a name", Type: lake.Varchar}, `"x"`),
		newField(lake.Column{Name: "none", Type: lake.Varchar}, nil),
		newField(lake.Column{Name: "at", Type: lake.Timestamp}, at),
		newField(lake.Column{Name: "day", Type: lake.DateType}, at),
	}
	if got, want := row.text(), `id=17700000000000042, a name="\"x\"", none=NULL, at=2026-03-01T04:05:06Z, day="2026-03-01"`; got != want {
		t.Errorf("text %s\nwant %s", got, want)
	}
	for _, test := range []struct {
		row  fields
		want string
	}{
		{row, `{"id":17700000000000042,"a name":"\"x\"","none":null,"at":"2026-03-01T04:05:06Z","day":"2026-03-01"}`},
		{fields{}, `{}`},
	} {
		got, err := json.Marshal(test.row)
		if err != nil || string(got) != test.want {
			t.Errorf("JSON %s, %v\nwant %s", got, err, test.want)
		}
	}
}
