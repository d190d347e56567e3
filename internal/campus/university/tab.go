package university

import (
	"fmt"
	"slices"
)

// The topics of this file's hashes, away from those of hash.go.
const (
	topicTab topic = 160 + iota
	topicTool
	topicMeeting
	topicMeetingTime
	topicMeetingID
)

// Tab is an entry of a course's navigation.
type Tab struct {
	ID         string // such as home, or context_external_tool_25194
	Label      string
	Visibility string // public, members or admins
	Hidden     bool   // only those who may edit the course see it
	Unused     bool   // there is nothing behind it
	Tool       *Tool  // nil for Canvas' own pages
}

// Tool is an external tool, as installed for all courses or for one.
type Tool struct {
	ID     int64 // of the installation
	Name   string
	Zoom   bool
	Launch Launch
}

// Launch says what Canvas does to open a tool.
type Launch string

// The ways to open a tool.
const (
	LaunchForm   Launch = "form"    // a page with a signed form that sends itself to the tool (LTI 1.1)
	LaunchLogin  Launch = "login"   // a redirect to the tool's login (LTI 1.3)
	LaunchNoForm Launch = "no form" // a page that says that something went wrong
)

// Tools that are installed for all courses.
var (
	toolZoom      = Tool{ID: 25194, Name: "Zoom", Zoom: true, Launch: LaunchForm}
	toolZoom13    = Tool{ID: 60117, Name: "Zoom", Zoom: true, Launch: LaunchLogin}
	toolBlueJeans = Tool{ID: 4352, Name: "BlueJeans", Launch: LaunchForm}
	otherTools    = []Tool{
		{ID: 1178, Name: "My Media", Launch: LaunchForm}, {ID: 2042, Name: "Piazza", Launch: LaunchForm},
		{ID: 30988, Name: "Perusall", Launch: LaunchLogin}, {ID: 31553, Name: "Course Evaluations", Launch: LaunchForm},
	}
)

// zoomKind says how a course has Zoom in its navigation, if at all.
type zoomKind uint8

const (
	noZoom         zoomKind = iota
	zoomPlain               // labelled Zoom
	zoomUpper               // labelled ZOOM
	zoomLower               // labelled zoom
	zoomRenamed             // labelled Zoom Meetings, so that no report follows it
	zoomHidden              // hidden from the students
	zoomUnused              // hidden and unused
	zoomCopy                // installed in the course itself, under an id of its own
	zoomBoth                // both the one for all courses and a copy
	zoomNew                 // installed as an LTI 1.3 tool
	zoomNoForm              // its launch page has no form
	zoomNoSCID              // Zoom's page lacks the course's id
	zoomNoToken             // Zoom's page lacks the token against forged requests
	zoomRefused             // Zoom's list answers status false
	zoomNoResult            // Zoom's list answers without a result
	zoomNoMeetings          // nobody ever met
	zoomComesGoes           // hidden every third day
)

// zoomKinds are dealt out in turn, so that every university of 40 courses has all.
var zoomKinds = [40]zoomKind{
	zoomPlain, zoomUpper, zoomPlain, zoomLower, zoomPlain, zoomRenamed, zoomPlain, zoomHidden, zoomCopy, noZoom,
	zoomPlain, zoomNoForm, zoomPlain, noZoom, zoomBoth, zoomPlain, zoomNew, zoomPlain, zoomNoMeetings, zoomNoSCID,
	zoomPlain, zoomNoToken, zoomPlain, zoomComesGoes, noZoom, zoomRefused, zoomPlain, zoomNoResult, zoomPlain, zoomUnused,
	noZoom, zoomPlain, zoomUpper, noZoom, zoomPlain, zoomLower, noZoom, zoomComesGoes, zoomPlain, noZoom,
}

func (u *University) zoomKind(i int) zoomKind {
	return zoomKinds[(i+u.pick(len(zoomKinds), topicTab, -1, 0, 0))%len(zoomKinds)]
}

// Tabs returns the navigation of course i in its order.
func (d *Day) Tabs(i int) []Tab {
	tabs := []Tab{
		{ID: "home", Label: "Home"}, {ID: "announcements", Label: "Announcements"}, {ID: "assignments", Label: "Assignments"},
		{ID: "grades", Label: "Grades"}, {ID: "people", Label: "People", Visibility: "members"},
	}
	if d.u.chance(200, topicTab, i, 1, 0) {
		tabs[2].Label = "Übungen ✏️"
	}
	external := d.externalTabs(i)
	at := d.u.pick(len(external)+1, topicTab, i, 2, 0) // some stand before Canvas' last pages, some behind
	tabs = append(tabs, external[:at]...)
	tabs = append(tabs, Tab{ID: "files", Label: "Files", Hidden: d.u.chance(500, topicTab, i, 3, 0)},
		Tab{ID: "outcomes", Label: "Outcomes", Hidden: true, Unused: true})
	tabs = append(tabs, external[at:]...)
	tabs = append(tabs, Tab{ID: "settings", Label: "Settings", Visibility: "admins"})
	for k := range tabs {
		if tabs[k].Visibility == "" {
			tabs[k].Visibility = "public"
		}
	}
	return tabs
}

// externalTabs returns the tools in the navigation of course i.
func (d *Day) externalTabs(i int) []Tab {
	u := d.u
	tabs := d.zoomTabs(i)
	if u.chance(250, topicTool, i, 0, 0) {
		t := toolTab(toolBlueJeans, "BlueJeans")
		t.Hidden = u.chance(300, topicTool, i, 1, 0)
		tabs = append(tabs, t)
	}
	for k, tool := range otherTools {
		if u.chance(350, topicTool, i, 2, k) {
			t := toolTab(tool, tool.Name)
			t.Hidden = u.chance(250, topicTool, i, 3, k)
			tabs = append(tabs, t)
		}
	}
	if u.chance(60, topicTool, i, 4, 0) { // a tool of LTI 2, whose number is no tool's id
		tabs = append(tabs, Tab{ID: "lti/message_handler_4352", Label: "Lecture Capture", Tool: &Tool{ID: 90977, Name: "Lecture Capture", Launch: LaunchLogin}})
	}
	// The order of the tools is the course's own.
	slices.SortStableFunc(tabs, func(a, b Tab) int {
		return u.pick(1000, topicTool, i, 5, int(a.Tool.ID%shard)) - u.pick(1000, topicTool, i, 5, int(b.Tool.ID%shard))
	})
	return tabs
}

func (d *Day) zoomTabs(i int) []Tab {
	switch kind := d.u.zoomKind(i); kind {
	case noZoom:
		return nil
	case zoomUpper:
		return []Tab{toolTab(toolZoom, "ZOOM")}
	case zoomLower:
		return []Tab{toolTab(toolZoom, "zoom")}
	case zoomRenamed:
		return []Tab{toolTab(toolZoom, "Zoom Meetings")}
	case zoomCopy:
		return []Tab{toolTab(d.u.zoomCopy(i), "Zoom")}
	case zoomBoth:
		return []Tab{toolTab(toolZoom, "Zoom"), toolTab(d.u.zoomCopy(i), "ZOOM")}
	case zoomNew:
		return []Tab{toolTab(toolZoom13, "Zoom")}
	default:
		t := toolTab(toolZoom, "Zoom")
		t.Hidden = kind == zoomHidden || kind == zoomUnused || kind == zoomComesGoes && d.u.beat(i, d.n) == 0
		t.Unused = kind == zoomUnused
		if kind == zoomNoForm {
			t.Tool.Launch = LaunchNoForm
		}
		return []Tab{t}
	}
}

// zoomCopy returns the Zoom that belongs to course i alone.
func (u *University) zoomCopy(i int) Tool {
	t := toolZoom
	t.ID = int64(70_000 + 3*i)
	if u.courses[i].role == CrossShard {
		t.ID += shard
	}
	return t
}

func toolTab(t Tool, label string) Tab {
	return Tab{ID: fmt.Sprintf("context_external_tool_%d", t.ID), Label: label, Tool: &t}
}

// Tool returns the external tool in the navigation of course i with that id, hidden or not.
func (d *Day) Tool(i int, id int64) (Tool, bool) {
	for _, t := range d.externalTabs(i) {
		if t.Tool.ID == id {
			return *t.Tool, true
		}
	}
	return Tool{}, false
}
