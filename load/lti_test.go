package load_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

type placement struct {
	ID         int64   `parquet:"id"`
	CourseID   int64   `parquet:"course_id"`
	AccountID  int64   `parquet:"account_id"`
	CourseName *string `parquet:"course_name,optional"`
	TypeID     int64   `parquet:"placement_type_id"`
}

type zoomMeeting struct {
	ID          int64     `parquet:"id"`
	PlacementID int64     `parquet:"lti_placement_id"`
	MeetingID   string    `parquet:"meeting_id"`
	HostID      string    `parquet:"host_id"`
	StartTime   time.Time `parquet:"start_time,timestamp(microsecond)"`
	Status      *int64    `parquet:"status,optional"`
}

var canvasLTI = named("CANVAS_LTI")

const zoom, notListed = 25194, 77

func commitLTI(t testing.TB, l *lake.Lake, d lake.Date, placements []placement, meetings []zoomMeeting) {
	t.Helper()
	run := lake.NewRunID(time.Now())
	tabs := commitRows(t, l, lake.Raw("canvas", "tab"), d, run, placements, canvasTime.Add(time.Minute), nil, "id").Input()
	raw := commitRows(t, l, lake.Raw("zoom", "meeting"), d, run, meetings, canvasTime, nil, "id").Input()
	curated := commitRows(t, l, lake.Curated("lti_placement"), d, run, placements, time.Time{}, []lake.Input{tabs}, "id").Input()
	commitRows(t, l, lake.Curated("lti_zoom_meeting"), d, run, meetings, time.Time{}, []lake.Input{raw, curated}, "id")
}

func someLTI() ([]placement, []zoomMeeting) {
	return []placement{{1, large, 5, ptr("Course"), zoom}, {2, large, 5, ptr("Course"), notListed}, {3, large + 1, 5, nil, zoom}, {4, large + 2, 5, nil, 99}},
		[]zoomMeeting{
			{1, 1, "m1==", "h", at("2027-01-09T10:00:00Z"), ptr(int64(2))}, {2, 2, "m2==", "h", at("2027-01-09T11:00:00Z"), nil},
			{3, 3, "m3==", "h", at("2027-01-09T12:00:00Z"), nil},
		}
}

const (
	zoomPlacements = "1 170000000000000001 5 Course 25194\n3 170000000000000002 5 NULL 25194\n"
	zoomMeetings   = "1 1 m1== h 2027-01-09 10:00:00 2\n3 3 m3== h 2027-01-09 12:00:00 NULL\n"
	allPlacements  = "1 170000000000000001 5 Course 25194\n2 170000000000000001 5 Course 77\n3 170000000000000002 5 NULL 25194\n"
	allMeetings    = "1 1 m1== h 2027-01-09 10:00:00 2\n2 2 m2== h 2027-01-09 11:00:00 NULL\n3 3 m3== h 2027-01-09 12:00:00 NULL\n"
)

// The tools that users list decide, also when nothing else has changed.
func TestListedToolsDecide(t *testing.T) {
	lk := openLake(t)
	placements, meetings := someLTI()
	commitLTI(t, lk, day1, placements, meetings)
	cfg, db := database(t)
	run := func(statement string, outcome load.Outcome, placements, meetings string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		if got := mustLoad(t, lk, cfg, planOf(canvasLTI, day1, day1)); got.Outcome != outcome {
			t.Errorf("%s: %s, want %s", statement, got.Outcome, outcome)
		}
		if diff := cmp.Diff(map[string]string{"lti_placement": placements, "lti_zoom_meeting": meetings}, tables(t, db)); diff != "" {
			t.Errorf("%s: tables (-want +got):\n%s", statement, diff)
		}
	}
	run("DO 0", load.Loaded, zoomPlacements, zoomMeetings)
	// One row for the two extracts that make up the source, with the older of their times.
	if diff := cmp.Diff("CANVAS_LTI 2027-01-10 08:15:30\n", query(t, db, "SELECT data_source_name, data_updated_at FROM data_source_status")); diff != "" {
		t.Error(diff)
	}
	run("DO 0", load.Unchanged, zoomPlacements, zoomMeetings)
	run("INSERT INTO lti_type VALUES (77, 'Other', 'Other')", load.Loaded, allPlacements, allMeetings)
	run("DELETE FROM lti_type WHERE canvas_id = 77", load.Unchanged, zoomPlacements, zoomMeetings)
	run("INSERT INTO lti_type VALUES (77, 'Other', 'Other')", load.Loaded, allPlacements, allMeetings)
	run("UPDATE lti_type SET rpt_group_nm = 'Zoom' WHERE canvas_id = 77", load.Unchanged, allPlacements, allMeetings)

	// Companions come along, and a dry run sees the same.
	if _, err := db.Exec("DELETE FROM lti_zoom_meeting"); err != nil {
		t.Fatal(err)
	}
	p := planOf(canvasLTI, day1, day1)
	p.Tables = []string{"lti_placement"}
	p.DryRun = true
	want := map[string][3]int64{"lti_zoom_meeting": {3, 0, 0}}
	if diff := cmp.Diff(want, counts(mustLoad(t, lk, cfg, p))); diff != "" {
		t.Errorf("dry run: %s", diff)
	}
	p.DryRun = false
	if diff := cmp.Diff(want, counts(mustLoad(t, lk, cfg, p))); diff != "" {
		t.Error(diff)
	}
	noStaging(t, db)
}

// Numbers of placements belong to one snapshot: the next day's take over whole, and an older one comes only on purpose.
func TestNextDayOfPlacements(t *testing.T) {
	lk := openLake(t)
	placements, meetings := someLTI()
	commitLTI(t, lk, day1, placements, meetings)
	next := []placement{{1, large - 1, 5, nil, zoom}, {2, large, 5, ptr("Course"), zoom}}
	commitLTI(t, lk, day2, next, []zoomMeeting{{1, 2, "m1==", "h", at("2027-01-09T10:00:00Z"), ptr(int64(2))}, {2, 2, "m9==", "h", at("2027-01-10T10:00:00Z"), nil}})
	cfg, db := database(t)
	mustLoad(t, lk, cfg, planOf(canvasLTI, day1, day1))
	mustLoad(t, lk, cfg, planOf(canvasLTI, day1, day2))
	want := map[string]string{
		"lti_placement":    "1 170000000000000000 5 NULL 25194\n2 170000000000000001 5 Course 25194\n",
		"lti_zoom_meeting": "1 2 m1== h 2027-01-09 10:00:00 2\n2 2 m9== h 2027-01-10 10:00:00 NULL\n",
	}
	if diff := cmp.Diff(want, tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	_, err := load.Run(t.Context(), lk, cfg, planOf(canvasLTI, day1, day1))
	checkFault(t, err, fault.Usage, "--allow-older")
	commitLTI(t, lk, day2, next, nil)
	_, err = load.Run(t.Context(), lk, cfg, planOf(canvasLTI, day2, day2))
	checkFault(t, err, fault.Data, "lti_zoom_meeting from 2 to 0", "--accept-drop lti_zoom_meeting")
	if diff := cmp.Diff(want, tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
