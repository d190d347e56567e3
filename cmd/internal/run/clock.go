package run

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

const clockVariable = "COURSE_INVENTORY_CLOCK"

// clock returns the source of the current time, UTC, and whether it is a simulated one, which starts at
// COURSE_INVENTORY_CLOCK and goes on at the usual pace.
func clock() (now func() time.Time, simulated bool, err error) {
	text := os.Getenv(clockVariable)
	if text == "" {
		return func() time.Time { return time.Now().UTC() }, false, nil
	}
	begin, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, false, fault.New(fault.Usage, "set it to a time such as 2026-03-02T05:00:00Z, or unset it",
			fmt.Errorf("%s is %q, which is no RFC 3339 time", clockVariable, text))
	}
	started := time.Now()
	return func() time.Time { return begin.UTC().Add(time.Since(started)) }, true, nil
}

// version is set by the linker for builds without version control information.
var version string

// Version returns the version of this build: the module's, the commit's or "devel".
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "devel"
}
