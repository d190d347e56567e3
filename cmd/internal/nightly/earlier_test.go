package nightly

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// history plays runs of earlier programs by what they leave in a lake.
type history struct {
	t     *testing.T
	lake  *lake.Lake
	env   *run.Env
	night *night
	now   time.Time
}

func newHistory(t *testing.T) *history {
	t.Helper()
	l, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	h := &history{t: t, lake: l, night: new(night), now: time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)}
	h.env = &run.Env{
		Config: new(config.Config), Jobs: job.All(), From: lake.DateOf(h.now), To: lake.DateOf(h.now),
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return h.now }, Version: "1",
	}
	return h
}

// execution returns the id of a new execution, a minute later.
func (h *history) execution() lake.RunID {
	h.now = h.now.Add(time.Minute)
	return lake.NewRunID(h.now)
}

// ends plays stages of a job that ended so, in order. A stage that succeeded commits its tables.
func (h *history) ends(parent lake.RunID, jobName string, status lake.Status, code fault.Class, stages ...string) {
	h.t.Helper()
	jobs, err := job.Select([]string{jobName})
	if err != nil {
		h.t.Fatal(err)
	}
	e := h.env.ForJob(jobs[0])
	for _, s := range h.night.stagesOf(e) {
		if !slices.Contains(stages, s.name) {
			continue
		}
		h.now = h.now.Add(time.Minute)
		r := lake.Run{ID: lake.NewRunID(h.now), Parent: parent, Stage: s.name, Jobs: []string{jobName}, Date: e.To, Status: status,
			Settings: s.settings(e), StartedAt: h.now, ExitCode: int(code)}
		for _, name := range tablesOf(e, s) {
			if s.place == nil || status != lake.Succeeded {
				continue
			}
			m := lake.Manifest{Table: s.place(name), Date: e.To, Run: r.ID, Columns: []lake.Column{{Name: "id", Type: lake.BigInt}}}
			snapshot, err := h.lake.Commit(h.t.Context(), m)
			if err != nil {
				h.t.Fatal(err)
			}
			r.Manifests = append(r.Manifests, snapshot.Path)
		}
		if err := h.lake.PutRun(h.t.Context(), r); err != nil {
			h.t.Fatal(err)
		}
	}
}

// plan returns what a run of these jobs would take over, as "JOB: stage stage; …".
func (h *history) plan(jobs ...string) string {
	h.t.Helper()
	var err error
	if h.env.Jobs, err = job.Select(jobs); err != nil {
		h.t.Fatal(err)
	}
	plans, err := h.night.plan(h.t.Context(), h.env, h.lake, h.execution())
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, j := range jobs {
		text := j + ":"
		for _, t := range plans[j].taken {
			text += " " + t.stage.name
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

const (
	inventory = "COURSE_INVENTORY"
	lti       = "CANVAS_LTI"
	media     = "MIVIDEO"
)

// TestPlan begins a run after histories of all kinds.
func TestPlan(t *testing.T) {
	done := lake.Succeeded
	for name, test := range map[string]struct {
		past func(h *history)
		jobs []string
		want string
	}{
		"nothing": {func(*history) {}, []string{inventory, media}, "COURSE_INVENTORY:; MIVIDEO:"},
		"all is well": {func(h *history) {
			h.ends(h.execution(), inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"the load failed": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas extract-udw transform"},
		"the second source failed": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "extract-udw")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas"},
		"killed in the transform": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw")
			h.ends(p, inventory, lake.Running, 0, "transform")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas extract-udw"},
		"went on, and finished": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
			h.ends(p, inventory, done, 0, "load")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"finished by hand": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
			h.ends("", inventory, done, 0, "load")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"extracted by hand only": {func(h *history) {
			h.ends("", inventory, done, 0, "extract-canvas", "extract-udw")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"what failed was extracted by hand": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "extract-udw")
			h.ends("", inventory, done, 0, "extract-udw")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas extract-udw"},
		"extracted by hand before": {func(h *history) {
			h.ends("", inventory, done, 0, "extract-udw")
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas")
			h.ends(p, inventory, lake.Killed, 0, "extract-udw")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas"},
		"begun again, and finished": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
			h.ends(h.execution(), inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"the second run of the day failed": {func(h *history) {
			h.ends(h.execution(), inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw")
			h.ends(p, inventory, lake.Failed, fault.Temporary, "transform")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas extract-udw"},
		"a gate failed": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw")
			h.ends(p, inventory, lake.Failed, fault.Data, "transform")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"a gate failed, and a limit was raised": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw")
			h.ends(p, inventory, lake.Failed, fault.Data, "transform")
			h.env.NewTypes = []string{"course"}
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas extract-udw"},
		"another version": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw")
			h.ends(p, inventory, lake.Failed, fault.Defect, "transform")
			h.env.Version = "2"
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"fewer tables before": {func(h *history) {
			p := h.execution()
			h.env.Tables = []string{"course"}
			h.ends(p, inventory, done, 0, "extract-canvas", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
			h.env.Tables = nil
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"another date": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.now = h.now.AddDate(0, 0, 1)
			h.env.From, h.env.To = lake.DateOf(h.now), lake.DateOf(h.now)
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"one job failed": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
			h.ends(p, media, lake.Failed, fault.Permission, "extract-udp")
		}, []string{inventory, media}, "COURSE_INVENTORY: extract-canvas extract-udw transform load; MIVIDEO:"},
		"one job failed, the other is asked for": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
			h.ends(p, media, lake.Failed, fault.Permission, "extract-udp")
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"one job failed and was repeated alone": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
			h.ends(p, media, lake.Failed, fault.Permission, "extract-udp")
			h.ends(h.execution(), media, done, 0, "extract-udp", "extract-kaltura", "transform", "load")
		}, []string{inventory, media}, "COURSE_INVENTORY:; MIVIDEO:"},
		"all jobs lost MySQL": {func(h *history) {
			p := h.execution()
			for _, j := range []string{inventory, lti} {
				h.ends(p, j, done, 0, "extract-canvas", "extract-udw", "extract-zoom", "transform")
				h.ends(p, j, lake.Failed, fault.Unavailable, "load")
			}
		}, []string{inventory, lti}, "COURSE_INVENTORY: extract-canvas extract-udw transform; CANVAS_LTI: extract-canvas extract-zoom transform"},
		"begin again": {func(h *history) {
			p := h.execution()
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
			h.night.restart = true
		}, []string{inventory}, "COURSE_INVENTORY:"},
		"a clock that begins anew": {func(h *history) {
			began := h.now
			h.ends(h.execution(), inventory, done, 0, "extract-canvas", "extract-udw", "transform", "load")
			h.now = began
			p := lake.NewRunID(began)
			h.ends(p, inventory, done, 0, "extract-canvas", "extract-udw", "transform")
			h.ends(p, inventory, lake.Failed, fault.Unavailable, "load")
		}, []string{inventory}, "COURSE_INVENTORY: extract-canvas extract-udw transform"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHistory(t)
			test.past(h)
			if got := h.plan(test.jobs...); got != test.want {
				t.Errorf("it takes over %q, want %q", got, test.want)
			}
		})
	}
}
