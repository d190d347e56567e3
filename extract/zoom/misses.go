package zoom

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// misses are the tabs that could not be followed.
type misses struct {
	mu     sync.Mutex
	tabs   map[string][]tab // by reason
	all    int
	denied int
}

func (m *misses) add(t tab, why *closed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tabs == nil {
		m.tabs = map[string][]tab{}
	}
	m.tabs[why.why] = append(m.tabs[why.why], t)
	m.all++
	if why.denied {
		m.denied++
	}
}

// report notes which tabs are missing and why. That none of them could be followed is an error.
func (m *misses) report(count *tally.Table, tabs int) error {
	if m.all == 0 {
		return nil
	}
	reasons := slices.Sorted(maps.Keys(m.tabs))
	if m.all < tabs {
		count.Check(lake.Check{Name: "tabs_missing", Warning: true, Detail: fmt.Sprintf("the meetings of %d of %d Zoom tabs are missing", m.all, tabs), Examples: reasons})
		count.Note("The meetings of %d of %d Zoom tabs are missing.", m.all, tabs)
		for _, why := range reasons {
			count.Note("%s: %s.", names(m.tabs[why]), why)
		}
		return nil
	}
	class := fault.Unavailable
	if m.denied == m.all {
		class = fault.Permission
	}
	return fault.New(class, "open Zoom in one of these courses as the user of CANVAS.CANVAS_TOKEN, and check CANVAS.ZOOM_URL",
		fmt.Errorf("none of %d Zoom tabs can be followed: %s", tabs, strings.Join(reasons, "; ")))
}

// names lists tabs as courses and tools.
func names(tabs []tab) string {
	slices.SortFunc(tabs, func(a, b tab) int { return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), cmp.Compare(a.tool, b.tool)) })
	all := make([]string, len(tabs))
	for i, t := range tabs {
		all[i] = fmt.Sprintf("%d (tool %d)", t.CourseID, t.tool)
	}
	return "Course " + strings.Join(all, ", ")
}
