package canvas

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Term is a row of raw/canvas/term: one of the configured terms.
type Term struct {
	ID            int64      `parquet:"id" doc:"Canvas' id of the term"`
	Name          string     `parquet:"name,dict" doc:"name of the term"`
	SISTermID     *string    `parquet:"sis_term_id,optional,dict" doc:"id in the student information system; NULL also where the token may not see it"`
	StartAt       *time.Time `parquet:"start_at,optional,timestamp(microsecond)" doc:"start of the term"`
	EndAt         *time.Time `parquet:"end_at,optional,timestamp(microsecond)" doc:"end of the term"`
	CreatedAt     *time.Time `parquet:"created_at,optional,timestamp(microsecond)" doc:"when the term was made"`
	WorkflowState *string    `parquet:"workflow_state,optional,dict" doc:"active or deleted"`
	FetchedAt     time.Time  `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas"`
}

type apiTerm struct {
	ID   lenient.Value[ident]  `json:"id"`
	Name lenient.Value[string] `json:"name"` // without it there is no row

	// These may be NULL.
	SISTermID     lenient.Value[string]    `json:"sis_term_id"`
	StartAt       lenient.Value[time.Time] `json:"start_at"`
	EndAt         lenient.Value[time.Time] `json:"end_at"`
	CreatedAt     lenient.Value[time.Time] `json:"created_at"`
	WorkflowState lenient.Value[string]    `json:"workflow_state"`
}

const termTable = "term"

// terms yields the configured terms.
func (c *client) terms(ctx context.Context, earlier extract.Earlier[Term]) iter.Seq2[Term, error] {
	return func(yield func(Term, error) bool) {
		terms, err := c.dates.get(ctx)
		if err != nil {
			yield(Term{}, err)
			return
		}
		for _, t := range terms {
			if !yield(t, nil) {
				return
			}
		}
		settle(ctx, c, termTable, earlier, func(t Term) int64 { return t.ID }, yield)
	}
}

// fetchTerms reads the configured terms. Its requests count for the table term, whichever table asked first.
func (c *client) fetchTerms(ctx context.Context) ([]Term, error) {
	ctx = tally.For(ctx, "term")
	tally.Of(ctx).Plan(len(c.canvas.TermIDs))
	var terms []Term
	for t, err := range fanout.Each(ctx, c.workers, c.canvas.TermIDs, func(ctx context.Context, term int64) ([]Term, error) {
		t, err := c.term(ctx, term)
		if fault.ClassOf(err) == fault.Data {
			return nil, c.missing.add(ctx, termTable, term, err)
		}
		return []Term{t}, err
	}) {
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	tally.Of(ctx).Count(int64(len(c.canvas.TermIDs)), int64(len(terms)))
	return terms, nil
}

func (c *client) term(ctx context.Context, term int64) (Term, error) {
	path := c.listsAt + "accounts/" + id(c.canvas.AccountID) + "/terms/" + id(term)
	answer, err := rest.Ask(ctx, c.lists, rest.Request{Path: path, Objects: rest.Here}, func(t *apiTerm) error {
		switch {
		case t.ID.Get() == nil:
			return rest.Shapef("%s", t.ID.Missing("id"))
		case int64(*t.ID.Get()) != term:
			return rest.Shapef("id: %d instead of the term asked for", *t.ID.Get())
		case t.Name.Get() == nil:
			return rest.Shapef("%s", t.Name.Missing("name"))
		}
		return nil
	})
	if rest.NotFound(err) {
		err = fault.New(fault.Config, "check CANVAS.CANVAS_TERM_IDS and CANVAS.CANVAS_ACCOUNT_ID, which must be the root account",
			fmt.Errorf("term %d of account %d does not exist: %w", term, c.canvas.AccountID, err))
	}
	if err != nil {
		return Term{}, err
	}
	t, count, item := answer.Value, tally.Of(ctx), "term "+id(term)
	return Term{
		ID: term, Name: *t.Name.Get(), SISTermID: t.SISTermID.Or(count, "sis_term_id", item), StartAt: t.StartAt.Or(count, "start_at", item),
		EndAt: t.EndAt.Or(count, "end_at", item), CreatedAt: t.CreatedAt.Or(count, "created_at", item),
		WorkflowState: t.WorkflowState.Or(count, "workflow_state", item), FetchedAt: fetched(answer.At),
	}, nil
}
