package campus_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
)

// The warehouse's tables hold the day's sections, and follow the university to another day.
func TestWarehouse(t *testing.T) {
	db, err := localdb.StartPostgres(t.Context(), localdb.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := campustest.Start(t, campus.Options{Seed: 1, Date: monday, WarehouseDSN: db.DSN("")})
	conn, err := pgx.Connect(t.Context(), db.DSN(""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	var before []int64
	for k, date := range []time.Time{monday, monday.AddDate(0, 0, 5)} {
		if k > 0 {
			resp, err := http.Post(s.URL+"/_campus/day?date="+date.Format(time.DateOnly), "", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Fatalf("move to another day: %s", resp.Status)
			}
		}
		ids := ids(t, conn)
		day, err := s.University().On(date)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for range day.Warehouse() {
			want++
		}
		if len(ids) != want || want < 50 {
			t.Errorf("%s: %d sections, want %d", date, len(ids), want)
		}
		var value string
		if err := conn.QueryRow(t.Context(), "SELECT value FROM unizin_metadata WHERE key = 'canvasdatadate'").Scan(&value); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(value, date.Format(time.DateOnly)+" 0") || value != day.Metadata()[1][1] {
			t.Errorf("canvasdatadate %q", value)
		}
		if slices.Equal(ids, before) {
			t.Error("the sections did not change")
		}
		before = ids
	}
	var twins, nulls, deleted, odd int
	err = conn.QueryRow(t.Context(), `SELECT count(*) - count(DISTINCT canvas_id), count(*) FILTER (WHERE sis_source_id IS NULL),
		count(*) FILTER (WHERE workflow_state = 'deleted'), count(*) FILTER (WHERE name LIKE E'%🧪\t%') FROM course_section_dim`).
		Scan(&twins, &nulls, &deleted, &odd)
	if err != nil || twins == 0 || nulls == 0 || deleted == 0 || odd == 0 {
		t.Errorf("%d twins, %d without SIS id, %d deleted, %d odd names, %v: want some of each", twins, nulls, deleted, odd, err)
	}
}

func ids(t *testing.T, conn *pgx.Conn) []int64 {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT canvas_id FROM course_section_dim ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// A warehouse that cannot be reached keeps the university on its day.
func TestWarehouseUnreachable(t *testing.T) {
	c, err := campus.New(campus.Options{Date: monday, WarehouseDSN: "postgres://campus:hidden@127.0.0.1:1/x?connect_timeout=2"})
	if err != nil {
		t.Fatal(err)
	}
	err = c.SetDay(t.Context(), monday.AddDate(0, 0, 1))
	if err == nil || !c.Date().Equal(monday) || strings.Contains(err.Error(), "hidden") {
		t.Errorf("on %s after %v", c.Date(), err)
	}
}
