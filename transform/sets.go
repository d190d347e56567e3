package transform

import "github.com/tl-its-umich-edu/course-inventory/lake"

// Sets returns the curated tables, each after the ones that it reads.
//
// A new set is a file models/<name>.sql, a line here, and a folder of goldens testdata/<name>.
func Sets() []Set {
	return []Set{
		term(),
		course(),
		account(),
		enrollment(),
		courseSection(),
		courseUsage(),
		mediaStarted(),
		mediaCreated(),
		mediaCourses(),
		placement(),
		zoomMeeting(),
	}
}

func term() Set {
	return Set{
		Name: "term",
		Key:  []string{"canvas_id"},
		Inputs: []Input{
			raw("canvas", "term", have(lake.BigInt, "id"), have(lake.Varchar, "name"), mayHave(lake.Varchar, "sis_term_id"),
				mayHave(lake.Timestamp, "start_at", "end_at"), have(lake.Timestamp, "fetched_at")),
		},
		Columns: []lake.Column{
			required("canvas_id", lake.BigInt, "Canvas' id of the term"),
			required("name", lake.Varchar, "Name, such as Winter 2027"),
			optional("sis_id", lake.Varchar, "Id in the student information system"),
			optional("start_at", lake.Timestamp, "First instant of the term, UTC"),
			optional("end_at", lake.Timestamp, "Last instant of the term, UTC"),
		},
		Checks:  []Check{longest("name", "term", 256), longest("sis_id", "term", 256)},
		OneEach: "raw_canvas.term",
	}
}

func course() Set {
	return Set{
		Name: "course",
		Key:  []string{"canvas_id"},
		Inputs: []Input{
			raw("canvas", "course", have(lake.BigInt, "id", "account_id", "enrollment_term_id"), have(lake.Varchar, "name", "workflow_state"),
				mayHave(lake.Varchar, "original_name", "sis_course_id"), mayHave(lake.Timestamp, "created_at"),
				mayHave(lake.BigInt, "total_students"), have(lake.Timestamp, "fetched_at")),
			raw("canvas", "account", have(lake.BigInt, "id")),
			raw("canvas", "course_audit_event", have(lake.BigInt, "course_id"), have(lake.Varchar, "event_type"), have(lake.Timestamp, "created_at")),
			curated(term()),
			previous("course", have(lake.BigInt, "canvas_id"), mayHave(lake.Timestamp, "published_at")),
		},
		Columns: []lake.Column{
			required("canvas_id", lake.BigInt, "Canvas' id of the course"),
			optional("sis_id", lake.Varchar, "Id in the student information system"),
			required("name", lake.Varchar, "Name; two courses may share one"),
			required("account_id", lake.BigInt, "The account that the course belongs to"),
			required("term_id", lake.BigInt, "The term of the course"),
			optional("created_at", lake.Timestamp, "When the course was made in Canvas, UTC"),
			optional("published_at", lake.Timestamp, "When the course was last published, UTC; NULL where no audit event tells"),
			required("workflow_state", lake.Varchar, "State in Canvas: unpublished, available, completed or deleted"),
		},
		References: []Reference{{"account_id", "account", "canvas_id"}, {"term_id", "term", "canvas_id"}},
		Checks: []Check{longest("name", "course", 512), longest("sis_id", "course", 256), longest("workflow_state", "course", 64),
			known("workflow_state", "course", "unpublished", "available", "completed", "deleted")},
		Rejects: true,
	}
}

func account() Set {
	return Set{
		Name: "account",
		Key:  []string{"canvas_id"},
		Inputs: []Input{
			raw("canvas", "account", have(lake.BigInt, "id"), have(lake.Varchar, "name"), mayHave(lake.Varchar, "sis_account_id"), have(lake.Timestamp, "fetched_at")),
			curated(course()),
		},
		Columns: []lake.Column{
			required("canvas_id", lake.BigInt, "Canvas' id of the account"),
			optional("sis_id", lake.Varchar, "Id in the student information system"),
			required("name", lake.Varchar, "Name; two accounts may share one"),
		},
		Checks: []Check{longest("name", "account", 256), longest("sis_id", "account", 256)},
	}
}

func enrollment() Set {
	return Set{
		Name: "enrollment",
		Key:  []string{"canvas_id"},
		Inputs: []Input{
			raw("canvas", "enrollment", have(lake.BigInt, "id", "course_id"), mayHave(lake.BigInt, "section_id", "user_id"),
				have(lake.Varchar, "state", "type"), have(lake.Timestamp, "fetched_at")),
			curated(course()),
		},
		Columns: []lake.Column{
			required("canvas_id", lake.BigInt, "Canvas' id of the enrollment"),
			required("course_id", lake.BigInt, "The course"),
			required("course_section_id", lake.BigInt, "The section of the course"),
			required("user_id", lake.BigInt, "Canvas' id of the user; a user may hold several enrollments"),
			required("workflow_state", lake.Varchar, "State in Canvas, such as active, invited or completed"),
			required("role_type", lake.Varchar, "Type in Canvas, such as StudentEnrollment or TeacherEnrollment"),
		},
		References: []Reference{{"course_id", "course", "canvas_id"}, {"course_section_id", "course_section", "canvas_id"}},
		Checks: []Check{longest("workflow_state", "enrollment", 64), longest("role_type", "enrollment", 64),
			known("workflow_state", "enrollment", "invited", "creation_pending", "active", "deleted", "rejected", "completed", "inactive"),
			known("role_type", "enrollment", "StudentEnrollment", "TeacherEnrollment", "TaEnrollment", "ObserverEnrollment", "DesignerEnrollment", "StudentViewEnrollment")},
		Rejects: true,
		OneEach: "raw_canvas.enrollment",
	}
}

func courseSection() Set {
	return Set{
		Name: "course_section",
		Key:  []string{"canvas_id"},
		Inputs: []Input{
			raw("canvas", "enrollment", mayHave(lake.BigInt, "section_id"), mayHave(lake.Varchar, "section_name"), have(lake.Timestamp, "fetched_at")),
			raw("udw", "course_section_dim", mayHave(lake.BigInt, "canvas_id"), mayHave(lake.Varchar, "name", "sis_source_id")),
			curated(enrollment()),
		},
		Columns: []lake.Column{
			required("canvas_id", lake.BigInt, "Canvas' id of the section"),
			optional("sis_id", lake.Varchar, "Id in the student information system, from the Unizin warehouse"),
			required("name", lake.Varchar, "Name"),
		},
		Checks: []Check{longest("name", "course_section", 512), longest("sis_id", "course_section", 256),
			{Name: "sis_id_ambiguous", Warning: true, Detail: "the warehouse knows several ids of the section; the smallest was taken",
				Query: `SELECT d.canvas_id, COUNT(DISTINCT d.sis_source_id) AS sis_ids FROM raw_udw.course_section_dim AS d
					INNER JOIN curated.course_section AS s ON s.canvas_id = d.canvas_id
					GROUP BY d.canvas_id HAVING COUNT(DISTINCT d.sis_source_id) > 1`},
			{Name: "name_unknown", Warning: true, Detail: "neither Canvas nor the warehouse tells the section's name",
				Query: "SELECT * FROM curated.course_section WHERE name = '(no name)'"},
		},
	}
}

func courseUsage() Set {
	return Set{
		Name: "canvas_course_usage",
		Key:  []string{"course_id", "date"},
		Inputs: []Input{
			raw("canvas", "course_activity", have(lake.BigInt, "course_id"), have(lake.DateType, "date"), have(lake.BigInt, "views", "participations")),
			curated(course()),
		},
		Columns: []lake.Column{
			required("course_id", lake.BigInt, "The course"),
			required("views", lake.BigInt, "Page views in the course on that day"),
			required("participations", lake.BigInt, "Participations (submissions, posts and the like) on that day"),
			required("date", lake.DateType, "The day, as Canvas counts it"),
		},
		References: []Reference{{"course_id", "course", "canvas_id"}},
		Checks: []Check{{Name: "counts_not_negative", Detail: "a number of views or participations is negative",
			Query: "SELECT * FROM curated.canvas_course_usage WHERE views < 0 OR participations < 0"}},
		Rejects: true,
	}
}
