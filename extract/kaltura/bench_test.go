package kaltura

import (
	"fmt"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
)

// BenchmarkExtract reads five times what a list may have. The simulated server looks through all entries for each
// request, so much of the time is its own.
func BenchmarkExtract(b *testing.B) {
	for _, n := range []int{10_000, 50_000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			w := newWorld(b, clips(n, 3), nil)
			requests := int64(0)
			for b.Loop() {
				w.bodies = nil
				w.log.Reset()
				result, err := w.run(b, extracttest.Lake(b), nil)
				if err != nil || result.Tables[0].Rows != int64(n) {
					b.Fatal(err, result)
				}
				requests = result.Requests.Total
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(requests), "requests")
		})
	}
}
