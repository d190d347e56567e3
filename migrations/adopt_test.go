package migrations_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// Each step leads from the last schema of the original program back to an older one; its rows stay as far as there is room for them.
var steps = []struct {
	version int // that the step leads to
	sql     string
}{
	{22, "ALTER TABLE course MODIFY name VARCHAR(100) NOT NULL, ADD UNIQUE INDEX name (name);\n"},
	{20, "ALTER TABLE mivideo_media_courses DROP FOREIGN KEY fk_media_id;\nALTER TABLE lti_placement DROP FOREIGN KEY lti_placement_ibfk_1;\nDROP TABLE lti_type;\n"},
	{18, "DROP TABLE lti_zoom_meeting;\nDROP TABLE lti_placement;\nALTER TABLE account MODIFY sis_id INT;\nALTER TABLE course_section MODIFY sis_id BIGINT;\n"},
	{15, `ALTER TABLE course DROP FOREIGN KEY fk_account_id;
DROP TABLE account;
DROP TABLE mivideo_media_courses;
DROP TABLE mivideo_media_created;
CREATE TABLE user (canvas_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, sis_id INT, uniqname VARCHAR(50)) CHARACTER SET utf8mb4;
INSERT INTO user VALUES (17700000000000001, 'Somebody', NULL, NULL);
ALTER TABLE enrollment ADD CONSTRAINT fk_user_id FOREIGN KEY (user_id) REFERENCES user (canvas_id) ON UPDATE CASCADE ON DELETE CASCADE;
`},
	{12, "ALTER TABLE course DROP FOREIGN KEY fk_term_id, DROP COLUMN term_id, MODIFY sis_id BIGINT;\nDROP TABLE term;\n"},
}

// originalAt makes the database of one of the original's versions.
func originalAt(t *testing.T, db *sql.DB, version int) {
	t.Helper()
	exec(t, db, strings.ReplaceAll(original, "'LSA'", "'77'"))
	for _, s := range steps {
		if s.version >= version {
			exec(t, db, s.sql)
		}
	}
	for v := range version {
		exec(t, db, fmt.Sprintf("INSERT INTO _yoyo_migration VALUES ('%d', '%04d.something', NOW());\n", v+1, v+1))
	}
}

func TestAdoptsOlderVersions(t *testing.T) {
	fresh := open(t)
	up(t, fresh)
	want := describe(t, fresh)
	for _, version := range []int{22, 20, 18, 15} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			db := open(t)
			originalAt(t, db, version)
			up(t, db)
			got := describe(t, db)
			delete(got, "_yoyo_migration")
			delete(got, "yoyo_lock")
			delete(got, "user")
			if diff := cmp.Diff(uncollated(want), uncollated(got)); diff != "" {
				t.Errorf("(-new +adopted):\n%s", diff)
			}
			if diff := cmp.Diff(adopted["course"]+adopted["enrollment"]+adopted["job_run"],
				query(t, db, "SELECT * FROM course")+query(t, db, "SELECT * FROM enrollment")+query(t, db, "SELECT * FROM job_run ORDER BY id")); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// refusals are databases of the original that must not be changed, with what is to be said of them.
var refusals = []struct {
	name  string
	make  string
	class fault.Class
	says  []string
}{
	{"foreign key of the same database", "CREATE TABLE mine (c INT, CONSTRAINT fk_mine FOREIGN KEY (c) REFERENCES course (canvas_id));\n",
		fault.Config, []string{"fk_mine", "{db}.mine", "{db}.course", "DROP FOREIGN KEY `fk_mine`"}},
	{"foreign key of another database", "CREATE DATABASE {db}_2;\nCREATE TABLE {db}_2.mine (c VARCHAR(20) CHARACTER SET utf8mb4, CONSTRAINT fk_mine FOREIGN KEY (c) REFERENCES {db}.mivideo_media_created (id));\n",
		fault.Config, []string{"fk_mine", "{db}_2.mine", "{db}.mivideo_media_created"}},
	{"foreign key to a table of others", "CREATE TABLE school (id INT PRIMARY KEY);\nINSERT INTO school VALUES (7);\nALTER TABLE course ADD CONSTRAINT fk_school FOREIGN KEY (account_id) REFERENCES school (id);\n",
		fault.Config, []string{"fk_school", "{db}.school"}},
	{"trigger before", "CREATE TRIGGER tidy BEFORE INSERT ON course FOR EACH ROW SET NEW.name = TRIM(NEW.name);\n", fault.Config, []string{"trigger tidy (BEFORE INSERT) on table course"}},
	{"column without a default", "ALTER TABLE enrollment ADD COLUMN mine INT NOT NULL;\n", fault.Config, []string{"column mine of table enrollment", "default"}},
	{"a view", "RENAME TABLE lti_zoom_meeting TO meetings;\nCREATE VIEW lti_zoom_meeting AS SELECT * FROM meetings;\n", fault.Config, []string{"lti_zoom_meeting is not a plain table, but a VIEW"}},
	{"an engine without transactions", "ALTER TABLE mivideo_media_started_hourly ENGINE=MyISAM;\n", fault.Config, []string{"ALTER TABLE `mivideo_media_started_hourly` ENGINE=InnoDB"}},
	{"partitions", "ALTER TABLE mivideo_media_started_hourly DROP INDEX id;\nALTER TABLE mivideo_media_started_hourly PARTITION BY HASH (id) PARTITIONS 2;\n", fault.Config, []string{"REMOVE PARTITIONING"}},
	{"a view of the same name", "CREATE VIEW v_data_freshness AS SELECT 1 AS mine;\n", fault.Config, []string{"rename v_data_freshness"}},
	{"a column of another type", "ALTER TABLE mivideo_media_created MODIFY duration VARCHAR(20) NOT NULL;\n", fault.Config, []string{"column duration of table mivideo_media_created has the type varchar"}},
	{"a missing column", "ALTER TABLE course DROP COLUMN published_at;\n", fault.Config, []string{"course.published_at", "0023"}},
	{"another primary key", "ALTER TABLE lti_zoom_meeting DROP PRIMARY KEY, ADD PRIMARY KEY (id, meeting_id);\n", fault.Config, []string{"table lti_zoom_meeting has the primary key (id, meeting_id), not (id)"}},
	{"values that are too long", "ALTER TABLE account MODIFY name VARCHAR(400) NOT NULL;\nUPDATE account SET name = REPEAT('x', 300) WHERE canvas_id = 7;\n", fault.Data, []string{"column name of table account", "256", ": 1"}},
	{"values that are NULL", "ALTER TABLE job_run MODIFY finished_at DATETIME NULL;\nUPDATE job_run SET finished_at = NULL WHERE id = 41;\n", fault.Data, []string{"column finished_at of table job_run", "NULL"}},
	{"rows that would become too long", "ALTER TABLE course ADD COLUMN mine VARCHAR(15600) CHARACTER SET utf8mb4;\n", fault.Config, []string{"rows of table course", "65535"}},
	{"an index that would become too long", "ALTER TABLE course_section ADD INDEX mine (name, sis_id, canvas_id);\n", fault.Config, []string{"index mine of table course_section"}},
	{"an index of a compact table", "ALTER TABLE course_section CONVERT TO CHARACTER SET latin1, ROW_FORMAT=COMPACT, ADD INDEX mine (name);\n", fault.Config, []string{"index mine of table course_section"}},
	{"two things at once", "ALTER TABLE enrollment ADD COLUMN mine INT NOT NULL;\nCREATE TRIGGER tidy BEFORE INSERT ON course FOR EACH ROW SET NEW.name = TRIM(NEW.name);\n", fault.Config, []string{"column mine", "trigger tidy", "; "}},
}

func TestRefusesUnchanged(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			exec(t, db, original)
			name := strings.TrimSpace(query(t, db, "SELECT DATABASE()"))
			fill := strings.NewReplacer("{db}", name)
			defer func() { _, _ = db.Exec("DROP DATABASE IF EXISTS " + name + "_2") }()
			exec(t, db, fill.Replace(c.make))
			checkRefused(t, db, c.class, fill, c.says...)
		})
	}
	t.Run("an old version", func(t *testing.T) {
		db := open(t)
		originalAt(t, db, 12)
		checkRefused(t, db, fault.Config, strings.NewReplacer(), "migration 0012", "up to 0023", "course.term_id")
		exec(t, db, "DROP TABLE _yoyo_migration;\n")
		checkRefused(t, db, fault.Config, strings.NewReplacer(), "0013 or later", "up to 0023", "course.term_id")
	})
}

// checkRefused expects that nothing changes, and that looking at the database says what changing it would.
func checkRefused(t *testing.T, db *sql.DB, class fault.Class, fill *strings.Replacer, says ...string) {
	t.Helper()
	before := everything(t, db)
	err := migrations.Up(t.Context(), db, 0, discard)
	if err == nil {
		t.Fatal("it was adopted")
	}
	all := err.Error() + " | " + fault.HintOf(err)
	if fault.ClassOf(err) != class {
		t.Errorf("class %s, want %s", fault.ClassOf(err), class)
	}
	for _, s := range append(says, "nothing was changed") {
		if s = fill.Replace(s); !strings.Contains(all, s) {
			t.Errorf("%q is not in: %s", s, all)
		}
	}
	if diff := cmp.Diff(before, everything(t, db)); diff != "" {
		t.Errorf("the schema changed:\n%s", diff)
	}
	findings, err := migrations.Examine(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if refusal := migrations.Refusal(findings); refusal == nil || refusal.Error()+" | "+fault.HintOf(refusal) != all {
		t.Errorf("to look says %v, to change %s", refusal, all)
	}
}

// everything describes all tables, views and triggers to the byte.
func everything(t *testing.T, db *sql.DB) (all []string) {
	t.Helper()
	for name := range strings.Lines(query(t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name")) {
		all = append(all, query(t, db, "SHOW CREATE TABLE "+strings.TrimSpace(name)))
	}
	return append(all, query(t, db, "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1"))
}

// A trigger that acts after a row was written cannot change it: it is only named. So are unique keys of others, which stay.
func TestWarns(t *testing.T) {
	db := open(t)
	exec(t, db, original)
	exec(t, db, "CREATE TABLE audit (id BIGINT);\nCREATE TRIGGER watch AFTER DELETE ON course FOR EACH ROW INSERT INTO audit VALUES (OLD.canvas_id);\nALTER TABLE course ADD UNIQUE INDEX mine (term_id, name), ADD INDEX other (account_id);\n")
	findings, err := migrations.Examine(t.Context(), db)
	if err != nil || len(findings) != 2 {
		t.Fatalf("got %v, %v", findings, err)
	}
	if findings[0].Forbids() || !strings.Contains(findings[0].Problem, "trigger watch (AFTER DELETE) on table course") {
		t.Error(findings[0])
	}
	if findings[1].Forbids() || !strings.Contains(findings[1].Problem, "unique index mine of table course") {
		t.Error(findings[1])
	}
	up(t, db)
	if got := query(t, db, "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'course' AND index_name IN ('mine', 'other') ORDER BY 1"); got != "mine\nother\n" {
		t.Errorf("indexes of others are gone: %q", got)
	}
	if got, err := migrations.Examine(t.Context(), db); err != nil || len(got) > 0 {
		t.Errorf("once adopted: %v, %v", got, err)
	}
}

// Texts keep the family of their collation, so that tables of others can still be joined by them.
func TestAdoptsCollations(t *testing.T) {
	for _, c := range []struct{ was, becomes string }{
		{"utf8mb4 COLLATE utf8mb4_general_ci", "utf8mb4_general_ci"},
		{"utf8mb4 COLLATE utf8mb4_unicode_ci", "utf8mb4_unicode_ci"},
		{"utf8 COLLATE utf8_unicode_ci", "utf8mb4_unicode_ci"},
		{"latin1", "utf8mb4_swedish_ci"},
		{"latin1 COLLATE latin1_german1_ci", "utf8mb4_general_ci"},
	} {
		t.Run(c.was, func(t *testing.T) {
			db := open(t)
			exec(t, db, strings.ReplaceAll(strings.ReplaceAll(original, "CHARACTER SET utf8mb4", "CHARACTER SET "+c.was), " Γ", ""))
			exec(t, db, "CREATE TABLE mine (name VARCHAR(256), media VARCHAR(20), KEY (name)) CHARACTER SET "+c.was+" AS SELECT name, '1_abc' AS media FROM course;\n"+
				"ALTER TABLE course ADD COLUMN note VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german1_ci;\n")
			up(t, db)
			if diff := cmp.Diff(c.becomes+"\nlatin1_german1_ci\n", query(t, db,
				"SELECT collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'course' AND column_name IN ('name', 'note') ORDER BY column_name")); diff != "" {
				t.Error(diff)
			}
			if got := query(t, db, "SELECT COUNT(*) FROM course JOIN mine ON mine.name = course.name JOIN mivideo_media_created AS m ON m.id = mine.media"); got != "1\n" {
				t.Errorf("joined rows: %s", got)
			}
			// Its own tables go together, too.
			query(t, db, "SELECT * FROM course JOIN lti_placement AS p ON p.course_name = course.name JOIN load_record AS r JOIN job_run AS j ON j.job_name = r.job_name")
		})
	}
}

// Dates that are zero, as old servers allowed them, are no reason to stop half-way.
func TestAdoptsZeroDates(t *testing.T) {
	db := open(t)
	exec(t, db, original)
	exec(t, db, "SET SESSION sql_mode = '';\nUPDATE mivideo_media_created SET created_at = 0;\n")
	up(t, db)
}

// Without the right to see it, a foreign key of another database is met only by the change itself.
func TestHiddenForeignKey(t *testing.T) {
	dsn := localdbtest.Database(t)
	db := openDSN(t, dsn)
	exec(t, db, original)
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := cfg.DBName
	defer func() {
		for _, s := range []string{"DROP DATABASE IF EXISTS " + name + "_2", "DROP USER IF EXISTS adopting@'%'"} {
			if _, err := db.Exec(s); err != nil {
				t.Error(err)
			}
		}
	}()
	exec(t, db, "CREATE DATABASE "+name+"_2;\nCREATE TABLE "+name+"_2.mine (c INT, CONSTRAINT fk_mine FOREIGN KEY (c) REFERENCES "+name+".course (canvas_id));\n"+
		"CREATE USER adopting@'%' IDENTIFIED BY 'adopting';\nGRANT ALL ON "+name+".* TO adopting@'%';\n")
	cfg.User, cfg.Passwd = "adopting", "adopting"
	user := openDSN(t, cfg.FormatDSN())
	findings, err := migrations.Examine(t.Context(), user)
	if err != nil || len(findings) != 1 || !strings.Contains(findings[0].Remedy, "GRANT PROCESS") {
		t.Errorf("got %v, %v", findings, err)
	}
	err = migrations.Up(t.Context(), user, 0, discard)
	if fault.ClassOf(err) != fault.Config || !strings.Contains(fault.HintOf(err), "drop the foreign key") || !strings.Contains(fmt.Sprint(err), "fk_mine") {
		t.Errorf("got %v", err)
	}
	exec(t, db, "DROP DATABASE "+name+"_2;\n")
	up(t, user)
	exec(t, db, "CREATE DATABASE "+name+"_2;\nCREATE TABLE "+name+"_2.mine (c BIGINT, CONSTRAINT fk_mine FOREIGN KEY (c) REFERENCES "+name+".course (canvas_id));\n")
	up(t, user)
	exec(t, db, "DELETE FROM goose_db_version WHERE version_id > 2;\nGRANT PROCESS ON *.* TO adopting@'%';\n")
	checkRefused(t, openDSN(t, cfg.FormatDSN()), fault.Config, strings.NewReplacer(), "fk_mine", name+"_2.mine")
}

// Somebody reads a table in a transaction that stays open. Others who read it then must not wait behind the migration for long.
func TestReadersNeverQueueForLong(t *testing.T) {
	db := open(t)
	exec(t, db, original)
	idle, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	for _, q := range []string{"START TRANSACTION", "SELECT COUNT(*) FROM course"} {
		if _, err := idle.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	tries := 0
	logs := slog.New(slog.NewTextHandler(written(func(text string) {
		if !strings.Contains(text, "waiting for readers of the table") {
			return
		}
		if !strings.Contains(text, "in a transaction") || !strings.Contains(text, "course") {
			t.Errorf("it does not say for whom: %s", text)
		}
		if tries++; tries == 2 {
			if _, err := idle.ExecContext(t.Context(), "ROLLBACK"); err != nil {
				t.Error(err)
			}
		}
	}), nil))
	done := make(chan error)
	go func() { done <- migrations.Up(t.Context(), db, 0, logs) }()
	for slowest := time.Duration(0); ; time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-done:
			if err != nil || tries < 2 {
				t.Errorf("after %d tries: %v", tries, err)
			}
			if slowest > 3500*time.Millisecond || slowest < 500*time.Millisecond {
				t.Errorf("a reader waited %s at most", slowest)
			}
			return
		default:
			began := time.Now()
			query(t, db, "SELECT COUNT(*) FROM course")
			slowest = max(slowest, time.Since(began))
		}
	}
}

// A migration may be killed at any statement. The next one goes on from there.
func TestUpAfterKills(t *testing.T) {
	fresh := open(t)
	up(t, fresh)
	db := open(t)
	exec(t, db, original)
	kills := 0
	for n := 1; ; n++ {
		ctx, kill := context.WithCancel(t.Context())
		started := 0
		logs := slog.New(slog.NewTextHandler(written(func(text string) {
			if strings.Contains(text, "statement started") {
				if started++; started == n {
					kills++
					kill()
				}
			}
		}), nil))
		err := migrations.Up(ctx, db, 0, logs)
		kill()
		if err == nil {
			break
		}
		if fault.ClassOf(err) != fault.Interrupted || n > 40 {
			t.Fatalf("try %d: %v", n, err)
		}
	}
	if kills < 10 {
		t.Errorf("killed only %d times", kills)
	}
	checkAdopted(t, db, describe(t, fresh))
}
