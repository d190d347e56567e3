package university

import (
	"fmt"
	"iter"
	"time"
)

// WarehouseSection is a row of the warehouse's course_section_dim.
type WarehouseSection struct {
	ID               int64 // the warehouse's own id
	CanvasID         int64
	Name             string
	CourseID         int64 // the warehouse's own id of the course
	EnrollmentTermID int64 // the warehouse's own id of the term
	DefaultSection   bool
	State            string
	SISSourceID      string // empty: null
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Warehouse yields the rows of course_section_dim on that day in no useful order. One
// section in a hundred is missing, one in thirty has two or three rows: a deleted twin
// without or with another SIS id. Sections that vanished stay as deleted rows.
func (d *Day) Warehouse() iter.Seq[WarehouseSection] {
	return func(yield func(WarehouseSection) bool) {
		for i := len(d.u.courses) - 1; i >= 0; i-- {
			for _, s := range d.Sections(i) {
				for _, w := range d.u.warehoused(i, s) {
					if !yield(w) {
						return
					}
				}
			}
		}
	}
}

// warehoused returns what the warehouse knows of a section of course i.
func (u *University) warehoused(i int, s Section) []WarehouseSection {
	key := int(s.ID)
	if u.chance(10, topicWarehouse, key, 0, 0) {
		return nil
	}
	local := s.ID % shard
	row := WarehouseSection{
		ID: shard + local, CanvasID: s.ID, Name: s.Name, CourseID: shard + u.courses[i].id%shard, EnrollmentTermID: shard + u.TermOf(i),
		DefaultSection: s.ID%1000 == 0, State: "active", SISSourceID: fmt.Sprintf("S%d%03d", u.TermOf(i), local),
		CreatedAt: u.createdAt(i), UpdatedAt: u.createdAt(i).Add(36 * time.Hour),
	}
	if u.chance(60, topicWarehouse, key, 1, 0) {
		row.SISSourceID = ""
	}
	rows := []WarehouseSection{row}
	// Sections 3,000,000 and 3,000,001 always show what a twin can look like.
	p := u.pick(1000, topicWarehouse, key, 2, 0)
	twin := row
	twin.State, twin.UpdatedAt = StateDeleted, row.UpdatedAt.Add(24*time.Hour)
	if p < 20 || local%1_000_000 == 0 {
		twin.ID = row.ID + 500_000_000
		twin.SISSourceID = ""
		rows = append(rows, twin)
	}
	if p >= 10 && p < 34 || local%1_000_000 == 0 {
		twin.ID = row.ID + 400_000_000
		twin.SISSourceID = fmt.Sprintf("R%d%03d", u.TermOf(i), local)
		rows = append([]WarehouseSection{twin}, rows...)
	}
	return rows
}

// SectionSIS returns the SIS id that reports show for a section of course i: of several
// in the warehouse the smallest; empty if there is none.
func (u *University) SectionSIS(i int, s Section) string {
	best := ""
	for _, w := range u.warehoused(i, s) {
		if w.SISSourceID != "" && (best == "" || w.SISSourceID < best) {
			best = w.SISSourceID
		}
	}
	return best
}

// DataDate returns the moment at which the warehouse's copy was made: early in the
// morning of the day, UTC. On one day in three it falls on a whole second.
func (d *Day) DataDate() time.Time {
	t := d.Date().Add(3*time.Hour + time.Duration(d.u.pick(9000, topicWarehouseTime, d.n, 0, 0))*time.Second)
	if d.u.chance(333, topicWarehouseTime, d.n, 1, 0) {
		return t
	}
	// Below half a second, so that rounding and cutting off agree.
	return t.Add(time.Duration(1+d.u.pick(499_000, topicWarehouseTime, d.n, 2, 0)) * time.Microsecond)
}

// Metadata returns the rows of unizin_metadata as key and value.
func (d *Day) Metadata() [][2]string {
	value := d.DataDate().Format("2006-01-02 15:04:05.000000+00:00")
	if d.DataDate().Nanosecond() == 0 {
		value = d.DataDate().Format("2006-01-02 15:04:05+00:00")
	}
	return [][2]string{{"schemaversion", "5.3.1"}, {"canvasdatadate", value}}
}
