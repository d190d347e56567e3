package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// TestEveryRemedy has two jobs fail: the operator needs the remedies of both.
func TestEveryRemedy(t *testing.T) {
	err := errors.Join(
		fault.Of("job A", fault.New(fault.Unavailable, "start the server", errors.New("it is down"))),
		fault.Of("job B", fault.New(fault.Permission, "renew the secret", errors.New("refused"))))
	for format, want := range map[string][]string{
		"text": {"  remedy: job A: start the server\n", "  remedy: job B: renew the secret\n", "  exit status: 69 (unavailable)\n"},
		"json": {`"remedy":"job A: start the server; job B: renew the secret"`},
	} {
		name := filepath.Join(t.TempDir(), "stderr")
		w, createErr := os.Create(name)
		if createErr != nil {
			t.Fatal(createErr)
		}
		reportError(w, "p", &options{logFormat: format}, err, 69)
		if closeErr := w.Close(); closeErr != nil {
			t.Fatal(closeErr)
		}
		got, readErr := os.ReadFile(name)
		if readErr != nil {
			t.Fatal(readErr)
		}
		for _, line := range want {
			if !strings.Contains(string(got), line) {
				t.Errorf("%s lacks %q:\n%s", format, line, got)
			}
		}
	}
}
