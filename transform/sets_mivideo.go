package transform

import "github.com/tl-its-umich-edu/course-inventory/lake"

func mediaStarted() Set {
	return Set{
		Name: "mivideo_media_started_hourly",
		Key:  []string{"event_hour_utc", "course_id"},
		Inputs: []Input{
			raw("udp", "event", have(lake.Varchar, "event_id"), have(lake.Timestamp, "event_time"), mayHave(lake.Varchar, "course_id_text")),
		},
		Columns: []lake.Column{
			required("event_hour_utc", lake.Varchar, "The hour in UTC, as YYYY-MM-DD HH"),
			required("course_id", lake.BigInt, "Canvas' id of the course; it may not be in table course"),
			required("event_time_utc_latest", lake.Timestamp, "Time of the last event counted, UTC"),
			required("event_count", lake.BigInt, "How often a video was started"),
		},
		Rejects: true,
	}
}

func mediaCreated() Set {
	return Set{
		Name: "mivideo_media_created",
		Key:  []string{"id"},
		Inputs: []Input{
			raw("kaltura", "media", have(lake.Varchar, "id"), have(lake.Timestamp, "created_at", "fetched_at"), mayHave(lake.Varchar, "name"),
				mayHave(lake.BigInt, "duration"), mayHave(lake.Timestamp, "updated_at")),
		},
		Columns: []lake.Column{
			required("id", lake.Varchar, "Kaltura's id of the media"),
			required("created_at", lake.Timestamp, "When the media was made, UTC"),
			required("name", lake.Varchar, "Name"),
			required("duration", lake.BigInt, "Length in seconds"),
		},
		Checks: []Check{longest("id", "mivideo_media_created", 64), longest("name", "mivideo_media_created", 512)},
	}
}

func mediaCourses() Set {
	return Set{
		Name: "mivideo_media_courses",
		Key:  []string{"media_id", "course_id", "in_context"},
		Inputs: []Input{
			raw("kaltura", "media", have(lake.Varchar, "id", "category_root"), have(lake.Timestamp, "created_at", "fetched_at"),
				mayHave(lake.Varchar, "name", "categories"), mayHave(lake.BigInt, "duration"), mayHave(lake.Timestamp, "updated_at")),
		},
		Columns: []lake.Column{
			required("media_id", lake.Varchar, "The media"),
			required("course_id", lake.BigInt, "Canvas' id of the course; it may not be in table course"),
			required("in_context", lake.Boolean, "1 where the media belongs to the course's InContext category"),
		},
		References: []Reference{{"media_id", "mivideo_media_created", "id"}},
	}
}
