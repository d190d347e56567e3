package cmd_test

import (
	"os/exec"
	"syscall"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// BenchmarkCanvasMemory tells the largest memory of the program extract-canvas at universities of 500 and 10,000 courses.
func BenchmarkCanvasMemory(b *testing.B) {
	for b.Loop() {
		var first float64
		for _, courses := range []int{500, 10_000} {
			w := newCanvasWorld(b, campus.Options{Seed: 1, Courses: courses, Limits: campus.Limits{HighWater: 1e9, Maximum: 1e9}})
			cmd := w.command()
			if output, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, output)
			}
			peak := peakMB(cmd)
			b.Logf("%d courses: %.0f MB", courses, peak)
			if first == 0 {
				first = peak
				continue
			}
			b.ReportMetric(peak, "MB")
			b.ReportMetric(peak/first, "x-of-500-courses")
		}
	}
}

// peakMB returns the largest resident memory of a program that has ended.
func peakMB(cmd *exec.Cmd) float64 {
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return float64(usage.Maxrss) / 1024
}
