package catalog

import (
	"context"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// mend puts the snapshots of whole runs into the place of those of a run that was killed between its commits, or is between
// them now. The index then knows less than the newest manifest of these dates, so that they are looked at again the next time.
func (c *Catalog) mend(ctx context.Context, l *lake.Lake) error {
	torn := map[lake.Date]bool{}
	tables := map[lake.Date][]lake.Table{}
	for at, e := range c.entries {
		tables[at.date] = append(tables[at.date], at.table)
		torn[at.date] = torn[at.date] || c.entries.torn(e)
	}
	for d, isTorn := range torn {
		if !isTorn {
			continue
		}
		slices.Sort(tables[d])
		found, _, err := l.Together(ctx, d, tables[d])
		if fault.ClassOf(err) == fault.Data {
			c.Problems = append(c.Problems, err)
			continue
		}
		if err != nil {
			return err
		}
		for t, s := range found {
			if c.entries[date{t, d}].Number == s.Number {
				continue
			}
			if err := usable(s); err != nil {
				c.Problems = append(c.Problems, err)
				continue
			}
			c.entries[date{t, d}] = entry{trim(s), 0}
		}
	}
	return nil
}

// torn tells whether a table that e's run commits together with e has nothing as new.
func (e entries) torn(of entry) bool {
	for _, t := range of.Together {
		if other, found := e[date{t, of.Date}]; !found || other.Run < of.Run {
			return true
		}
	}
	return false
}
