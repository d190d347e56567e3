package lake_test

import (
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// TestTextIsUTF8 writes texts that are no UTF-8, of a required and an optional column, to every kind of store.
func TestTextIsUTF8(t *testing.T) {
	type row struct {
		ID    int64   `parquet:"id"`
		Name  string  `parquet:"name"`
		SISID *string `parquet:"sis_id,optional,dict"`
	}
	cut := "Zo\xc3"
	eachStore(t, func(t *testing.T, s store.Store) {
		l := lake.New(s, "test://")
		for column, odd := range map[string]row{"name": {3, "Zo\xeb", nil}, "sis_id": {3, "Zoë", &cut}} {
			w, err := lake.NewWriter[row](t.Context(), l, lake.Part{Table: "raw/udw/section", Date: benchPart().Date, Run: "RUN"})
			if err != nil {
				t.Fatal(err)
			}
			err = w.Write(row{1, "Zoë", nil}, row{2, "日本 😀", nil}, odd)
			w.Abort()
			if fault.ClassOf(err) != fault.Data || fault.HintOf(err) == "" || !strings.Contains(err.Error(), "raw/udw/section, row 3 ") || !strings.Contains(err.Error(), "column "+column) {
				t.Errorf("%s: %v (%s)", column, err, fault.ClassOf(err))
			}
		}
	})
}
