package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

func TestRemedies(t *testing.T) {
	down := fault.New(fault.Unavailable, "start it", errors.New("it is down"))
	wrong := fmt.Errorf("extract: %w", fault.New(fault.Permission, "renew the secret", errors.New("refused")))
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"none":                {nil, nil},
		"no remedy":           {errors.New("odd"), nil},
		"one":                 {fault.Of("job A", down), []string{"start it"}},
		"one that was joined": {errors.Join(fault.Of("job A", down), nil), []string{"start it"}},
		"several":             {errors.Join(fault.Of("job A", down), fault.Of("job B", wrong)), []string{"job A: start it", "job B: renew the secret"}},
		"several, joined again": {errors.Join(errors.Join(fault.Of("job A", down), fault.Of("job B", wrong)), errors.New("close")),
			[]string{"job A: start it", "job B: renew the secret"}},
		"a text of its own": {fmt.Errorf("both: %w, %w", down, wrong), []string{"start it"}},
	} {
		if diff := cmp.Diff(test.want, fault.Remedies(test.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := fault.Of("job A", down); err.Error() != "job A: it is down" || fault.ClassOf(err) != fault.Unavailable || fault.Of("job A", nil) != nil {
		t.Errorf("%v, %v", err, fault.ClassOf(err))
	}
}
