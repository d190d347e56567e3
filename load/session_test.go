package load_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever the server sets for sessions, a load works and does the same.
func TestServerSettingsForSessions(t *testing.T) {
	lk, u := openLake(t), first(20)
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)
	cfg, db := database(t)
	for _, setting := range []string{"sql_safe_updates = 1", "sql_select_limit = 3", "sql_big_selects = 0", "max_join_size = 10", "autocommit = 0", "foreign_key_checks = 0", "wait_timeout = 1"} {
		if _, err := db.Exec("SET GLOBAL " + setting); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, name := range []string{"sql_safe_updates", "sql_select_limit", "sql_big_selects", "max_join_size", "autocommit", "foreign_key_checks", "wait_timeout"} {
			if _, err := db.Exec("SET GLOBAL " + name + " = DEFAULT"); err != nil {
				t.Error(err)
			}
		}
	})
	mustLoad(t, lk, cfg, plan(day1))
	if _, err := db.Exec("UPDATE enrollment SET role_type = 'edited'"); err != nil {
		t.Fatal(err)
	}
	mustLoad(t, lk, cfg, plan(day2))
	if diff := cmp.Diff(n.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
