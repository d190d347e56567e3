//go:build unix

package transform_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
	"github.com/tl-its-umich-edu/course-inventory/transform/duckdb"
)

const (
	benchMemory  = "512MB"
	benchThreads = 2
	benchRounds  = 5 // in turn, ours and bare; the median of the ratios counts
)

// BenchmarkTransform10M transforms a synthetic university of 10 million enrollments with 512 MB and
// compares with bare DuckDB, which evaluates the same statements on the same files: "ratio" is the time of
// the whole transform, with its digests, uploads and commits, to that of models and gates in bare
// DuckDB; "ratio-models" is to the models alone, and "ratio-cpu" compares processor time, which other
// work on the machine disturbs less. "peak-MB" is the largest resident memory.
func BenchmarkTransform10M(b *testing.B) {
	l := benchLake(b)
	for b.Loop() {
		var ours, models, all, oursCPU, allCPU []time.Duration
		var oursPeak, barePeak float64
		for round := range benchRounds {
			if err := os.RemoveAll(filepath.Join(benchRoot(b), "lake", "curated")); err != nil { // of earlier rounds
				b.Fatal(err)
			}
			resetPeak(b)
			script := &script{}
			p := plan(day, job.All()[0].Tables...)
			p.Now = time.Now
			p.WorkDir = b.TempDir()
			begin, cpu := time.Now(), cpuTime(b)
			result, err := transform.Run(b.Context(), l, recorder{duckdb.Engine{MemoryLimit: benchMemory, Threads: benchThreads}, script}, p)
			if err != nil {
				b.Fatal(err)
			}
			ours, oursCPU = append(ours, time.Since(begin)), append(oursCPU, cpuTime(b)-cpu)
			oursPeak = max(oursPeak, peak(b))
			for _, s := range result.Dates[0].Sets {
				b.Logf("round %d: %-20s %9d rows %6d rejected %6.1f s", round+1, s.Set, s.Snapshot.Rows(), s.Rejected.Rows(), s.Elapsed.Seconds())
			}
			resetPeak(b)
			cpu = cpuTime(b)
			m, g := script.replay(b)
			models, all, allCPU = append(models, m), append(all, m+g), append(allCPU, cpuTime(b)-cpu)
			barePeak = max(barePeak, peak(b))
			b.Logf("round %d: %.1f s, %.1f s of processor time; bare %.1f s, %.1f s", round+1,
				ours[round].Seconds(), oursCPU[round].Seconds(), all[round].Seconds(), allCPU[round].Seconds())
		}
		b.ReportMetric(slices.Min(ours).Seconds(), "s")
		b.ReportMetric(slices.Min(all).Seconds(), "bare-s")
		b.ReportMetric(medianRatio(ours, all), "ratio")
		b.ReportMetric(medianRatio(ours, models), "ratio-models")
		b.ReportMetric(medianRatio(oursCPU, allCPU), "ratio-cpu")
		b.ReportMetric(oursPeak, "peak-MB")
		b.ReportMetric(barePeak, "bare-peak-MB")
	}
}

// medianRatio returns the median of the rounds' ratios: what disturbs a round disturbs both its halves.
func medianRatio(ours, bare []time.Duration) float64 {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i].Seconds() / bare[i].Seconds()
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// recorder is an engine that remembers the statements it was given.
type recorder struct {
	transform.Engine
	script *script
}

func (r recorder) Open(ctx context.Context, dir string, files []string) (transform.Session, error) {
	s, err := r.Engine.Open(ctx, dir, files)
	return recording{s, r.script}, err
}

type recording struct {
	transform.Session
	script *script
}

func (r recording) View(ctx context.Context, view string, files []string, columns []lake.Column) error {
	schema, _, _ := strings.Cut(view, ".")
	query := "SELECT " + strings.Join(columnNames(columns), ", ") + fmt.Sprintf(" FROM read_parquet(['%s'])", strings.Join(files, "', '"))
	if len(files) == 0 {
		var nulls []string
		for _, c := range columns {
			nulls = append(nulls, fmt.Sprintf("CAST(NULL AS %s) AS %s", strings.ReplaceAll(c.Type, lake.Timestamp, "TIMESTAMPTZ"), c.Name))
		}
		query = "SELECT " + strings.Join(nulls, ", ") + " WHERE false"
	}
	r.script.add(false, "CREATE SCHEMA IF NOT EXISTS "+schema)
	r.script.add(false, "CREATE OR REPLACE VIEW "+view+" AS "+query)
	return r.Session.View(ctx, view, files, columns)
}

func (r recording) Write(ctx context.Context, query string, out transform.Output) error {
	r.script.add(false, fmt.Sprintf("COPY (SELECT * FROM (\n%s\n) AS result ORDER BY %s) TO '%s' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 250000)",
		query, strings.Join(out.SortBy, ", "), out.File))
	return r.Session.Write(ctx, query, out)
}

func (r recording) Find(ctx context.Context, query string, count transform.Count, limit int) (int64, []string, error) {
	n, examples, err := r.Session.Find(ctx, query, count, limit)
	r.script.add(true, "SELECT "+string(count)+" FROM (\n"+query+"\n) AS result")
	if n > 0 {
		r.script.add(true, fmt.Sprintf("SELECT * FROM (\n%s\n) AS result ORDER BY ALL LIMIT %d", query, limit))
	}
	return n, examples, err
}

func columnNames(columns []lake.Column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

// script is what an engine was asked to do.
type script struct{ steps []step }

type step struct {
	gate      bool
	statement string
}

func (s *script) add(gate bool, statement string) { s.steps = append(s.steps, step{gate, statement}) }

// replay evaluates the statements with bare DuckDB and returns the time that models and gates took.
func (s *script) replay(b *testing.B) (models, gates time.Duration) {
	b.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, setting := range []string{"SET memory_limit = '" + benchMemory + "'", "SET threads = " + strconv.Itoa(benchThreads),
		"SET temp_directory = '" + b.TempDir() + "'", "SET preserve_insertion_order = false", "SET TimeZone = 'UTC'"} {
		exec(b, db, setting)
	}
	made := map[string]bool{}
	for _, step := range s.steps {
		if to := strings.LastIndex(step.statement, ") TO '"); strings.HasPrefix(step.statement, "COPY") { // the directory of the transform is gone
			file := step.statement[to+len(") TO '"):]
			dir := filepath.Dir(file[:strings.IndexByte(file, '\'')])
			if !made[dir] {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					b.Fatal(err)
				}
				defer func() { _ = os.RemoveAll(dir) }()
				made[dir] = true
			}
		}
		begin := time.Now()
		exec(b, db, step.statement)
		if step.gate {
			gates += time.Since(begin)
		} else {
			models += time.Since(begin)
		}
	}
	return models, gates
}

func benchRoot(b *testing.B) string {
	b.Helper()
	root, err := filepath.Abs("../data/bench/transform10m")
	if err != nil {
		b.Fatal(err)
	}
	return root
}

// benchLake returns the synthetic lake, made once and kept below data/bench.
func benchLake(b *testing.B) *lake.Lake {
	b.Helper()
	root := benchRoot(b)
	ready := filepath.Join(root, "ready")
	if _, err := os.Stat(ready); err != nil {
		if err := os.RemoveAll(root); err != nil {
			b.Fatal(err)
		}
	}
	l, err := lake.Open(b.Context(), "file://"+filepath.ToSlash(filepath.Join(root, "lake")))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(ready); err == nil {
		return l
	}
	db := openDuckDB(b)
	for _, name := range rawInputs() {
		query, known := synthetic[name]
		if !known {
			b.Fatalf("no synthetic rows for %s", name)
		}
		file := filepath.Join(b.TempDir(), "rows.parquet")
		exec(b, db, fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 250000)", query, file))
		commitFile(b, l, tableOf(name), day, "BENCH", file, inputColumns(b, name))
	}
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	return l
}

// synthetic holds the rows of every raw table: 20,000 courses with 100,000 sections and 10 million
// enrollments, of which one in a thousand is repeated, and some that must be rejected.
var synthetic = map[string]string{
	"raw_canvas.term":    "SELECT CAST(164 AS BIGINT) AS id, 'Winter 2026' AS name, '2420' AS sis_term_id, CAST(NULL AS TIMESTAMPTZ) AS start_at, CAST(NULL AS TIMESTAMPTZ) AS end_at, TIMESTAMPTZ '2026-03-01 04:00:00Z' AS fetched_at",
	"raw_canvas.account": "SELECT i AS id, 'Account ' || i AS name, CAST(i AS VARCHAR) AS sis_account_id, TIMESTAMPTZ '2026-03-01 04:00:00Z' AS fetched_at FROM range(1, 201) AS t(i)",
	"raw_canvas.course": `SELECT i AS id, 'Course ' || i AS name, CAST(NULL AS VARCHAR) AS original_name, 'SIS' || i AS sis_course_id, 1 + i % 200 AS account_id,
		CAST(164 AS BIGINT) AS enrollment_term_id, TIMESTAMPTZ '2025-11-01 00:00:00Z' AS created_at, 'available' AS workflow_state,
		CAST(CASE WHEN i % 10 = 0 THEN 0 ELSE 400 END AS BIGINT) AS total_students, TIMESTAMPTZ '2026-03-01 04:00:00Z' AS fetched_at FROM range(1, 22201) AS t(i)`,
	"raw_canvas.course_audit_event": "SELECT 1 + i % 22200 AS course_id, CASE i % 3 WHEN 0 THEN 'published' ELSE 'updated' END AS event_type, TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL (i) SECOND AS created_at FROM range(100000) AS t(i)",
	"raw_canvas.course_activity": `SELECT course_id, date, CAST(hash(course_id, date) % 500 AS BIGINT) AS views, CAST(1 AS BIGINT) AS participations
		FROM (SELECT i AS course_id FROM range(1, 22201) AS t(i) WHERE i % 10 <> 0) AS c, (SELECT CAST(DATE '2026-01-01' + CAST(d AS INTEGER) AS DATE) AS date FROM range(59) AS t(d)) AS d`,
	"raw_canvas.enrollment": `SELECT id, course_id, CASE WHEN id % 1000000 = 7 THEN NULL ELSE course_id * 5 + CAST(hash(id) % 5 AS BIGINT) END AS section_id,
			'Section ' || (course_id * 5 + CAST(hash(id) % 5 AS BIGINT)) AS section_name, 1 + CAST(hash(id, 1) % 300000 AS BIGINT) AS user_id,
			CASE hash(id, 2) % 10 WHEN 0 THEN 'completed' WHEN 1 THEN 'inactive' ELSE 'active' END AS state,
			CASE hash(id, 3) % 40 WHEN 0 THEN 'TeacherEnrollment' WHEN 1 THEN 'ObserverEnrollment' ELSE 'StudentEnrollment' END AS type,
			TIMESTAMPTZ '2026-03-01 04:00:00Z' + INTERVAL (course_id) SECOND AS fetched_at
		FROM (SELECT i AS id, CASE WHEN course % 10 = 0 THEN course + 1 ELSE course END AS course_id
			FROM (SELECT i, 1 + CAST(hash(i) % 22190 AS BIGINT) AS course FROM range(1, 10000001) AS t(i) UNION ALL SELECT i * 1000, 1 + CAST(hash(i * 1000) % 22190 AS BIGINT) FROM range(1, 10001) AS t(i)) AS e) AS e
		ORDER BY id`,
	"raw_udw.course_section_dim": "SELECT CASE WHEN i % 1000 = 0 THEN i + 1 ELSE i END AS canvas_id, 'Section ' || i AS name, 'SIS' || i AS sis_source_id FROM range(1, 400001) AS t(i)",
}

// cpuTime returns the processor time that the process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resetPeak makes the kernel count the peak of the resident memory afresh.
func resetPeak(b *testing.B) {
	b.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		b.Logf("peak memory is that of the whole process: %v", err)
	}
}

// peak returns the largest resident memory in megabytes, 0 where the system does not tell.
func peak(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(fields[0], 64)
	return kb / 1024
}
