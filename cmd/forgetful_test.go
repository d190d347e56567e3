package cmd_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// TestForgetfulWarehouse runs after a warehouse lost rows or values. MySQL keeps what it has until the loss is accepted, for which
// one run with the flag that the remedy names is enough. Another list of terms is no loss.
func TestForgetfulWarehouse(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if err := w.start(campus.Options{Seed: 5, Courses: 20, Date: monday, Latency: time.Millisecond}, false); err != nil {
		t.Fatal(err)
	}
	sections := func() string {
		var rows, ids int
		if err := w.db.QueryRow("SELECT COUNT(*), COUNT(sis_id) FROM course_section").Scan(&rows, &ids); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d sections, %d ids", rows, ids)
	}
	warehouse, err := pgx.Connect(t.Context(), w.warehouse)
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close(t.Context())

	w.run(t, 0)
	w.expect(t, monday)
	held := sections()
	tuesday := monday.AddDate(0, 0, 1)
	flag := regexp.MustCompile(`run the same command with (--accept-drop) ([a-z_,]+)`)
	var remedy []string
	for _, loss := range []string{
		"DELETE FROM course_section_dim WHERE id % 2 = 0",
		"DELETE FROM course_section_dim",
		"UPDATE course_section_dim SET sis_source_id = NULL",
	} {
		if err := w.move(tuesday); err != nil { // which fills the warehouse again
			t.Fatal(err)
		}
		if _, err := warehouse.Exec(t.Context(), loss); err != nil {
			t.Fatal(err)
		}
		refused := w.run(t, 65)
		remedy = flag.FindStringSubmatch(refused.output)
		if len(remedy) == 0 || remedy[2] != "course_section_dim" {
			t.Fatalf("after %s, the remedy names %q\n%s", loss, remedy, refused.output)
		}
		if got := sections(); got != held {
			t.Errorf("after %s, MySQL has %s, had %s", loss, got, held)
		}
	}
	w.run(t, 0, remedy[1:]...)
	if got := sections(); !strings.HasSuffix(got, " 0 ids") {
		t.Errorf("the accepted loss is not there: %s", got)
	}
	status, err := w.program(t, "course-inventory", "status")
	if err != nil || !strings.Contains(status, "gate filled_sis_source_id: ") || !strings.Contains(status, "accepted by --accept-drop") {
		t.Errorf("status does not tell of the accepted loss: %v\n%s", err, status)
	}

	wednesday := tuesday.AddDate(0, 0, 1)
	if err := w.move(wednesday); err != nil {
		t.Fatal(err)
	}
	canvas := w.config["CANVAS"].(map[string]any)
	terms := canvas["CANVAS_TERM_IDS"].([]int64)
	if len(terms) != 2 {
		t.Fatalf("the university has the terms %v", terms)
	}
	canvas["CANVAS_TERM_IDS"] = terms[:1]
	fewer := w.run(t, 0)
	want := fmt.Sprintf("terms changed from %d, %d to %d", terms[0], terms[1], terms[0])
	if !strings.Contains(fewer.output, want) {
		t.Errorf("the run does not say %q:\n%s", want, fewer.output)
	}
	var left int
	if err := w.db.QueryRow("SELECT COUNT(DISTINCT term_id) FROM course").Scan(&left); err != nil || left != 1 {
		t.Errorf("MySQL has courses of %d terms, %v", left, err)
	}
}
