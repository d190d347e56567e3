package lake

import "time"

// FormatVersion is the version of the manifests that this package writes. A
// manifest of a later version is refused.
const FormatVersion = 1

// Manifest says what one snapshot of a table is: which files, of which columns,
// made from what. Times are UTC.
type Manifest struct {
	FormatVersion  int        `json:"format_version"`
	Table          Table      `json:"table"`
	Date           Date       `json:"dt"`
	Number         int        `json:"number"` // set by Commit
	Run            RunID      `json:"run_id"`
	ToolVersion    string     `json:"tool_version"`
	SimulatedClock bool       `json:"simulated_clock,omitempty"` // made under COURSE_INVENTORY_CLOCK
	Removed        bool       `json:"removed,omitempty"`         // since then the date has no snapshot, see Remove
	Together       []Table    `json:"together,omitempty"`        // all tables that the run commits with this one, see Lake.Together
	Origin         string     `json:"origin,omitempty"`          // digest of the server, account and terms that were asked for, where the source has such
	Scope          Scope      `json:"scope,omitempty"`           // what of the source was asked for, where that is a choice
	Inputs         []Input    `json:"inputs,omitempty"`
	Files          []File     `json:"files"`
	Columns        []Column   `json:"columns"`
	Key            []string   `json:"key,omitempty"` // columns that the rows are sorted by
	SourceFields   []Field    `json:"source_fields,omitempty"`
	Drift          []Drift    `json:"schema_drift,omitempty"`
	Interval       *Interval  `json:"interval,omitempty"`
	Watermark      *time.Time `json:"watermark,omitempty"`
	SourceAsOf     time.Time  `json:"source_as_of,omitzero"` // when the source's data was current
	StartedAt      time.Time  `json:"started_at"`
	FinishedAt     time.Time  `json:"finished_at"`
	Requests       *Requests  `json:"requests,omitempty"`
	Counts         *Counts    `json:"counts,omitempty"`
	Checks         []Check    `json:"checks,omitempty"`
	Notes          []string   `json:"notes,omitempty"` // what a reader should know, a sentence each
}

// Rows returns the number of rows in all files.
func (m Manifest) Rows() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Rows
	}
	return n
}

// Bytes returns the size of all files.
func (m Manifest) Bytes() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// Input names a snapshot that another was made from.
type Input struct {
	Path   string `json:"path"`   // of its manifest
	SHA256 string `json:"sha256"` // of its manifest's bytes, in hexadecimal
}

// File is one Parquet file of a snapshot.
type File struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// Interval is the span of time [From, To) that an incremental snapshot covers.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Requests counts what a run asked of its source.
type Requests struct {
	Total     int64 `json:"total"`
	Retried   int64 `json:"retried"`
	Throttled int64 `json:"throttled"` // refused by the source's rate limit

	Quota *Quota `json:"quota,omitempty"` // of a run, where the source tells it
}

// Add adds the requests of another run or table. Of two quotas the one counts of which less was left.
func (r *Requests) Add(o Requests) {
	r.Total, r.Retried, r.Throttled = r.Total+o.Total, r.Retried+o.Retried, r.Throttled+o.Throttled
	if r.Quota == nil || o.Quota != nil && o.Quota.Least < r.Quota.Least {
		r.Quota = o.Quota
	}
}

// Quota is how far a run filled the rate limit of its source, in the source's own units.
type Quota struct {
	Least  float64 `json:"least"`   // that was left; negative beyond the limit
	Most   float64 `json:"most"`    // that was left, before the run filled it: about the size
	AtOnce int     `json:"at_once"` // requests under way, at most
}

// Counts compares what a source announced with what it gave.
type Counts struct {
	Expected int64 `json:"expected"`
	Found    int64 `json:"found"`
}

// Check is the result of a quality gate.
type Check struct {
	Name     string   `json:"name"`
	Passed   bool     `json:"passed"`
	Warning  bool     `json:"warning,omitempty"` // does not stop the commit
	Detail   string   `json:"detail,omitempty"`
	Rows     int64    `json:"rows,omitempty"` // offending rows
	Examples []string `json:"examples,omitempty"`
}
