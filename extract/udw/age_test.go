package udw

import (
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestAge reads copies of Canvas that are too old, or of the future: both are warned of, and committed.
func TestAge(t *testing.T) {
	_, cfg, dsn := pour(t)
	cfg.Quality.MaxWarehouseAge = 72 * time.Hour
	for name, test := range map[string]struct {
		age    time.Duration
		passed bool
		want   string
	}{
		"three days":           {72 * time.Hour, true, " UTC"},
		"more than three days": {73 * time.Hour, false, ", 73 hours old; QUALITY.max_warehouse_hours is 72"},
		"another clock":        {-time.Hour, true, " UTC"},
		"the future":           {-61 * time.Minute, false, ", which is in the future"},
	} {
		t.Run(name, func(t *testing.T) {
			exec(t, dsn, "UPDATE unizin_metadata SET value = '"+now.Add(-test.age).Format("2006-01-02 15:04:05.999999")+"' WHERE key = 'canvasdatadate'")
			l := extracttest.Lake(t)
			if _, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, cfg), now)); err != nil {
				t.Fatal(err)
			}
			s, err := l.Find(t.Context(), lake.Raw("udw", "unizin_metadata"), lake.DateOf(now))
			if err != nil {
				t.Fatal(err)
			}
			c := s.Checks[0]
			if c.Name != "warehouse_age" || c.Passed != test.passed || !c.Warning || !strings.HasSuffix(c.Detail, test.want) {
				t.Errorf("check %+v", c)
			}
			patient, err := Checkup(t.Context(), cfg, extract.Env{Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			text, err := patient.Questions[1].Ask(t.Context())
			if (err == nil) != test.passed || !strings.HasSuffix(text, test.want) && !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("doctor: %q, %v", text, err)
			}
		})
	}
}
