package udp

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	"cloud.google.com/go/bigquery"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// table names the table of events. All its parts are known.
type table struct{ project, dataset, name string }

// tableName matches names that can stand between backquotes. A project may belong to a domain, as in example.com:store.
var tableName = regexp.MustCompile(`^(?:((?:[a-z0-9.-]+:)?[A-Za-z0-9_-]+)\.)?(\w+)\.([\w-]+)$`)

// parseTable reads MIVIDEO.udp_table, project.dataset.table or dataset.table; the latter is in the given project, that of the queries.
func parseTable(name, project string) (table, error) {
	parts := tableName.FindStringSubmatch(name)
	if parts == nil {
		return table{}, fault.New(fault.Config, "set MIVIDEO.udp_table to project.dataset.table or dataset.table",
			fmt.Errorf("MIVIDEO.udp_table: %.100q is not the name of a table", name))
	}
	t := table{cmp.Or(parts[1], project), parts[2], parts[3]}
	if t.project == "" {
		return table{}, fault.New(fault.Config, "set MIVIDEO.udp_project to the Google project that runs the queries, or MIVIDEO.udp_table to project.dataset.table",
			errors.New("MIVIDEO.udp_project is missing, and neither the key file nor MIVIDEO.udp_table names a project"))
	}
	return t, nil
}

func (t table) String() string { return t.project + "." + t.dataset + "." + t.name }

func (t table) in(c *bigquery.Client) *bigquery.Table {
	return c.DatasetInProject(t.project, t.dataset).Table(t.name)
}
