package udp

import (
	"bufio"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// The server of a benchmark is this program in a process of its own, so that its memory does not count.
const serverRows = "UDP_BENCHMARK_SERVER_ROWS"

func TestMain(m *testing.M) {
	rows, err := strconv.Atoi(os.Getenv(serverRows))
	if err != nil {
		os.Exit(m.Run())
	}
	p := &plenty{rows: rows, page: 10_000, streams: 2}
	storage, _, err := p.listen()
	if err != nil {
		panic(err)
	}
	fmt.Println(httptest.NewServer(p).URL, storage)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark ends
}

func startServer(b *testing.B, rows int) (rest, storage string) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), fmt.Sprintf("%s=%d", serverRows, rows)), os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	rest, storage, _ = strings.Cut(strings.TrimSpace(line), " ")
	return rest, storage
}

// BenchmarkExtract extracts events into a lake on disk. peak-MB is the most memory that the process has held.
func BenchmarkExtract(b *testing.B) {
	for _, way := range []string{"pages", "streams"} {
		for _, rows := range []int{250_000, 1_000_000, 2_000_000} {
			b.Run(fmt.Sprintf("%s/rows=%d", way, rows), func(b *testing.B) {
				rest, storage := startServer(b, rows)
				w := newWorld(b, nil, nil)
				w.cfg.MIVideo.UDPEndpoint, w.tuning = rest, tuning{}
				if way == "streams" {
					w.cfg.MIVideo.UDPStorageEndpoint = storage
				}
				peak := 0.0
				for b.Loop() {
					resetPeak(b)
					l, err := lake.Open(b.Context(), "file://"+b.TempDir())
					if err != nil {
						b.Fatal(err)
					}
					result, err := w.run(b, l, nil)
					if err != nil || result.Tables[0].Rows != int64(rows) {
						b.Fatal(err, result)
					}
					peak = max(peak, peakMB(b))
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				b.ReportMetric(peak, "peak-MB")
			})
		}
	}
}

func resetPeak(b *testing.B) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Skip("no /proc to measure memory by: ", err)
	}
}

func peakMB(b *testing.B) float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	b.Fatal("no VmHWM in /proc/self/status")
	return 0
}
