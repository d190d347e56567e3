package verify_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/verify"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

func TestMain(m *testing.M) { localdbtest.Main(m) }

func TestTable(t *testing.T) {
	db, err := sql.Open("mysql", strings.ReplaceAll(localdbtest.Database(t), "parseTime=true", "parseTime=false"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{
		"CREATE TABLE t (id BIGINT, name VARCHAR(99) CHARACTER SET utf8mb4, at DATETIME, day DATE, other INT)",
		`INSERT INTO t VALUES (17700000000123456, 'a\tb "c" 😀', '2026-03-02 01:02:03', '2026-03-02', 1), (2, NULL, NULL, NULL, 2), (3, 'extra', NULL, NULL, 3), (4, 'twice', NULL, NULL, 4)`,
	} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	const equal = `{"id":17700000000123456,"name":"a\tb \"c\" 😀","at":"2026-03-02 01:02:03","day":"2026-03-02"}
{"id":2,"name":null,"at":null,"day":null}
{"id":4,"name":"twice","at":null,"day":null}
`
	extra := `NULL NULL "3" "extra"`
	for name, tt := range map[string]struct {
		truth          string
		missing, extra []string
	}{
		"equal":    {equal + `{"id":3,"name":"extra","at":null,"day":null}`, nil, nil},
		"an extra": {equal, nil, []string{extra}},
		"one of two": {
			equal + `{"id":4,"name":"twice","at":null,"day":null}` + "\n" + `{"id":3,"name":"extra","at":null,"day":null}`,
			[]string{`NULL NULL "4" "twice"`}, nil,
		},
		"the next number that float64 knows": {
			strings.Replace(equal, "123456", "123457", 1), []string{`"2026-03-02 01:02:03" "2026-03-02" "17700000000123457" "a\tb \"c\" 😀"`},
			[]string{`"2026-03-02 01:02:03" "2026-03-02" "17700000000123456" "a\tb \"c\" 😀"`, extra},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := verify.Table(t.Context(), db, "t", strings.NewReader(tt.truth))
			if err != nil || v.Rows != 4 {
				t.Fatalf("%d rows, %v", v.Rows, err)
			}
			if diff := cmp.Diff([][]string{tt.missing, tt.extra}, [][]string{v.Missing, v.Extra}); diff != "" {
				t.Error(diff)
			}
			if v.Equal() != (tt.missing == nil && tt.extra == nil) || v.Equal() != (v.String() == "equal to the truth") {
				t.Errorf("says %s", v)
			}
		})
	}
	if v, err := verify.Table(t.Context(), db, "t", strings.NewReader("")); err != nil || v.Rows != 4 || len(v.Extra) != 4 {
		t.Errorf("against nothing: %+v, %v", v, err)
	}
	for truth, table := range map[string]string{`{"id":`: "t", `{"id":1}`: "u", `{"no":1}`: "t"} {
		if _, err := verify.Table(t.Context(), db, table, strings.NewReader(truth)); err == nil {
			t.Errorf("%s of table %s: no error", truth, table)
		}
	}
}
