package lake_test

import (
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/laketest"
)

func open(t *testing.T, url string) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func TestMemory(t *testing.T) {
	laketest.Run(t, func(t *testing.T) *lake.Lake { return open(t, "mem://") })
}

func TestFile(t *testing.T) {
	laketest.Run(t, func(t *testing.T) *lake.Lake { return open(t, "file://"+t.TempDir()+"/lake") })
}
