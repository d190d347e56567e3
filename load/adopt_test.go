package load_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// adoptDay is a date whose interval covers hours that testdata/original.sql has, some of them twice.
var adoptDay = mustDate("2020-09-02")

// A dry run on a database of the original program counts what the load then does, although migrations lie between them.
func TestDryRunBeforeTheAdoption(t *testing.T) {
	lk := openLake(t)
	start, name := at("2020-08-31T04:00:00Z"), "PHYS 140"
	university{
		accounts:    []account{{1, nil, "University"}, {7, ptr("LSA"), "Literature, Science & Arts"}},
		terms:       []term{{164, "Fall 2020", ptr("2310"), &start, ptr(at("2020-12-31T05:00:00Z"))}, {165, "No dates", nil, nil, nil}},
		courses:     []course{{400001, ptr("31234"), "PHYS 140 Γ", 7, 164, ptr(at("2020-06-01T12:00:00Z")), nil, "available"}, {large, nil, "New", 1, 165, nil, nil, "unpublished"}},
		sections:    []section{{500001, nil, "001"}, {large, nil, "002"}},
		enrollments: []enrollment{{large, large, large, large, "active", "StudentEnrollment"}},
		usage:       []usage{{400001, 6, 1, 18506}, {400001, 2, 1, 18507}},
	}.commit(t, lk, adoptDay)
	night{
		date: adoptDay, from: at("2020-09-01T00:00:00Z"),
		started: []startedHour{
			{"2020-09-01 13", 999, at("2020-09-01T13:01:00Z"), 1}, {"2020-09-01 13", 400001, at("2020-09-01T13:59:00Z"), 7}, {"2020-09-01 15", large, at("2020-09-01T15:00:00Z"), 1},
		},
		media:   []media{{"1_ABC", start, "Other", 1}, {"1_abc", at("2020-09-01T00:00:00Z"), "Lecture 1", 3000}},
		courses: []mediaCourse{{"1_ABC", large, false}, {"1_abc", 400001, true}},
	}.commit(t, lk)
	commitLTI(t, lk, adoptDay, []placement{{1, 400001, 7, &name, 77}, {2, large, 7, nil, zoom}}, []zoomMeeting{{1, 1, "123", "h", at("2020-09-01T00:00:00Z"), ptr(int64(2))}, {2, 2, "124", "h", start, nil}})

	original, err := os.ReadFile("../migrations/testdata/original.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, change string }{
		{"0023", ""},
		{"latin1", "ALTER TABLE account CONVERT TO CHARACTER SET latin1;\nALTER TABLE mivideo_media_started_hourly CONVERT TO CHARACTER SET latin1;\n"},
		{"0020", "ALTER TABLE lti_placement DROP FOREIGN KEY lti_placement_ibfk_1;\nDROP TABLE lti_type;\n"},
		{"0017", "ALTER TABLE lti_placement DROP FOREIGN KEY lti_placement_ibfk_1;\nDROP TABLE lti_type;\nDROP TABLE lti_zoom_meeting;\nDROP TABLE lti_placement;\n" +
			"ALTER TABLE course DROP FOREIGN KEY fk_account_id;\nDROP TABLE account;\nALTER TABLE course_section MODIFY sis_id BIGINT;\n" +
			"DROP TABLE mivideo_media_courses;\nDROP TABLE mivideo_media_created;\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, db := newDatabase(t)
			for s := range strings.SplitSeq(string(original)+c.change, ";\n") {
				if s = strings.TrimSpace(s); s == "" {
					continue
				}
				if _, err := db.Exec(s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
			p := plan(adoptDay)
			p.Jobs, p.Drop.Max, p.Now = job.All(), 1, func() time.Time { return now }
			before := schema(t, db)
			p.DryRun = true
			planned, err := load.Run(t.Context(), lk, cfg, p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, schema(t, db)); diff != "" {
				t.Errorf("the dry run changed the schema:\n%s", diff)
			}
			p.DryRun = false
			loaded, err := load.Run(t.Context(), lk, cfg, p)
			if err != nil {
				t.Fatal(err)
			}
			if len(loaded.Loads) != 3 {
				t.Fatalf("loads: %d", len(loaded.Loads))
			}
			for i, l := range loaded.Loads {
				for k, want := range l.Tables {
					if diff := cmp.Diff(want, planned.Loads[i].Tables[k]); diff != "" {
						t.Errorf("%s (-load +dry run):\n%s", want.Name, diff)
					}
				}
			}
			if got := query(t, db, "SELECT (SELECT COUNT(*) FROM course), (SELECT COUNT(*) FROM course JOIN account ON account.canvas_id = account_id), (SELECT COUNT(*) FROM lti_placement), (SELECT COUNT(*) FROM mivideo_media_started_hourly)"); !strings.HasPrefix(got, "2 2 ") {
				t.Errorf("rows: %s", got)
			}
		})
	}
}

// What forbids an adoption, the dry run, the load and the doctor say alike, and nothing changes.
func TestRefusesToAdopt(t *testing.T) {
	lk := openLake(t)
	first(2).commit(t, lk, day1)
	cfg, db := newDatabase(t)
	for _, s := range []string{"CREATE TABLE course (canvas_id INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL)", "CREATE TABLE mine (c INT, CONSTRAINT fk_mine FOREIGN KEY (c) REFERENCES course (canvas_id))"} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	before := schema(t, db)
	p := plan(day1)
	_, loading := load.Run(t.Context(), lk, cfg, p)
	checkFault(t, loading, fault.Config, "course.term_id", "fk_mine", "0023", "nothing was changed")
	p.DryRun = true
	_, dry := load.Run(t.Context(), lk, cfg, p)
	migrating := load.Migrate(t.Context(), cfg, 0, p.Log)
	var asked error
	patient, err := load.Checkup(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer patient.Close()
	for _, q := range patient.Questions {
		if q.Name == "schema" {
			_, asked = q.Ask(t.Context())
		}
	}
	s, err := load.ReadSchema(t.Context(), cfg)
	if err != nil || len(s.Findings) < 2 {
		t.Errorf("got %v, %v", s.Findings, err)
	}
	for who, err := range map[string]error{"dry run": dry, "migrate up": migrating, "doctor": asked} {
		if err == nil || err.Error() != loading.Error() || fault.HintOf(err) != fault.HintOf(loading) || fault.ClassOf(err) != fault.Config {
			t.Errorf("%s says %v, the load %v", who, err, loading)
		}
	}
	if diff := cmp.Diff(before, schema(t, db)); diff != "" {
		t.Errorf("the schema changed:\n%s", diff)
	}
}
