package canvas

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
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
	ID   lenient.Value[ident]  `json:"id"`
	Name lenient.Value[string] `json:"name"` // without it there is no row

	// These may be NULL.
	ParentAccountID lenient.Value[ident]  `json:"parent_account_id"`
	RootAccountID   lenient.Value[ident]  `json:"root_account_id"`
	SISAccountID    lenient.Value[string] `json:"sis_account_id"`
	WorkflowState   lenient.Value[string] `json:"workflow_state"`
	DefaultTimeZone lenient.Value[string] `json:"default_time_zone"`
}

const accountTable = "account"

// accounts yields the accounts of the kept courses, each once. Beyond a few, they are read by one listing of all accounts.
func (c *client) accounts(ctx context.Context, earlier extract.Earlier[Account]) iter.Seq2[Account, error] {
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
		settle(ctx, c, accountTable, earlier, func(a Account) int64 { return a.ID }, yield)
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
	for page, err := range rest.Pages(ctx, c.lists, rest.Listing[[]apiAccount]{
		Request: request, Keys: idents(func(a apiAccount) *ident { return a.ID.Get() }),
	}) {
		if status := rest.StatusOf(err); status >= 400 && status < 500 {
			tally.Of(ctx).Note("The list of all accounts was refused (%d): each was asked for by itself.", status)
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, a := range page.Value {
			if a.ID.Get() != nil && a.Name.Get() != nil { // one that is wanted is asked for by itself
				all = append(all, a.row(tally.Of(ctx), page.At))
			}
		}
	}
	return all, nil
}

func (c *client) account(ctx context.Context, account int64) ([]Account, error) {
	a, err := rest.Ask(ctx, c.lists, rest.Request{Path: c.listsAt + "accounts/" + id(account), Objects: rest.Here}, func(a *apiAccount) error {
		switch {
		case a.ID.Get() == nil:
			return rest.Shapef("%s", a.ID.Missing("id"))
		case int64(*a.ID.Get()) != account:
			return rest.Shapef("id: %d instead of the account asked for", *a.ID.Get())
		case a.Name.Get() == nil:
			return rest.Shapef("%s", a.Name.Missing("name"))
		}
		return nil
	})
	if err != nil {
		return nil, c.missing.add(ctx, accountTable, account, err)
	}
	return []Account{a.Value.row(tally.Of(ctx), a.At)}, nil
}

// row returns the row of an account with an id and a name.
func (a apiAccount) row(t *tally.Table, at time.Time) Account {
	item := "account " + id(int64(*a.ID.Get()))
	return Account{
		ID: int64(*a.ID.Get()), Name: *a.Name.Get(), ParentAccountID: a.ParentAccountID.Or(t, "parent_account_id", item).ptr(),
		RootAccountID: a.RootAccountID.Or(t, "root_account_id", item).ptr(), SISAccountID: a.SISAccountID.Or(t, "sis_account_id", item),
		WorkflowState: a.WorkflowState.Or(t, "workflow_state", item), DefaultTimeZone: a.DefaultTimeZone.Or(t, "default_time_zone", item), FetchedAt: fetched(at),
	}
}
