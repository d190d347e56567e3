package kaltura

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
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
		Total   *number `json:"totalCount"`
		Objects []entry `json:"objects"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	if doc.Total == nil {
		return fmt.Errorf("totalCount: missing")
	}
	p.total, p.entries = int64(*doc.Total), doc.Objects
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
		switch {
		case e.ID == nil || *e.ID == "":
			return rest.Shapef("objects[%d].id: missing", i)
		case e.CreatedAt == nil:
			return rest.Shapef("objects[%d].createdAt: missing", i)
		case int64(*e.CreatedAt) < last:
			return rest.Shapef("objects[%d].createdAt: out of order", i)
		case f.To != 0 && int64(*e.CreatedAt) > f.To:
			return rest.Shapef("objects[%d].createdAt: after the end that was asked for", i)
		}
		last = int64(*e.CreatedAt)
	}
	return nil
}

// entry holds the members of an entry that are kept. Its owner, creator and description are not.
type entry struct {
	ID         *label  `json:"id"`
	Name       *label  `json:"name"`
	CreatedAt  *number `json:"createdAt"`
	UpdatedAt  *number `json:"updatedAt"`
	Duration   *number `json:"duration"`
	Status     *label  `json:"status"`
	MediaType  *number `json:"mediaType"`
	Type       *label  `json:"type"`
	PartnerID  *number `json:"partnerId"`
	Categories *label  `json:"categories"`
	Plays      *number `json:"plays"`
}

// number is an integer, sent as such or as text.
type number int64

// UnmarshalJSON reads 12, "12" and "12.0".
func (n *number) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		return nil
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = number(i)
		return nil
	}
	if len(text) > 40 || strings.ContainsAny(text, "eE/_xXpP") {
		return fmt.Errorf("%.30q is no integer", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return fmt.Errorf("%.30q is no integer", text)
	}
	*n = number(r.Num().Int64())
	return nil
}

func (n *number) ptr() *int64 {
	if n == nil {
		return nil
	}
	i := int64(*n)
	return &i
}

// at returns the moment of a number of seconds; the API uses 0 for none.
func (n *number) at() *time.Time {
	if n == nil || *n == 0 {
		return nil
	}
	t := time.Unix(int64(*n), 0).UTC()
	return &t
}

// label is text; the values of enumerations come as numbers or text.
type label string

// UnmarshalJSON reads text and numbers.
func (l *label) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*l = label(s)
		return nil
	}
	if bytes.ContainsAny(data, "{[") {
		return fmt.Errorf("%.30q is no text", data)
	}
	*l = label(data)
	return nil
}

func (l *label) ptr() *string {
	if l == nil {
		return nil
	}
	s := string(*l)
	return &s
}
