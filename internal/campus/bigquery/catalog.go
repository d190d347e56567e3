package bigquery

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// find returns the table of a name that has one, two or three parts.
func (s *Server) find(name string) (*table, error) {
	parts := strings.Split(strings.ReplaceAll(name, ":", "."), ".")
	if len(parts) == 1 {
		return nil, invalid("Table %q must be qualified with a dataset (e.g. dataset.table).", name)
	}
	tab := parts[len(parts)-1]
	return s.lookup(strings.Join(parts[:max(0, len(parts)-2)], "."), parts[len(parts)-2], tab)
}

// lookup finds a table, or says why it cannot be read.
func (s *Server) lookup(project, dataset, name string) (*table, error) {
	if project == "" {
		project = s.o.Project
	}
	full := project + ":" + dataset + "." + name
	if project != s.o.Project || slices.Contains(s.o.Denied, dataset) || slices.Contains(s.o.Denied, dataset+"."+name) {
		return nil, denied("Table %s: User does not have permission to query table %s, or perhaps it does not exist.", full, full)
	}
	if dataset != s.o.Dataset {
		return nil, missing("Dataset %s:%s was not found in location %s", project, dataset, location)
	}
	t, ok := s.tables[name]
	if !ok {
		return nil, missing("Table %s was not found in location %s", full, location)
	}
	return t, nil
}

func (s *Server) getDataset(r *http.Request) (any, error) {
	project, name := r.PathValue("project"), r.PathValue("dataset")
	if slices.Contains(s.o.Denied, name) {
		return nil, denied("Dataset %s:%s: Permission bigquery.datasets.get denied on dataset %s:%s (or it may not exist).", project, name, project, name)
	}
	if project != s.o.Project || name != s.o.Dataset {
		return nil, missing("Dataset %s:%s", project, name)
	}
	return map[string]any{
		"kind": "bigquery#dataset", "id": project + ":" + name, "location": location,
		"datasetReference": map[string]any{"projectId": project, "datasetId": name},
	}, nil
}

func (s *Server) listTables(r *http.Request) (any, error) {
	if _, err := s.getDataset(r); err != nil {
		return nil, err
	}
	var list []map[string]any
	for _, name := range []string{"events", "expanded"} {
		list = append(list, s.describe(s.tables[name], false))
	}
	return map[string]any{"kind": "bigquery#tableList", "tables": list, "totalItems": len(list)}, nil
}

func (s *Server) getTable(r *http.Request) (any, error) {
	t, err := s.lookup(r.PathValue("project"), r.PathValue("dataset"), r.PathValue("table"))
	if err != nil {
		return nil, err
	}
	return s.describe(t, true), nil
}

// describe returns a table's resource.
func (s *Server) describe(t *table, whole bool) map[string]any {
	m := map[string]any{
		"kind": "bigquery#table", "id": s.o.Project + ":" + s.o.Dataset + "." + t.name, "type": "TABLE",
		"tableReference": map[string]any{"projectId": s.o.Project, "datasetId": s.o.Dataset, "tableId": t.name},
	}
	if t.partitioned {
		m["timePartitioning"] = map[string]any{"type": "DAY", "field": "event_time", "requirePartitionFilter": true}
		m["requirePartitionFilter"] = true
	}
	if whole {
		rows, width := len(s.o.Events()), int64(0)
		for _, c := range t.columns {
			width += c.bytes
		}
		m["schema"], m["location"] = t.schema(), location
		m["numRows"], m["numBytes"] = fmt.Sprint(rows), fmt.Sprint(int64(rows)*width)
	}
	return m
}
