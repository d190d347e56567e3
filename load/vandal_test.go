package load_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// Tables that somebody changed are a matter of the operator's, who is told what to do.
func TestTablesThatSomebodyChanged(t *testing.T) {
	lk, u := openLake(t), first(10)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	for _, c := range []struct {
		change string
		class  fault.Class
		want   []string
	}{
		{"ALTER TABLE course DROP COLUMN sis_id", fault.Config, []string{"course", "sis_id", "put back"}},
		{"ALTER TABLE enrollment ADD COLUMN mine INT NOT NULL", fault.Config, []string{"enrollment", "mine", "default"}},
		{"DROP TABLE canvas_course_usage", fault.Config, []string{"canvas_course_usage", "put back"}},
		{"ALTER TABLE mivideo_media_started_hourly ENGINE=MyISAM", fault.Config, []string{"ALTER TABLE `mivideo_media_started_hourly` ENGINE=InnoDB"}},
		{"INSERT INTO load_key VALUES ('course', 'k', 'KEY k (nowhere)')", fault.Config, []string{"keys of course", "nowhere", "DELETE FROM load_key WHERE table_name = 'course'"}},
		{"INSERT INTO load_key VALUES ('gone', 'k', 'KEY k (nowhere)')", fault.Config, []string{"keys of gone", "DELETE FROM load_key WHERE table_name = 'gone'"}},
		{"CREATE TABLE mine (c BIGINT, FOREIGN KEY (c) REFERENCES course (canvas_id)) AS SELECT canvas_id AS c FROM course", fault.Data, []string{"course", "mine", "ON DELETE CASCADE"}},
	} {
		t.Run(c.change, func(t *testing.T) {
			cfg, db := newDatabase(t)
			mustLoad(t, lk, cfg, plan(day1))
			if _, err := db.Exec(c.change); err != nil {
				t.Fatal(err)
			}
			_, err := load.Run(t.Context(), lk, cfg, plan(day2))
			checkFault(t, err, c.class, c.want...)
			if diff := cmp.Diff("1\n", query(t, db, "SELECT COUNT(*) FROM job_run")); diff != "" {
				t.Errorf("loads (-want +got):\n%s", diff)
			}
		})
	}
}
