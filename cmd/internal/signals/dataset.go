package signals

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// dataset is an input or an output of a run, named by the rules of OpenLineage where they know its kind.
type dataset struct {
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	Facets       facets `json:"facets,omitempty"`
	OutputFacets facets `json:"outputFacets,omitempty"`
}

type schema struct {
	facet
	Fields []field `json:"fields"`
}

type field struct {
	Name        string `json:"name"`
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
}

type outputStatistics struct {
	facet
	Rows  int64  `json:"rowCount"`
	Bytes *int64 `json:"size,omitempty"`
	Files *int   `json:"fileCount,omitempty"`
}

// datasets returns what a run read and wrote. Of a range of dates it looks at each table's newest only.
func (w *Watch) datasets(ctx context.Context, run lake.Run) (in, out []dataset, err error) {
	newest := map[lake.Table]string{} // manifest
	dates := map[lake.Table]int{}
	for _, m := range run.Manifests {
		t := lake.PlaceOf(m).Table
		newest[t] = max(newest[t], m)
		dates[t]++
	}
	inputs := map[lake.Table]string{}
	for _, t := range slices.Sorted(maps.Keys(newest)) {
		s, err := w.lake.Manifest(ctx, newest[t])
		if err != nil {
			return in, out, err
		}
		for _, i := range s.Inputs {
			from := lake.PlaceOf(i.Path).Table
			inputs[from] = max(inputs[from], i.Path)
		}
		if strings.HasPrefix(string(t), "raw/") {
			in = append(in, w.source(s))
		}
		out = append(out, written(w.inLake(s), run, s, dates[t]))
	}
	if run.Stage == "load" {
		var loaded []dataset
		if loaded, err = w.loaded(ctx, run, inputs); err != nil {
			return in, out, err
		}
		out = append(out, loaded...)
	}
	for _, t := range slices.Sorted(maps.Keys(inputs)) {
		s, err := w.lake.Manifest(ctx, inputs[t])
		if err != nil {
			return in, out, err
		}
		in = append(in, w.inLake(s))
	}
	return in, out, nil
}

// loaded returns the tables in MySQL, and adds the snapshots they were loaded from to inputs.
func (w *Watch) loaded(ctx context.Context, run lake.Run, inputs map[lake.Table]string) ([]dataset, error) {
	newest := map[string]lake.Date{}
	for _, d := range run.Tables {
		if newest[d.Table].Before(d.Date) {
			newest[d.Table] = d.Date
		}
	}
	db := w.config.InventoryDB
	var out []dataset
	for _, name := range slices.Sorted(maps.Keys(newest)) {
		s, err := w.lake.Find(ctx, lake.Curated(name), newest[name])
		if err != nil {
			return out, err
		}
		inputs[s.Table] = s.Path
		d := dataset{Namespace: fmt.Sprintf("mysql://%s:%d", db.Host, db.Port), Name: db.Name + "." + name, Facets: facets{"schema": columns(s)}}
		d.OutputFacets = facets{"outputStatistics": outputStatistics{facet: of("OutputStatisticsOutputDatasetFacet", "1-0-2"), Rows: doneTo(run, name).Rows}}
		out = append(out, d)
	}
	return out, nil
}

// written adds to an output what the run wrote to it, in so many dates.
func written(d dataset, run lake.Run, s lake.Snapshot, dates int) dataset {
	stats := outputStatistics{facet: of("OutputStatisticsOutputDatasetFacet", "1-0-2"), Rows: s.Rows()}
	if dates == 1 {
		bytes, files := s.Bytes(), len(s.Files)
		stats.Bytes, stats.Files = &bytes, &files
	} else if done := doneTo(run, s.Table.Name()); done != nil {
		stats.Rows = done.Rows
	}
	d.OutputFacets = facets{"outputStatistics": stats}
	return d
}

// inLake returns the dataset of a table of the lake.
func (w *Watch) inLake(s lake.Snapshot) dataset {
	d := dataset{Namespace: "file", Name: string(s.Table), Facets: facets{"schema": columns(s)}}
	if u, err := url.Parse(w.lake.URL()); err == nil {
		folder := path.Join(u.Path, u.Query().Get("prefix"), string(s.Table))
		if u.Scheme == "file" {
			d.Name = folder
		} else {
			d.Namespace, d.Name = u.Scheme+"://"+u.Host, strings.TrimPrefix(folder, "/")
		}
	}
	return d
}

func columns(s lake.Snapshot) schema {
	list := schema{facet: of("SchemaDatasetFacet", "1-2-0"), Fields: []field{}}
	for _, c := range s.Columns {
		list.Fields = append(list.Fields, field{c.Name, c.Type, c.Description})
	}
	return list
}

// source returns the dataset that an extract read, with the fields that it was seen to have.
func (w *Watch) source(s lake.Snapshot) dataset {
	name := s.Table.Name()
	_, source, _ := strings.Cut(path.Dir(string(s.Table)), "/")
	d := dataset{Namespace: source, Name: name}
	switch c := w.config; source {
	case "canvas":
		d.Namespace = c.Canvas.URL
	case "zoom":
		d.Namespace = c.Canvas.ZoomURL
	case "kaltura":
		d.Namespace = c.MIVideo.KalturaURL
	case "udp":
		d.Namespace, d.Name = "bigquery", c.MIVideo.UDPTable
	case "udw":
		d.Namespace, d.Name = fmt.Sprintf("postgres://%s:%d", c.UDW.Host, c.UDW.Port), c.UDW.Name+"."+cmp.Or(c.UDW.Schema, "public")+"."+name
	}
	if len(s.SourceFields) > 0 {
		list := schema{facet: of("SchemaDatasetFacet", "1-2-0")}
		for _, f := range s.SourceFields {
			list.Fields = append(list.Fields, field{Name: f.Name, Type: strings.Join(f.Types, "|")})
		}
		d.Facets = facets{"schema": list}
	}
	return d
}
