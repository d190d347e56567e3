package campus

import (
	"net/http"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// nullable is a key that may be absent (nil), null (points to nil) or a string.
type nullable = **string

// present returns a key that is there: null for an empty string.
func present(s string) nullable {
	var p *string
	if s != "" {
		p = &s
	}
	return &p
}

type accountJSON struct {
	ID                         int64    `json:"id"`
	Name                       string   `json:"name"`
	WorkflowState              string   `json:"workflow_state"`
	ParentAccountID            *int64   `json:"parent_account_id"`
	RootAccountID              *int64   `json:"root_account_id"`
	UUID                       string   `json:"uuid"`
	DefaultTimeZone            string   `json:"default_time_zone"`
	DefaultStorageQuotaMB      *int     `json:"default_storage_quota_mb,omitempty"`
	DefaultUserStorageQuotaMB  *int     `json:"default_user_storage_quota_mb,omitempty"`
	DefaultGroupStorageQuotaMB *int     `json:"default_group_storage_quota_mb,omitempty"`
	SISAccountID               nullable `json:"sis_account_id,omitempty"`
	SISImportID                nullable `json:"sis_import_id,omitempty"`
	IntegrationID              nullable `json:"integration_id,omitempty"`
}

func (q *call) accountJSON(a university.Account) accountJSON {
	out := accountJSON{
		ID: a.ID, Name: a.Name, WorkflowState: "active", UUID: uuidOf(a.ID), DefaultTimeZone: "America/Detroit",
	}
	if a.ParentID != 0 {
		root := int64(university.RootAccountID)
		out.ParentAccountID, out.RootAccountID = &a.ParentID, &root
	}
	if q.rights.ReadOnly {
		return out
	}
	quota := 500
	out.DefaultStorageQuotaMB, out.DefaultUserStorageQuotaMB, out.DefaultGroupStorageQuotaMB = &quota, &quota, &quota
	if a.ParentID != 0 && !q.rights.NoSIS {
		out.SISAccountID, out.SISImportID, out.IntegrationID = present(a.SISID), present(""), present("")
	}
	return out
}

func uuidOf(id int64) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	x := scramble(uint64(id))
	out := make([]byte, 40)
	for i := range out {
		out[i] = letters[x%62]
		x = scramble(x)
	}
	return string(out)
}

// findAccount returns the account in the path; "self" is the root.
func (q *call) findAccount() (university.Account, bool) {
	if q.PathValue("account") == "self" {
		return q.day.University().Account(university.RootAccountID)
	}
	return q.day.University().Account(q.id("account"))
}

func (c *Campus) account(q *call) *reply {
	a, found := q.findAccount()
	if !found {
		return notFound()
	}
	return ok(q.accountJSON(a))
}

func (c *Campus) subAccounts(q *call) *reply {
	top, found := q.findAccount()
	if !found {
		return notFound()
	}
	recursive := truthy(q.query.Get("recursive"))
	below := map[int64]bool{top.ID: true}
	list := []accountJSON{}
	for _, a := range q.day.University().Accounts() {
		if a.ID == top.ID || !below[a.ParentID] {
			continue
		}
		if recursive {
			below[a.ID] = true
		}
		list = append(list, q.accountJSON(a))
	}
	return ordinalReply(q, list, len(list))
}

type termJSON struct {
	ID                   int64    `json:"id"`
	Name                 string   `json:"name"`
	StartAt              *string  `json:"start_at"`
	EndAt                *string  `json:"end_at"`
	CreatedAt            string   `json:"created_at"`
	WorkflowState        string   `json:"workflow_state"`
	GradingPeriodGroupID *int64   `json:"grading_period_group_id"`
	SISTermID            nullable `json:"sis_term_id,omitempty"`
}

func (q *call) termJSON(t university.Term) termJSON {
	out := termJSON{
		ID: t.ID, Name: t.Name, StartAt: stampOrNull(t.StartAt), EndAt: stampOrNull(t.EndAt), CreatedAt: stamp(t.CreatedAt),
		WorkflowState: "active",
	}
	if !q.rights.NoSIS {
		out.SISTermID = present(t.SISID)
	}
	return out
}

func (c *Campus) term(q *call) *reply {
	a, found := q.findAccount()
	switch {
	case !found:
		return notFound()
	case a.ParentID != 0:
		return jsonReply(http.StatusBadRequest, map[string]any{"message": "Terms only belong to root_accounts."})
	}
	for _, t := range q.day.University().Terms() {
		if t.ID == q.id("term") {
			return ok(q.termJSON(t))
		}
	}
	return notFound()
}

func (c *Campus) termList(q *call) *reply {
	a, found := q.findAccount()
	switch {
	case !found:
		return notFound()
	case a.ParentID != 0:
		return jsonReply(http.StatusBadRequest, map[string]any{"message": "Terms only belong to root_accounts."})
	}
	var list []termJSON
	for _, t := range q.day.University().Terms() {
		list = append(list, q.termJSON(t))
	}
	rep := ordinalReply(q, list, len(list))
	rep.body = append(append([]byte(`{"enrollment_terms":`), rep.body...), '}')
	return rep
}
