package udp

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Event is a row of raw/udp/event: somebody started a video. Who it was is not stored.
type Event struct {
	EventID      string     `parquet:"event_id" doc:"UUID of the event; empty where the store has none"`
	EventTime    time.Time  `parquet:"event_time,timestamp(microsecond)" doc:"when it happened"`
	StoreTime    *time.Time `parquet:"store_time,optional,timestamp(microsecond)" doc:"when the store received it, at times days later"`
	EdApp        string     `parquet:"ed_app,dict" doc:"IRI of the application"`
	Type         string     `parquet:"type,dict" doc:"Caliper's type of event, MediaEvent"`
	Action       string     `parquet:"action,dict" doc:"Caliper's action, Started"`
	CourseIDText *string    `parquet:"course_id_text,optional,dict" doc:"the extension kaf:course_id as sent, normally Canvas' id of the course; NULL for media opened outside a course and for broken JSON"`
	MediaID      *string    `parquet:"media_id,optional,dict" doc:"Kaltura's id of the entry, from the end of the object's IRI; the whole IRI where it is no entry's"`
	FetchedAt    time.Time  `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from BigQuery"`
}

// layout is how a table of the store holds an event: the expressions for what differs.
type layout struct{ edApp, course, object string }

var (
	// Stored events have id and type, those converted from Caliper 1.0 still @id inside. Keys with signs stand in brackets
	// and quotes: without them BigQuery finds them too, but other engines do not.
	eventsLayout = layout{
		edApp:  "ed_app",
		course: `JSON_EXTRACT_SCALAR(event, "$.object.extensions['kaf:course_id']")`,
		object: `COALESCE(JSON_EXTRACT_SCALAR(event, '$.object.id'), JSON_EXTRACT_SCALAR(event, "$.object['@id']"))`,
	}
	expandedLayout = layout{
		edApp:  "ed_app.id",
		course: `JSON_EXTRACT_SCALAR(object.extensions, "$['kaf:course_id']")`,
		object: "object.id",
	}
)

// sql returns the query of an interval. BigQuery reads nothing from broken JSON, not even an error.
func (y layout) sql(table string) string {
	return fmt.Sprintf(`SELECT
  id AS event_id,
  event_time,
  store_time,
  %[1]s AS ed_app,
  type,
  action,
  %[2]s AS course_id_text,
  %[3]s AS object_id
FROM `+"`%[4]s`"+`
WHERE event_time >= @from AND event_time < @to
  AND type = 'MediaEvent' AND action = 'Started'
  AND %[1]s IN UNNEST(@ed_apps)`, y.edApp, y.course, y.object, table)
}

// layout returns how the configured table holds events: by its name or, if that is another one, by its columns.
func (c *client) layout(ctx context.Context) (layout, error) {
	switch c.table.name {
	case "events":
		return eventsLayout, nil
	case "expanded":
		return expandedLayout, nil
	}
	m, err := c.table.in(c.pages).Metadata(ctx)
	if err != nil {
		return layout{}, c.judge(ctx, err)
	}
	for _, f := range m.Schema {
		if strings.EqualFold(f.Name, "ed_app") {
			if f.Type == bigquery.RecordFieldType {
				return expandedLayout, nil
			}
			return eventsLayout, nil
		}
	}
	return layout{}, fault.New(fault.Config, "set MIVIDEO.udp_table to the store's table events or expanded, or to a copy or view of one",
		fmt.Errorf("BigQuery: table %s has no column ed_app", c.table))
}

// events yields the events of an interval.
func (c *client) events(ctx context.Context, i lake.Interval) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		y, err := c.layout(ctx)
		if err != nil {
			yield(Event{}, err)
			return
		}
		c.observe(ctx)
		nameless := 0
		var r record
		for err := range c.rows(ctx, c.query(y, i), &r) {
			if err == nil && r.odd == "" && r.event.EventID == "" {
				nameless++
			}
			if err == nil && r.odd != "" {
				tally.Of(ctx).LeftOut(r.name(), r.odd)
				continue
			}
			if !yield(r.event, err) {
				return
			}
		}
		if nameless > 0 {
			tally.Of(ctx).Note("%d events have no id", nameless)
		}
	}
}

// query returns the query of an interval.
func (c *client) query(y layout, i lake.Interval) bigquery.QueryConfig {
	return bigquery.QueryConfig{
		Q: y.sql(c.table.String()),
		Parameters: []bigquery.QueryParameter{
			{Name: "from", Value: i.From.UTC()}, {Name: "to", Value: i.To.UTC()}, {Name: "ed_apps", Value: c.edApps},
		},
		MaxBytesBilled: c.maxBytes,
		JobTimeout:     c.queryLimit,
	}
}

// record takes a row of the result.
type record struct {
	event Event
	at    time.Time // fetched_at
	odd   string    // why there is no event, "" if there is one
}

// name names an event that has no row.
func (r *record) name() string {
	if r.event.EventID == "" {
		return "an event without an id of " + r.event.EdApp
	}
	return "event " + r.event.EventID
}

// Load reads a row, column by column in the order of the query.
func (r *record) Load(v []bigquery.Value, _ bigquery.Schema) error {
	if len(v) != 8 {
		return rest.Shapef("row: %d columns instead of 8", len(v))
	}
	at, ok := v[1].(time.Time)
	r.odd = ""
	switch {
	case v[1] == nil:
		r.odd = "event_time: missing"
	case !ok:
		r.odd = fmt.Sprintf("event_time: %T instead of a time", v[1])
	default:
		if err := lenient.Storable(at); err != nil {
			r.odd = fmt.Sprintf("event_time: %v", err)
		}
	}
	r.event = Event{EventID: text(v[0]), EventTime: at.UTC(), EdApp: text(v[3]), Type: text(v[4]), Action: text(v[5]), FetchedAt: r.at}
	if stored, ok := v[2].(time.Time); ok && lenient.Storable(stored) == nil {
		stored = stored.UTC()
		r.event.StoreTime = &stored
	}
	if course, ok := v[6].(string); ok {
		r.event.CourseIDText = &course
	}
	if object, ok := v[7].(string); ok {
		id := mediaID(object)
		r.event.MediaID = &id
	}
	return nil
}

func text(v bigquery.Value) string {
	s, _ := v.(string)
	return s
}

// mediaID returns the entry's id at the end of an IRI such as https://host/caliper/info/media/1_u5xer7qs.
func mediaID(iri string) string {
	_, id, ok := strings.Cut(iri, "/media/")
	if !ok || id == "" || strings.ContainsAny(id, "/?#") {
		return iri
	}
	return id
}
