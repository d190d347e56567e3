package campus

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// controlRoutes adds what no real server has: moving to another day, statistics, truth.
func (c *Campus) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_campus/healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeControl(w, http.StatusOK, map[string]string{"status": "ok", "date": c.Date().Format(time.DateOnly)})
	})
	mux.HandleFunc("GET /_campus/stats", func(w http.ResponseWriter, _ *http.Request) {
		writeControl(w, http.StatusOK, c.Stats())
	})
	mux.HandleFunc("POST /_campus/reset", func(w http.ResponseWriter, _ *http.Request) {
		c.Reset()
		writeControl(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("POST /_campus/day", c.controlDay)
	mux.HandleFunc("GET /_campus/truth", c.controlTruth)
}

func (c *Campus) controlDay(w http.ResponseWriter, r *http.Request) {
	date, err := time.Parse(time.DateOnly, r.URL.Query().Get("date"))
	if err != nil {
		writeControl(w, http.StatusBadRequest, map[string]string{"error": "date: want YYYY-MM-DD"})
		return
	}
	if date.Before(c.model.Epoch()) {
		writeControl(w, http.StatusBadRequest, map[string]string{
			"error": "date: before the first day " + c.model.Epoch().Format(time.DateOnly),
		})
		return
	}
	if err := c.SetDay(r.Context(), date); err != nil {
		writeControl(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	writeControl(w, http.StatusOK, map[string]string{"date": date.Format(time.DateOnly)})
}

// controlTruth writes one table (?table=) as JSON lines, for ?date= (default: the day
// being served) after nightly runs since ?since=.
func (c *Campus) controlTruth(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	date, since := c.Date(), time.Time{}
	for name, to := range map[string]*time.Time{"date": &date, "since": &since} {
		if v := q.Get(name); v != "" {
			t, err := time.Parse(time.DateOnly, v)
			if err != nil {
				writeControl(w, http.StatusBadRequest, map[string]string{"error": name + ": want YYYY-MM-DD"})
				return
			}
			*to = t
		}
	}
	tables, err := c.Truth(date, since)
	if err != nil {
		writeControl(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	at := slices.IndexFunc(tables, func(t university.Table) bool { return t.Name == q.Get("table") })
	if at < 0 {
		writeControl(w, http.StatusBadRequest, map[string]any{"error": "table: unknown", "tables": university.TableNames()})
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	_ = tables[at].WriteJSON(w) // an error means that the client is gone
}

func writeControl(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // an error means that the client is gone
}
