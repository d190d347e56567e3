package bigquery

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// job is a query under way or done.
type job struct {
	id      string
	spec    *querySpec
	st      *statement
	found   *result
	failed  *problem
	bytes   int64
	at      time.Time
	dry     bool
	pending int // answers "not complete" so often
}

// create parses and runs a query. The error is one of the request itself; what is wrong
// with the query is kept in the job.
func (s *Server) create(id string, spec *querySpec, dry bool) *job {
	j := &job{id: id, spec: spec, dry: dry, at: s.o.Now(), pending: s.o.Pending}
	if err := s.execute(j); err != nil {
		if !errors.As(err, &j.failed) {
			j.failed = invalid("%s", err)
		}
	}
	return j
}

func (s *Server) execute(j *job) error {
	if j.spec.UseLegacySQL == nil || *j.spec.UseLegacySQL {
		return invalid("The simulation does not know legacy SQL: set useLegacySql to false")
	}
	params, err := j.spec.params()
	if err != nil {
		return err
	}
	if j.st, err = parse(j.spec.Query, params, s.o.Now(), s.find); err != nil {
		return err
	}
	if j.st.table.partitioned && !j.st.bounded() {
		return invalid("Cannot query over table '%s.%s.%s' without a filter over column(s) 'event_time' that can be used for partition elimination",
			s.o.Project, s.o.Dataset, j.st.table.name)
	}
	events := s.o.Events()
	j.bytes = j.st.bytes(events)
	if limit := j.spec.MaximumBytesBilled.int(); limit > 0 && j.billed() > limit && !j.dry {
		return &problem{400, "bytesBilledLimitExceeded", fmt.Sprintf("Query exceeded limit for bytes billed: %d. %d or higher required.", limit, j.billed())}
	}
	if j.dry {
		return nil
	}
	j.found, err = j.st.run(events)
	return err
}

// billed rounds up to MiB, ten at least.
func (j *job) billed() int64 {
	const mib = 1 << 20
	return max(10*mib, (j.bytes+mib-1)/mib*mib)
}

// keep stores a job under its id.
func (s *Server) keep(j *job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.id == "" {
		s.made++
		j.id = fmt.Sprintf("job_campus%06d", s.made)
	}
	if s.jobs[j.id] != nil {
		return &problem{409, "duplicate", fmt.Sprintf("Already Exists: Job %s:%s.%s", s.o.Project, location, j.id)}
	}
	s.jobs[j.id] = j
	return nil
}

// insertJob is jobs.insert.
func (s *Server) insertJob(r *http.Request) (any, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	var req jobRequest
	if err := decode(body, &req); err != nil {
		return nil, err
	}
	if err := s.project(r); err != nil {
		return nil, err
	}
	if req.Configuration.Query == nil {
		return nil, &problem{400, "invalid", "The simulation knows only query jobs"}
	}
	if at := req.JobReference.Location; at != "" && at != location {
		return nil, missing("Dataset %s:%s was not found in location %s", s.o.Project, s.o.Dataset, at)
	}
	j := s.create(req.JobReference.JobID, req.Configuration.Query, req.Configuration.DryRun)
	if j.failed != nil && (s.o.Early || j.dry) {
		return nil, j.failed
	}
	if j.dry {
		return s.resource(j, true), nil
	}
	if err := s.keep(j); err != nil {
		return nil, err
	}
	return s.resource(j, s.tick(j)), nil
}

// tick counts an answer and tells whether the job is done by now.
func (s *Server) tick(j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.pending > 0 {
		j.pending--
		return false
	}
	return true
}

// resource describes a job.
func (s *Server) resource(j *job, done bool) map[string]any {
	created := strconv.FormatInt(j.at.UnixMilli(), 10)
	status := map[string]any{"state": "RUNNING"}
	query := map[string]any{}
	statistics := map[string]any{"creationTime": created, "startTime": created, "query": query}
	if done {
		status["state"], statistics["endTime"] = "DONE", created
		statistics["totalBytesProcessed"] = fmt.Sprint(j.bytes)
		query["totalBytesProcessed"], query["statementType"] = fmt.Sprint(j.bytes), "SELECT"
		if j.failed != nil {
			status["errorResult"], status["errors"] = j.failed.proto(), []any{j.failed.proto()}
		} else {
			query["cacheHit"] = false
			query["totalBytesBilled"] = fmt.Sprint(j.billed())
			if j.dry {
				query["schema"], query["totalBytesBilled"], query["totalBytesProcessedAccuracy"] = j.st.schema(), "0", "PRECISE"
			}
		}
	}
	reference := map[string]any{"projectId": s.o.Project, "location": location}
	if !j.dry {
		reference["jobId"] = j.id
	}
	return map[string]any{
		"kind": "bigquery#job", "id": s.o.Project + ":" + location + "." + j.id, "jobReference": reference, "status": status, "statistics": statistics,
		"user_email": "campus@" + s.o.Project + ".iam.gserviceaccount.com",
		"configuration": map[string]any{"jobType": "QUERY", "dryRun": j.dry, "query": map[string]any{
			"query": j.spec.Query, "useLegacySql": false, "priority": "INTERACTIVE",
		}},
	}
}

// held returns the job that a path names.
func (s *Server) held(r *http.Request) (*job, error) {
	id, at := r.PathValue("job"), r.URL.Query().Get("location")
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ok := s.jobs[id]
	if !ok || r.PathValue("project") != s.o.Project || at != "" && at != location {
		return nil, missing("Job %s:%s", r.PathValue("project"), id)
	}
	return j, nil
}

// getJob is jobs.get.
func (s *Server) getJob(r *http.Request) (any, error) {
	j, err := s.held(r)
	if err != nil {
		return nil, err
	}
	return s.resource(j, s.tick(j)), nil
}

// cancelJob is jobs.cancel: queries here are always done by then.
func (s *Server) cancelJob(r *http.Request) (any, error) {
	j, err := s.held(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"kind": "bigquery#jobCancelResponse", "job": s.resource(j, true)}, nil
}
