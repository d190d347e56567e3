package upkeep

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// survey is what a listing of the lake found.
type survey struct {
	tables      []*tableObjects // in the order of their names
	strays      []lake.Object   // foreign and temporary objects outside of dates
	runs        []lake.Object
	checkpoints []lake.Object
	lineage     []lake.Object
}

// tableObjects are the objects of a table.
type tableObjects struct {
	table  lake.Table
	dates  []*dateObjects // oldest first
	strays []lake.Object
	bytes  int64 // of all objects
}

// dateObjects are the objects of a table and date.
type dateObjects struct {
	table     lake.Table
	date      lake.Date
	manifests []manifestObject // lowest number first
	parts     []part
}

type manifestObject struct {
	number int
	lake.Object
}

type part struct {
	run lake.RunID
	lake.Object
}

// newest returns the manifest with the highest number.
func (d *dateObjects) newest() (manifestObject, bool) {
	if len(d.manifests) == 0 {
		return manifestObject{}, false
	}
	return d.manifests[len(d.manifests)-1], true
}

// look lists the objects of the scope. Areas without tables, and objects in no table, are listed for the whole lake only.
func look(ctx context.Context, l *lake.Lake, scope Scope) (*survey, error) {
	s := new(survey)
	tables, areas, err := s.top(ctx, l)
	if err != nil {
		return nil, err
	}
	if tables, err = scope.choose(tables); err != nil {
		return nil, err
	}
	if !scope.everything() {
		s.strays, areas = nil, nil
	}
	s.tables = make([]*tableObjects, len(tables))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, t := range tables {
		g.Go(func() (err error) {
			s.tables[i], err = lookAt(ctx, l, t, scope)
			return err
		})
	}
	for _, area := range areas {
		g.Go(func() error {
			return l.Walk(ctx, area, func(o lake.Object) {
				mu.Lock()
				defer mu.Unlock()
				s.add(o)
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	s.tables = slices.DeleteFunc(s.tables, func(t *tableObjects) bool { return len(t.dates) == 0 && len(t.strays) == 0 })
	slices.SortFunc(s.strays, func(a, b lake.Object) int { return strings.Compare(a.Key, b.Key) })
	return s, nil
}

// top returns the tables, by the directories that they have, and the other areas, as prefixes.
func (s *survey) top(ctx context.Context, l *lake.Lake) (tables []lake.Table, areas []string, err error) {
	folders := func(prefix string) []string {
		var names []string
		if err == nil {
			names, err = l.List(ctx, prefix, s.add)
		}
		return names
	}
	for _, area := range folders("") {
		switch area {
		case "curated":
			for _, name := range folders("curated/") {
				tables = append(tables, lake.Curated(name))
			}
		case "raw":
			for _, source := range folders("raw/") {
				for _, name := range folders("raw/" + source + "/") {
					tables = append(tables, lake.Raw(source, name))
				}
			}
		default:
			areas = append(areas, area+"/")
		}
	}
	slices.Sort(tables)
	return tables, areas, err
}

// add takes note of an object in no table.
func (s *survey) add(o lake.Object) {
	switch lake.PlaceOf(o.Key).Kind {
	case lake.RunObject:
		s.runs = append(s.runs, o)
	case lake.CheckpointObject:
		s.checkpoints = append(s.checkpoints, o)
	case lake.DerivedObject:
		if lake.PlaceOf(o.Key).Run != "" {
			s.lineage = append(s.lineage, o)
		}
	case lake.Foreign, lake.TemporaryObject:
		s.strays = append(s.strays, o)
	}
}

// lookAt lists the objects of a table.
func lookAt(ctx context.Context, l *lake.Lake, t lake.Table, scope Scope) (*tableObjects, error) {
	found := &tableObjects{table: t}
	dates := map[lake.Date]*dateObjects{}
	err := l.Walk(ctx, string(t)+"/", func(o lake.Object) {
		found.bytes += o.Bytes
		p := lake.PlaceOf(o.Key)
		if p.Kind != lake.ManifestObject && p.Kind != lake.PartObject {
			found.strays = append(found.strays, o)
			return
		}
		if !scope.hasDate(p.Date) {
			return
		}
		d := dates[p.Date]
		if d == nil {
			d = &dateObjects{table: t, date: p.Date}
			dates[p.Date] = d
		}
		if p.Kind == lake.ManifestObject {
			d.manifests = append(d.manifests, manifestObject{p.Number, o})
		} else {
			d.parts = append(d.parts, part{p.Run, o})
		}
	})
	found.dates = slices.SortedFunc(maps.Values(dates), func(a, b *dateObjects) int { return a.date.Compare(b.date) })
	for _, d := range found.dates {
		slices.SortFunc(d.manifests, func(a, b manifestObject) int { return a.number - b.number })
	}
	return found, err
}
