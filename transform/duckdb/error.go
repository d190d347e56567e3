package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// explain gives an error of DuckDB its class and remedy. An error that is none of an operator's
// business, such as one in a model's SQL, stays a defect.
func explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("DuckDB: %w", err)
	}
	class, hint := fault.Defect, ""
	switch {
	case strings.Contains(e.Msg, "No space left on device"), strings.Contains(e.Msg, "max_temp_directory_size"):
		class, hint = fault.Unavailable, "the disk for temporary files (TMPDIR) is full: make room and run the same command again; nothing was committed"
	case e.Type == driver.ErrorTypeOutOfMemory:
		class, hint = fault.Unavailable, "give the transform more memory with --memory-limit, or fewer threads with --threads; nothing was committed"
	case e.Type == driver.ErrorTypeIO:
		class, hint = fault.Unavailable, "check the disk for temporary files (TMPDIR) and the lake, then run the same command again"
	}
	return fault.New(class, hint, fmt.Errorf("DuckDB: %w", err))
}
