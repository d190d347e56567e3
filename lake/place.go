package lake

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Kind says what an object is, by its key.
type Kind int

// The kinds of objects.
const (
	Foreign        Kind = iota // nothing that this program writes
	ManifestObject             // a commit record
	PartObject                 // a Parquet file of a run
	RunObject                  // a record of a run
	CheckpointObject
	CatalogObject
	DerivedObject   // a report or lineage events, for readers outside of this program
	TemporaryObject // a file under way, on disk
	ProbeObject     // left by a probe of the store, or proof that it creates nothing twice
)

// Place is what an object's key says of it. Fields that its kind has not are zero.
type Place struct {
	Kind   Kind
	Table  Table
	Date   Date
	Number int    // of a manifest
	Run    RunID  // of a part, of a run's record or of its lineage
	Odd    string // why the object is Foreign
}

// The areas of a lake beside its tables.
const (
	runArea        = "_runs/"
	checkpointArea = "_checkpoints/"
	catalogArea    = "_catalog/"
)

var partName = regexp.MustCompile(`^part-[0-9]{5,}\.parquet$`)

// PlaceOf tells what an object is.
func PlaceOf(key string) Place {
	dir, name := path.Split(key)
	if strings.HasPrefix(name, store.TemporaryPrefix) {
		return Place{Kind: TemporaryObject}
	}
	switch {
	case strings.HasPrefix(key, checkpointArea):
		return Place{Kind: CheckpointObject}
	case strings.HasPrefix(key, store.ProbeArea):
		return Place{Kind: ProbeObject}
	case strings.HasPrefix(key, catalogArea):
		return Place{Kind: CatalogObject}
	case dir == lineageArea && path.Ext(name) == lineageSuffix:
		return Place{Kind: DerivedObject, Run: RunID(strings.TrimSuffix(name, lineageSuffix))}
	case strings.HasPrefix(key, reportArea), strings.HasPrefix(key, lineageArea):
		return Place{Kind: DerivedObject}
	case dir == runArea && path.Ext(name) == ".json":
		return Place{Kind: RunObject, Run: RunID(strings.TrimSuffix(name, ".json"))}
	}
	return placeInTable(strings.Split(key, "/"))
}

// placeInTable tells what an object below raw/ or curated/ is.
func placeInTable(parts []string) Place {
	depth := map[string]int{"raw": 3, "curated": 2}[parts[0]]
	foreign := func(odd string, args ...any) Place { return Place{Odd: fmt.Sprintf(odd, args...)} }
	if depth == 0 || len(parts) <= depth {
		return foreign("it is in no table")
	}
	p := Place{Table: Table(strings.Join(parts[:depth], "/"))}
	text, isDate := strings.CutPrefix(parts[depth], "dt=")
	d, err := ParseDate(text)
	switch {
	case !isDate:
		return foreign("it is in no date of the table %s", p.Table)
	case err != nil:
		return foreign("%s is no date", text)
	}
	p.Date = d
	rest := parts[depth+1:]
	switch {
	case len(rest) == 0:
		return foreign("it is in the place of a date's directory")
	case manifestNumber(rest[0]) > 0 && len(rest) == 1:
		p.Kind, p.Number = ManifestObject, manifestNumber(rest[0])
		return p
	case manifestNumber(rest[0]) > 0:
		return foreign("it is in a directory named like a manifest")
	}
	run, isRun := strings.CutPrefix(rest[0], "run=")
	if !isRun || run == "" || len(rest) != 2 || !partName.MatchString(rest[1]) {
		return foreign("it is neither a manifest nor a part of a run")
	}
	p.Kind, p.Run = PartObject, RunID(run)
	return p
}

// Time returns when the run started, or the zero time for an id that is no ULID.
func (r RunID) Time() time.Time {
	id, err := ulid.ParseStrict(string(r))
	if err != nil {
		return time.Time{}
	}
	return ulid.Time(id.Time()).UTC()
}
