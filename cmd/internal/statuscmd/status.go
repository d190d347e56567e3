package statuscmd

import (
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Status is all that the command tells; its JSON names are stable.
type Status struct {
	At     time.Time `json:"at"`
	Today  lake.Date `json:"today"`
	Lake   string    `json:"lake"`
	MaxAge string    `json:"max_age,omitempty"`
	Stale  []string  `json:"stale"` // tables that are missing or too old, those of MySQL with mysql: before them
	Jobs   []Job     `json:"jobs"`
	MySQL  MySQL     `json:"mysql"`

	latest lake.Date // dates after it are in the future
}

// Job is the standing of one job.
type Job struct {
	Name   string  `json:"name"`
	Tables []Table `json:"tables"` // raw ones first
	Runs   []Run   `json:"runs"`   // the last one of each stage
}

// The states of a table.
const (
	Today     = "today"     // it has a snapshot of today
	Yesterday = "yesterday" // of yesterday: today's night may be still to come
	Late      = "late"      // of an older day
	Missing   = "missing"   // of none
	Unread    = "unreadable"
)

// Table is the standing of one table of the lake.
type Table struct {
	Table    lake.Table   `json:"table"`
	State    string       `json:"state"`
	Date     lake.Date    `json:"dt,omitzero"` // of the newest snapshot
	DaysLate int          `json:"days_late,omitempty"`
	AsOf     time.Time    `json:"source_as_of,omitzero"`
	AgeHours float64      `json:"age_hours,omitempty"`
	Rows     int64        `json:"rows"`
	Before   *Before      `json:"before,omitempty"`
	Interval bool         `json:"interval,omitempty"` // a snapshot is an interval of data
	Gates    []lake.Check `json:"gates_not_passed,omitempty"`
	Drift    []lake.Drift `json:"schema_drift,omitempty"`
	Manifest string       `json:"manifest,omitempty"`
	Run      lake.RunID   `json:"run_id,omitempty"`
	MySQL    *InMySQL     `json:"mysql,omitempty"`        // of a curated table, where MySQL can be asked
	Future   []lake.Date  `json:"future,omitempty"`       // dates after today, which a run under a wrong clock made
	Mistaken []lake.Date  `json:"mysql_future,omitempty"` // of which MySQL holds the rows
	Error    string       `json:"error,omitempty"`

	age    time.Duration
	digest string // of the manifest
}

// Before is the snapshot before the newest.
type Before struct {
	Date lake.Date `json:"dt"`
	Rows int64     `json:"rows"`
}

// MySQL is the standing of the database.
type MySQL struct {
	Server string `json:"server,omitempty"`
	Error  string `json:"error,omitempty"` // why it could not be asked
	Remedy string `json:"remedy,omitempty"`
}

// InMySQL is what MySQL holds of a table.
type InMySQL struct {
	Date     lake.Date `json:"dt,omitzero"` // of the newest snapshot that was loaded; zero if none was
	Rows     int64     `json:"rows"`        // of that snapshot
	LoadedAt time.Time `json:"loaded_at,omitzero"`
	Current  bool      `json:"current"` // it is the newest snapshot of the lake
	AsOf     time.Time `json:"source_as_of,omitzero"`

	manifest string
}

// Run is the last run of a stage.
type Run struct {
	ID        lake.RunID     `json:"run_id"`
	Stage     string         `json:"stage"`
	State     lake.Status    `json:"state"`
	Date      lake.Date      `json:"dt"`
	StartedAt time.Time      `json:"started_at"`
	Seconds   float64        `json:"seconds,omitempty"`
	Requests  *lake.Requests `json:"requests,omitempty"`
	Error     string         `json:"error,omitempty"`
	Remedy    string         `json:"remedy,omitempty"`
	ExitCode  int            `json:"exit_code,omitempty"`
}
