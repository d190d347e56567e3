package transform

import "github.com/tl-its-umich-edu/course-inventory/lake"

func placement() Set {
	return Set{
		Name: "lti_placement",
		Key:  []string{"id"},
		Inputs: []Input{
			raw("canvas", "tab", have(lake.BigInt, "course_id", "account_id"), have(lake.Varchar, "course_name", "tab_id"),
				mayHave(lake.Boolean, "hidden"), have(lake.Timestamp, "fetched_at")),
		},
		Columns: []lake.Column{
			required("id", lake.BigInt, "Number of the row, counted by course and tool"),
			required("course_id", lake.BigInt, "Canvas' id of the course; it may not be in table course"),
			required("account_id", lake.BigInt, "Canvas' id of the account; it may not be in table account"),
			optional("course_name", lake.Varchar, "Name of the course"),
			required("placement_type_id", lake.BigInt, "The tool"),
		},
		Checks:  []Check{longest("course_name", "lti_placement", 512)},
		Rejects: true,
	}
}

func zoomMeeting() Set {
	return Set{
		Name: "lti_zoom_meeting",
		Key:  []string{"id"},
		Inputs: []Input{
			raw("zoom", "meeting", have(lake.BigInt, "course_id", "tool_id"), have(lake.Varchar, "meeting_id", "host_id", "start_time_text"),
				mayHave(lake.Varchar, "timezone"), mayHave(lake.BigInt, "status"), have(lake.Timestamp, "fetched_at")),
			curated(placement()),
		},
		Columns: []lake.Column{
			required("id", lake.BigInt, "Number of the row"),
			required("lti_placement_id", lake.BigInt, "The place where Zoom is used"),
			required("meeting_id", lake.Varchar, "Zoom's id of the meeting"),
			required("host_id", lake.Varchar, "Zoom's id of the host"),
			required("start_time", lake.Timestamp, "When the meeting began, UTC"),
			optional("status", lake.BigInt, "Status as Zoom tells it"),
		},
		References: []Reference{{"lti_placement_id", "lti_placement", "id"}},
		Checks:     []Check{longest("meeting_id", "lti_zoom_meeting", 128), longest("host_id", "lti_zoom_meeting", 128)},
		Rejects:    true,
	}
}
