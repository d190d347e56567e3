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
			required("id", lake.BigInt, "number of the placement in this snapshot, in the order of course and tool"),
			required("course_id", lake.BigInt, "course that shows the tool"),
			required("account_id", lake.BigInt, "account that the course belongs to"),
			optional("course_name", lake.Varchar, "name of the course"),
			required("placement_type_id", lake.BigInt, "Canvas' id of the tool, see lti_type"),
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
			required("id", lake.BigInt, "number of the meeting in this snapshot, in the order of placement and start"),
			required("lti_placement_id", lake.BigInt, "placement through which the meeting was found"),
			required("meeting_id", lake.Varchar, "Zoom's id of this one meeting"),
			required("host_id", lake.Varchar, "Zoom's id of the host, opaque"),
			required("start_time", lake.Timestamp, "begin, UTC"),
			optional("status", lake.BigInt, "Zoom's code"),
		},
		References: []Reference{{"lti_placement_id", "lti_placement", "id"}},
		Checks:     []Check{longest("meeting_id", "lti_zoom_meeting", 128), longest("host_id", "lti_zoom_meeting", 128)},
		Rejects:    true,
	}
}
