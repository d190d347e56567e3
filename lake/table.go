package lake

import (
	"fmt"
	"strings"
)

// Table names a table by its place in the lake, for example "raw/canvas/course" or "curated/course".
type Table string

// rejectedSuffix marks the table of rows that a curated table could not use.
const rejectedSuffix = "__rejected"

// Raw returns the table that an extract of source writes.
func Raw(source, name string) Table { return Table("raw/" + source + "/" + name) }

// Curated returns the table that the transform of that name writes.
func Curated(name string) Table { return Table("curated/" + name) }

// Rejected returns the table of the rows that could not be used for t.
func (t Table) Rejected() Table { return t + rejectedSuffix }

// IsRejected reports whether t holds rows that another table could not use.
func (t Table) IsRejected() bool { return strings.HasSuffix(string(t), rejectedSuffix) }

// Accepted returns the table whose unusable rows t holds, or t itself.
func (t Table) Accepted() Table { return Table(strings.TrimSuffix(string(t), rejectedSuffix)) }

// Name returns the last part of the table's name, "course" for "raw/canvas/course".
func (t Table) Name() string { return string(t[strings.LastIndexByte(string(t), '/')+1:]) }

// Schema returns the name under which SQL knows the table's area: "raw_canvas" or "curated".
func (t Table) Schema() string {
	return strings.ReplaceAll(string(t[:max(0, strings.LastIndexByte(string(t), '/'))]), "/", "_")
}

func (t Table) dir(d Date) string { return fmt.Sprintf("%s/dt=%s/", t, d) }

func (t Table) partKey(d Date, run RunID, part int) string {
	return fmt.Sprintf("%srun=%s/part-%05d.parquet", t.dir(d), run, part)
}

func (t Table) manifestKey(d Date, number int) string {
	return fmt.Sprintf("%s_manifest-%06d.json", t.dir(d), number)
}

// manifestNumber returns the number in a manifest's name, or 0 if the name is no manifest's.
func manifestNumber(name string) int {
	var n int
	if len(name) != len("_manifest-000000.json") {
		return 0
	}
	if _, err := fmt.Sscanf(name, "_manifest-%06d.json", &n); err != nil || n < 1 || name[len("_manifest-")] == '+' {
		return 0
	}
	return n
}
