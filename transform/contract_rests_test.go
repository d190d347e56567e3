package transform_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/udw"
	"github.com/tl-its-umich-edu/course-inventory/extract/zoom"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// unwatched are columns that models read and whose values may go without a gate, with the reason.
var unwatched = map[string]string{
	"raw_canvas.course.original_name": "set only while the reader has a nickname for the course",
	"raw_canvas.tab.hidden":           "absent from a tab that is shown",
	"raw_udp.event":                   "increments are not compared",
	"raw_kaltura.media":               "increments are not compared",
}

// TestRests holds the columns whose values the extracts watch against those that models read: a source that forgets
// a value must not empty a table.
func TestRests(t *testing.T) {
	cfg := &config.Config{NumAsyncWorkers: 1, MaxReqAttempts: 1}
	cfg.Canvas.URL, cfg.Canvas.Token, cfg.Canvas.ZoomURL = "https://canvas.example.edu", "token", "https://zoom.example.edu"
	cfg.UDW = config.Database{Host: "udw.example.edu", Port: 5432, Name: "udw", User: "reader"}
	watched := map[string]bool{}
	for _, open := range []func() (*extract.Source, error){
		func() (*extract.Source, error) { return canvas.Open(t.Context(), cfg, extract.Env{}) },
		func() (*extract.Source, error) { return udw.Open(t.Context(), cfg, extract.Env{}) },
		func() (*extract.Source, error) { return zoom.Open(t.Context(), cfg, extract.Env{}) },
	} {
		source, err := open()
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range source.Tables {
			for _, column := range table.Watched() {
				watched["raw_"+source.Name+"."+table.Name+"."+column] = true
			}
		}
	}
	if len(watched) == 0 {
		t.Fatal("no source watches any column")
	}
	unread, needless := maps.Clone(watched), maps.Clone(unwatched)
	for _, set := range transform.Sets() {
		for _, in := range set.Inputs {
			for _, c := range in.Columns {
				name := in.Name + "." + c.Name
				if !strings.HasPrefix(in.Name, "raw_") || !c.Nullable {
					continue
				}
				delete(unread, name)
				if watched[name] {
					continue
				}
				if unwatched[name] == "" && unwatched[in.Name] == "" {
					t.Errorf("%s reads %s, which may be NULL: name it in Rests of the raw table, or say here why its values may go", set.Name, name)
				}
				delete(needless, name)
				delete(needless, in.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unread)) {
		t.Errorf("%s is watched, but no model reads it as a column that may be NULL", name)
	}
	for _, name := range slices.Sorted(maps.Keys(needless)) {
		t.Errorf("%s needs no reason", name)
	}
}
