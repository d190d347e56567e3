package upkeep

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Finding is something that [Verify] found.
type Finding struct {
	Severity Severity   `json:"severity"`
	Code     string     `json:"code"` // a stable name of the kind of finding
	Object   string     `json:"object"`
	Table    lake.Table `json:"table,omitempty"`
	Date     lake.Date  `json:"dt,omitzero"`
	What     string     `json:"what"`
	Remedy   string     `json:"remedy,omitempty"`
}

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Damage Severity = "damage" // a snapshot cannot be read as it was committed
	Note   Severity = "note"   // no reader is concerned
)

// findings gathers findings from many goroutines.
type findings struct {
	mu  sync.Mutex
	all []Finding
}

func (f *findings) add(found ...Finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, found...)
}

// sorted returns the damage first, each severity in the order of the objects.
func (f *findings) sorted() []Finding {
	slices.SortFunc(f.all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Code, b.Code), cmp.Compare(a.What, b.What))
	})
	if f.all == nil {
		return []Finding{} // which JSON shows as an empty list
	}
	return f.all
}

// damage returns a finding about an object of a table and date, with the way to mend it.
func damage(code, object string, t lake.Table, d lake.Date, what string, args ...any) Finding {
	return Finding{Severity: Damage, Code: code, Object: object, Table: t, Date: d, What: fmt.Sprintf(what, args...), Remedy: remedy(t, d)}
}

func note(code, object string, t lake.Table, d lake.Date, what string, args ...any) Finding {
	return Finding{Severity: Note, Code: code, Object: object, Table: t, Date: d, What: fmt.Sprintf(what, args...)}
}

// remedy says how to get a table's date back. Sources that tell today's state only cannot be asked for a past date.
func remedy(t lake.Table, d lake.Date) string {
	source, isRaw := strings.CutPrefix(t.Schema(), "raw_")
	switch {
	case !isRaw:
		return fmt.Sprintf("restore the object from a backup, or make the date again: transform --date %s, then load --date %s", d, d)
	case source == "udp", source == "kaltura":
		return fmt.Sprintf("restore the object from a backup, or read the date again: extract-%s --date %s --tables %s", source, d, t.Name())
	default:
		return fmt.Sprintf("restore the object from a backup; without one, run extract-%s if the date is today, else give the date up: course-inventory lake rm %s %s", source, t, d)
	}
}

// reason is what an error says of an object, without the object's name.
func reason(key string, err error) string {
	if store.Missing(err) {
		return "it is not there"
	}
	return strings.TrimPrefix(err.Error(), "lake object "+key+" is damaged: ")
}
