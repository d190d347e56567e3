package migrations_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inventory is a small one with courses in all states, tools in courses that are not published, and a term without published courses.
const inventory = `INSERT INTO account VALUES (1, NULL, 'LSA');
INSERT INTO term VALUES (7, 'Fall', NULL, NULL, NULL), (8, 'Winter', NULL, NULL, NULL), (9, 'Spring', NULL, NULL, NULL);
INSERT INTO course VALUES (10, 's10', 'Physics', 1, 7, NULL, NULL, 'available'), (11, NULL, 'Empty', 1, 7, NULL, NULL, 'unpublished'), (12, NULL, 'Chemistry', 1, 8, NULL, NULL, 'available'),
  (13, NULL, 'Old', 1, 8, NULL, NULL, 'completed'), (14, NULL, 'Draft', 1, 8, NULL, NULL, 'unpublished'), (15, NULL, 'Over', 1, 9, NULL, NULL, 'completed');
INSERT INTO course_section VALUES (20, NULL, '001'), (21, NULL, '002');
INSERT INTO enrollment VALUES
  (1, 10, 20, 100, 'active', 'StudentEnrollment'), (2, 10, 21, 100, 'completed', 'StudentEnrollment'),
  (3, 10, 20, 101, 'invited', 'StudentEnrollment'), (4, 10, 20, 102, 'active', 'TeacherEnrollment');
INSERT INTO lti_placement VALUES (1, 10, 1, 'Physics', 25194), (2, 12, 1, 'Chemistry', 25194), (3, 10, 1, 'Physics', 4352), (4, 999, 1, 'Elsewhere', 25194),
  (5, 13, 1, 'Old', 25194), (6, 14, 1, 'Draft', 25194), (7, 15, 1, 'Over', 25194);
INSERT INTO lti_zoom_meeting VALUES (1, 1, 'a', 'h', NOW(), 2), (2, 1, 'b', 'h', NOW(), 2), (3, 5, 'c', 'h', NOW(), 2);
INSERT INTO mivideo_media_started_hourly (event_hour_utc, course_id, event_time_utc_latest, event_count) VALUES ('2027-01-10 13', 10, NOW(), 5), ('2027-01-10 14', 10, NOW(), 2),
  ('2027-01-10 14', 13, NOW(), 3), ('2027-01-10 14', 14, NOW(), 1);
INSERT INTO job_run VALUES (1, 'COURSE_INVENTORY', '2027-01-10 09:00:00', '2027-01-10 09:30:00'), (2, 'COURSE_INVENTORY', '2027-01-11 09:00:00', '2027-01-11 09:30:00');
INSERT INTO data_source_status VALUES (1, 'CANVAS_API', '2027-01-10 08:00:00', 1), (2, 'CANVAS_API', UTC_TIMESTAMP() - INTERVAL 5 HOUR, 2), (3, 'UNIZIN_DATA_WAREHOUSE', '2027-01-09 08:00:00', 1);
`

func TestViews(t *testing.T) {
	db := open(t)
	up(t, db)
	exec(t, db, inventory)
	for _, view := range []struct{ query, want string }{
		{"SELECT course_id, course_sis_id, course_state, term_name, account_name, sections, enrollments, people, students, active_students, teachers FROM v_course_enrollment_counts ORDER BY course_id",
			"10 s10 available Fall LSA 2 4 3 2 1 1\n11 NULL unpublished Fall LSA 0 0 0 0 0 0\n12 NULL available Winter LSA 0 0 0 0 0 0\n" +
				"13 NULL completed Winter LSA 0 0 0 0 0 0\n14 NULL unpublished Winter LSA 0 0 0 0 0 0\n15 NULL completed Spring LSA 0 0 0 0 0 0\n"},
		{"SELECT * FROM v_tool_usage_by_term ORDER BY term_id, tool",
			"7 Fall Bluejeans 1 1 0\n7 Fall MiVideo 1 1 7\n7 Fall Zoom 1 1 2\n8 Winter MiVideo 1 0 4\n8 Winter Zoom 1 1 1\n9 Spring Zoom 0 0 0\n"},
		{"SELECT data_source_name, job_name, loaded_at, IF(age_hours = 5, 5, 'other') FROM v_data_freshness ORDER BY 1",
			"CANVAS_API COURSE_INVENTORY 2027-01-11 09:30:00 5\nUNIZIN_DATA_WAREHOUSE COURSE_INVENTORY 2027-01-10 09:30:00 other\n"},
	} {
		if diff := cmp.Diff(view.want, query(t, db, view.query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", view.query, diff)
		}
	}
}
