package canvas

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Account is a row of raw/canvas/account: an account that a kept course belongs to.
type Account struct {
	ID              int64     `parquet:"id" doc:"Canvas' id of the account"`
	Name            string    `parquet:"name,dict" doc:"name of the account"`
	ParentAccountID *int64    `parquet:"parent_account_id,optional" doc:"the account above; NULL for the root"`
	RootAccountID   *int64    `parquet:"root_account_id,optional" doc:"the account at the top; NULL for the root itself"`
	SISAccountID    *string   `parquet:"sis_account_id,optional,dict" doc:"id in the student information system; NULL also where the token may not see it"`
	WorkflowState   *string   `parquet:"workflow_state,optional,dict" doc:"active or deleted"`
	DefaultTimeZone *string   `parquet:"default_time_zone,optional,dict" doc:"IANA name of the time zone"`
	FetchedAt       time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas"`
}

type apiAccount struct {
	ID              *ident  `json:"id"`
	Name            *string `json:"name"`
	ParentAccountID *ident  `json:"parent_account_id"`
	RootAccountID   *ident  `json:"root_account_id"`
	SISAccountID    *string `json:"sis_account_id"`
	WorkflowState   *string `json:"workflow_state"`
	DefaultTimeZone *string `json:"default_time_zone"`
}

// accounts yields the accounts of the kept courses, each once.
func (c *client) accounts(ctx context.Context) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		l, err := c.listing.get(ctx)
		if err != nil {
			yield(Account{}, err)
			return
		}
		var ids []int64
		for _, course := range l.kept {
			ids = append(ids, course.AccountID)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		tally.Of(ctx).Expect(len(ids))
		fanout.Each(ctx, c.workers, ids, c.account)(yield)
	}
}

func (c *client) account(ctx context.Context, account int64) ([]Account, error) {
	a, err := rest.Do(ctx, c.lists, rest.Request{Path: c.listsAt + "accounts/" + id(account), Objects: rest.Here}, func(a *apiAccount) error {
		switch {
		case a.ID == nil:
			return rest.Shapef("id: missing")
		case int64(*a.ID) != account:
			return rest.Shapef("id: %d instead of the account asked for", *a.ID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	tally.Of(ctx).Done(1)
	return []Account{{
		ID: int64(*a.ID), Name: text(a.Name), ParentAccountID: a.ParentAccountID.ptr(), RootAccountID: a.RootAccountID.ptr(),
		SISAccountID: a.SISAccountID, WorkflowState: a.WorkflowState, DefaultTimeZone: a.DefaultTimeZone, FetchedAt: c.fetchedAt(),
	}}, nil
}
