package run

import (
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// severity orders the classes: first what a person must mend, last what passes by itself.
var severity = []fault.Class{fault.Defect, fault.Config, fault.Usage, fault.Permission, fault.Data, fault.Unavailable, fault.Temporary, fault.Interrupted}

// Worst returns the first of the errors of the worst class, nil if there is none.
func Worst(errs ...error) error {
	var worst error
	rank := len(severity)
	for _, err := range errs {
		if r := slices.Index(severity, fault.ClassOf(err)); err != nil && r >= 0 && r < rank {
			worst, rank = err, r
		}
	}
	return worst
}
