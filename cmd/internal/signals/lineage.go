package signals

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const (
	producer = "https://github.com/tl-its-umich-edu/course-inventory"
	// namespace holds the jobs of this program.
	namespace = "course-inventory"
	spec      = "https://openlineage.io/spec/"
)

// The transitions of a run. OpenLineage wants the first one and one of the others.
const (
	start    = "START"
	complete = "COMPLETE"
	fail     = "FAIL"
	abort    = "ABORT"
)

// event is a RunEvent of OpenLineage 2-0-2.
type event struct {
	EventType string    `json:"eventType"`
	EventTime time.Time `json:"eventTime"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
	Run       struct {
		RunID  string `json:"runId"`
		Facets facets `json:"facets"`
	} `json:"run"`
	Job struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
		Facets    facets `json:"facets"`
	} `json:"job"`
	Inputs  []dataset `json:"inputs,omitempty"`
	Outputs []dataset `json:"outputs,omitempty"`
}

type facets map[string]any

// facet is what every facet begins with.
type facet struct {
	Producer  string `json:"_producer"`
	SchemaURL string `json:"_schemaURL"`
}

// of returns the beginning of a facet of that name and version.
func of(name, version string) facet {
	return facet{producer, spec + "facets/" + version + "/" + name + ".json#/$defs/" + name}
}

type nominalTime struct {
	facet
	Start time.Time `json:"nominalStartTime"`
	End   time.Time `json:"nominalEndTime"`
}

type processingEngine struct {
	facet
	Name    string `json:"name"`
	Version string `json:"version"`
}

type errorMessage struct {
	facet
	Message  string `json:"message"`
	Language string `json:"programmingLanguage"`
}

type jobType struct {
	facet
	ProcessingType string `json:"processingType"`
	Integration    string `json:"integration"`
	JobType        string `json:"jobType"`
}

func (w *Watch) tracesLineage() bool { return w.config.Lineage.Lake || w.config.Lineage.URL != "" }

// event returns an event of a run without its datasets.
func (w *Watch) event(kind string, run lake.Run, at time.Time) event {
	e := event{EventType: kind, EventTime: at.UTC(), Producer: producer, SchemaURL: spec + "2-0-2/OpenLineage.json#/$defs/RunEvent"}
	e.Run.RunID = uuid(run.ID)
	e.Run.Facets = facets{
		"nominalTime":       nominalTime{of("NominalTimeRunFacet", "1-0-1"), run.Date.Time(), run.Date.AddDays(1).Time()},
		"processing_engine": processingEngine{of("ProcessingEngineRunFacet", "1-1-1"), "course-inventory", run.ToolVersion},
	}
	e.Job.Namespace, e.Job.Name = namespace, run.Stage
	if len(run.Jobs) == 1 { // as in a whole night, where a stage runs once for each job
		e.Job.Name = run.Jobs[0] + "." + run.Stage
	}
	e.Job.Facets = facets{"jobType": jobType{of("JobTypeJobFacet", "2-0-3"), "BATCH", "COURSE_INVENTORY", "TASK"}}
	return e
}

// lastEvent returns the event of a run that has ended.
func (w *Watch) lastEvent(ctx context.Context, run lake.Run) event {
	kind := map[lake.Status]string{lake.Succeeded: complete, lake.Failed: fail, lake.Interrupted: abort, lake.Killed: abort}[run.Status]
	e := w.event(kind, run, run.FinishedAt)
	if run.Error != "" {
		e.Run.Facets["errorMessage"] = errorMessage{of("ErrorMessageRunFacet", "1-0-1"), short(run.Error), "GO"}
	}
	var err error
	if e.Inputs, e.Outputs, err = w.datasets(ctx, run); err != nil {
		w.warn("lineage", err, "the event lacks datasets; course-inventory lake verify tells more")
	}
	return e
}

// trace sends an event to where the configuration wants it.
func (w *Watch) trace(ctx context.Context, e event) {
	w.sent = append(w.sent, e)
	to := w.config.Lineage
	if to.Lake {
		var lines bytes.Buffer
		encoder := json.NewEncoder(&lines)
		for _, e := range w.sent {
			if err := encoder.Encode(e); err != nil {
				w.warn("lineage", err, "")
				return
			}
		}
		if err := w.lake.PutLineage(ctx, idOf(e), lines.Bytes()); err != nil {
			w.warn("lineage", err, "check that the lake can be written to")
		}
	}
	if to.URL != "" && !w.teller.gaveUp("lineage") {
		if err := post(ctx, to.URL, to.APIKey, e); err != nil {
			w.teller.giveUp("lineage", err)
			w.warn("lineage", err, "check LINEAGE.url, LINEAGE.api_key and the server behind them; with LINEAGE.lake the event can be posted later")
		}
	}
}

// uuid writes the 128 bits of a run's id as OpenLineage wants them.
func uuid(id lake.RunID) string {
	u, err := ulid.ParseStrict(string(id))
	if err != nil {
		return "00000000-0000-0000-0000-000000000000"
	}
	h := hex.EncodeToString(u[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// idOf reads the run's id back.
func idOf(e event) lake.RunID {
	var u ulid.ULID
	_, _ = hex.Decode(u[:], []byte(strings.ReplaceAll(e.Run.RunID, "-", "")))
	return lake.RunID(u.String())
}
