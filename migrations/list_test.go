package migrations_test

import (
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

func TestList(t *testing.T) {
	db := open(t)
	upTo(t, db, 3)
	exec(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (90, 1);\n")
	all, err := migrations.List(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range all {
		newer := i == len(all)-1
		if m.Applied != (i < 3 || newer) || (m.Name == "") != newer {
			t.Errorf("%d: %+v", i, m)
		}
		if age := time.Since(m.At); m.Applied && (age < -time.Hour || age > time.Hour) {
			t.Errorf("%s was applied %s ago", m.Name, age)
		}
	}
	if last := all[len(all)-1]; last.Version != 90 {
		t.Errorf("last: %+v", last)
	}
	if original, err := migrations.Adopts(t.Context(), db); err != nil || original {
		t.Errorf("adopts: %v, %v", original, err)
	}
	exec(t, db, "CREATE TABLE _yoyo_log (id INT);\n")
	if original, err := migrations.Adopts(t.Context(), db); err != nil || !original {
		t.Errorf("adopts: %v, %v", original, err)
	}
}
