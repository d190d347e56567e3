package bigquery

import (
	"encoding/json"
	"strings"
	"time"
)

// Form says how an event's JSON is written.
type Form uint8

// The forms that occur in an event store.
const (
	Current    Form = iota // Caliper 1.1: id and type, edApp as an object
	TextApp                // edApp is the IRI itself
	Upgraded               // converted from Caliper 1.0: @id and @type remained inside the object
	NumberedID             // kaf:course_id is a JSON number
	Torn                   // the JSON ends in the middle of the extensions
)

// Event is one row of the event store.
type Event struct {
	ID     string // UUID
	Type   string // MediaEvent, ViewEvent, …
	Action string // Started, Ended, …
	EdApp  string // IRI of the application
	Time   time.Time
	Stored time.Time // when the store received it; often seconds, sometimes days later
	Actor  string    // last part of the actor's IRI
	Media  string    // id of the media entry
	Object string    // IRI of the object; empty: built from Media
	Course *string   // value of kaf:course_id; nil: the key is absent
	Form   Form
}

// base returns the scheme and host of the application.
func (e *Event) base() string {
	base, _, _ := strings.Cut(e.EdApp, "/info/")
	return base
}

func (e *Event) object() string {
	if e.Object != "" {
		return e.Object
	}
	return e.base() + "/info/media/" + e.Media
}

func (e *Event) actor() string { return e.base() + "/info/user/" + e.Actor }

// extensions returns the object's extensions as JSON text, nil for none.
func (e *Event) extensions() any {
	if e.Course == nil {
		return nil
	}
	if e.Form == Torn {
		return `{"kaf:course_id":"` + (*e.Course)[:len(*e.Course)/2]
	}
	id := quoted(*e.Course)
	if e.Form == NumberedID {
		id = *e.Course
	}
	return `{"kaf:course_id":` + id + `}`
}

// caliper returns the whole event as JSON text.
func (e *Event) caliper() string {
	id, kind := `"id":`, `"type":`
	if e.Form == Upgraded {
		id, kind = `"@id":`, `"@type":`
	}
	var b strings.Builder
	b.Grow(900)
	b.WriteString(`{"@context":"http://purl.imsglobal.org/ctx/caliper/v1p1",`)
	b.WriteString(`"id":"urn:uuid:` + e.ID + `","type":` + quoted(e.Type) + `,`)
	b.WriteString(`"actor":{` + id + quoted(e.actor()) + `,` + kind + `"Person"},"action":` + quoted(e.Action) + `,`)
	b.WriteString(`"object":{` + id + quoted(e.object()) + `,` + kind + `"VideoObject","mediaType":"video/mp4"`)
	if x, ok := e.extensions().(string); ok {
		b.WriteString(`,"extensions":` + x)
	}
	if e.Form == Torn {
		return b.String()
	}
	b.WriteString(`,"duration":"PT19M40S"},"target":{` + id + quoted(e.object()+"#t=95") + `,` + kind + `"MediaLocation","currentTime":"PT1M35S"},`)
	b.WriteString(`"eventTime":"` + e.Time.UTC().Format("2006-01-02T15:04:05.000Z") + `",`)
	if e.Form == TextApp {
		b.WriteString(`"edApp":` + quoted(e.EdApp) + `}`)
	} else {
		b.WriteString(`"edApp":` + e.app() + `}`)
	}
	return b.String()
}

func (e *Event) app() string {
	return `{"id":` + quoted(e.EdApp) + `,"type":"SoftwareApplication","name":"KAF"}`
}

func quoted(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune(`"\\<>&`, c) }) {
		return `"` + s + `"`
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // text can always be encoded
	}
	return string(text)
}
