package kaltura

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// The API leaves null members out, and some deployments send numbers as text.

// session is the answer of session.start: a text.
type session struct {
	ks  string
	err *apiError
}

// UnmarshalJSON reads the text, or an error of the API.
func (s *session) UnmarshalJSON(data []byte) error {
	if s.err = errorIn(data); s.err != nil {
		return nil
	}
	if err := json.Unmarshal(data, &s.ks); err != nil || s.ks == "" {
		return fmt.Errorf("no session, but %d bytes of something else", len(data))
	}
	return nil
}

type filter struct {
	Type       string `json:"objectType"`
	From       int64  `json:"createdAtGreaterThanOrEqual,omitempty"` // seconds since 1970
	To         int64  `json:"createdAtLessThanOrEqual,omitempty"`
	Categories string `json:"categoriesFullNameIn,omitempty"`
	IDNotIn    string `json:"idNotIn,omitempty"`
	OrderBy    string `json:"orderBy"`
}

const (
	filterType  = "KalturaMediaEntryFilter"
	oldestFirst = "+createdAt"
)

type pager struct {
	Type      string `json:"objectType"`
	PageSize  int    `json:"pageSize"`
	PageIndex int    `json:"pageIndex"`
}

// page is the answer of media.list.
type page struct {
	total   int64 // matches, those of other pages included
	entries []entry
	err     *apiError
}

// UnmarshalJSON reads the list, or an error of the API.
func (p *page) UnmarshalJSON(data []byte) error {
	if p.err = errorIn(data); p.err != nil {
		return nil
	}
	var doc struct {
		Total   lenient.Value[int64]   `json:"totalCount"`
		Objects []lenient.Value[entry] `json:"objects"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	if why := doc.Total.Missing("totalCount"); why != "" {
		return errors.New(why)
	}
	p.total, p.entries = *doc.Total.Get(), make([]entry, len(doc.Objects))
	for i, o := range doc.Objects {
		if e := o.Get(); e != nil { // what is no object is an entry without anything
			p.entries[i] = *e
		}
	}
	return nil
}

// check holds a page against what was asked for.
func (p *page) check(f filter, size int) error {
	if p.err != nil {
		return p.err.passing()
	}
	if len(p.entries) > size {
		return rest.Shapef("objects: %d, although %d were asked for", len(p.entries), size)
	}
	if int64(len(p.entries)) > p.total || p.total > 0 && len(p.entries) == 0 {
		return rest.Shapef("objects: %d of totalCount %d", len(p.entries), p.total)
	}
	last := f.From
	for i, e := range p.entries {
		second, ok := e.second()
		switch {
		case !ok:
			continue // left out, see lacks
		case second < last:
			return rest.Shapef("objects[%d].createdAt: out of order (entry %s)", i, rest.Clean(e.id(), ""))
		case f.To != 0 && second > f.To:
			return rest.Shapef("objects[%d].createdAt: after the end that was asked for (entry %s)", i, rest.Clean(e.id(), ""))
		}
		last = second
	}
	return nil
}

// entry holds the members of an entry that are kept. Its owner, creator and description are not.
type entry struct {
	// Without these there is no row.
	ID         lenient.Value[string] `json:"id"`
	CreatedAt  lenient.Value[int64]  `json:"createdAt"`  // seconds since 1970
	Categories lenient.Value[string] `json:"categories"` // may be absent

	// These may be NULL.
	Name      lenient.Value[string] `json:"name"`
	UpdatedAt lenient.Value[int64]  `json:"updatedAt"` // seconds since 1970
	Duration  lenient.Value[int64]  `json:"duration"`
	Status    lenient.Value[string] `json:"status"`
	MediaType lenient.Value[int64]  `json:"mediaType"`
	Type      lenient.Value[string] `json:"type"`
	PartnerID lenient.Value[int64]  `json:"partnerId"`
	Plays     lenient.Value[int64]  `json:"plays"`
}

// id returns the entry's id, "" if it has none.
func (e *entry) id() string {
	if id := e.ID.Get(); id != nil {
		return *id
	}
	return ""
}

// second returns when the entry was made, and whether it says so.
func (e *entry) second() (int64, bool) {
	at := e.CreatedAt.Get()
	return orZero(at), orZero(at) != 0 && lenient.Storable(time.Unix(*at, 0)) == nil
}

// lacks says why there is no row for an entry, "" if there is one.
func (e *entry) lacks() string {
	var why []string
	if e.id() == "" {
		why = append(why, cmp.Or(e.ID.Missing("id"), "id: missing"))
	}
	if _, ok := e.second(); !ok {
		why = append(why, cmp.Or(e.CreatedAt.Missing("createdAt"), fmt.Sprintf("createdAt: %d is no time", orZero(e.CreatedAt.Get()))))
	}
	if e.Categories.Odd() != "" {
		why = append(why, e.Categories.Missing("categories"))
	}
	return strings.Join(why, ", ")
}

// row returns the row of an entry that lacks nothing.
func (e *entry) row(t *tally.Table, at time.Time, root string) Media {
	item := "entry " + rest.Clean(e.id(), "")
	second, _ := e.second()
	m := Media{
		ID: *e.ID.Get(), Name: e.Name.Or(t, "name", item), CreatedAt: time.Unix(second, 0).UTC(), Duration: e.Duration.Or(t, "duration", item),
		Status: e.Status.Or(t, "status", item), Listed: true, MediaType: e.MediaType.Or(t, "mediaType", item), EntryType: e.Type.Or(t, "type", item),
		PartnerID: e.PartnerID.Or(t, "partnerId", item), Root: root, Categories: e.Categories.Get(), Plays: e.Plays.Or(t, "plays", item), FetchedAt: at,
	}
	if seconds := orZero(e.UpdatedAt.Or(t, "updatedAt", item)); seconds != 0 { // the API uses 0 for none
		if updated := time.Unix(seconds, 0).UTC(); lenient.Storable(updated) == nil {
			m.UpdatedAt = &updated
		} else {
			t.Unread("updatedAt", item, strconv.FormatInt(seconds, 10))
		}
	}
	return m
}

// orZero returns a number, 0 if there is none.
func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
