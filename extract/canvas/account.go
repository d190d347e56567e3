package canvas

import (
	"context"
	"iter"
	"maps"
	"net/url"
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

// accounts yields the accounts of the kept courses, each once. Beyond a few, they are read by one listing of all accounts.
func (c *client) accounts(ctx context.Context) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		kept, err := c.listing.whole(ctx, (*listing).withStudents)
		if err != nil {
			yield(Account{}, err)
			return
		}
		wanted := map[int64]bool{}
		for _, course := range kept {
			wanted[course.AccountID] = true
		}
		count := tally.Of(ctx)
		count.Expect(len(wanted))
		expected, found := int64(len(wanted)), int64(0)
		var listed []Account
		if len(wanted) > fewAccounts {
			if listed, err = c.allAccounts(ctx); err != nil {
				yield(Account{}, err)
				return
			}
		}
		for _, a := range listed {
			if !wanted[a.ID] {
				continue
			}
			delete(wanted, a.ID)
			found++
			count.Done(1)
			if !yield(a, nil) {
				return
			}
		}
		count.Plan(len(wanted))
		for a, err := range fanout.Each(ctx, c.workers, slices.Sorted(maps.Keys(wanted)), c.account) {
			if err == nil {
				found++
				count.Done(1)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
		count.Count(expected, found)
	}
}

// fewAccounts is the number of accounts up to which each is asked for by itself.
const fewAccounts = 3

// allAccounts lists the active accounts below the configured one. A server that does not list them to this token, or
// at all, is no error: what is missing is asked for one by one.
func (c *client) allAccounts(ctx context.Context) ([]Account, error) {
	request := rest.Request{
		Path:  c.listsAt + "accounts/" + id(c.canvas.AccountID) + "/sub_accounts",
		Query: url.Values{"recursive": {"true"}, "per_page": {"100"}}, Objects: rest.Here,
	}
	var all []Account
	for page, err := range rest.Pages(ctx, c.lists, request, checkAccounts) {
		if status := rest.StatusOf(err); status >= 400 && status < 500 {
			tally.Of(ctx).Note("The list of all accounts was refused (%d): each was asked for by itself.", status)
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, a := range page.Value {
			all = append(all, a.row(page.At))
		}
	}
	return all, nil
}

func checkAccounts(page *[]apiAccount) error {
	for i, a := range *page {
		if a.ID == nil {
			return rest.Shapef("[%d].id: missing", i)
		}
	}
	return nil
}

func (c *client) account(ctx context.Context, account int64) ([]Account, error) {
	a, err := rest.Ask(ctx, c.lists, rest.Request{Path: c.listsAt + "accounts/" + id(account), Objects: rest.Here}, func(a *apiAccount) error {
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
	return []Account{a.Value.row(a.At)}, nil
}

func (a apiAccount) row(at time.Time) Account {
	return Account{
		ID: int64(*a.ID), Name: text(a.Name), ParentAccountID: a.ParentAccountID.ptr(), RootAccountID: a.RootAccountID.ptr(),
		SISAccountID: a.SISAccountID, WorkflowState: a.WorkflowState, DefaultTimeZone: a.DefaultTimeZone, FetchedAt: fetched(at),
	}
}
