package kaltura

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"
)

// relativeUpTo is the largest number of seconds that a time filter reads as an offset from now.
const relativeUpTo = 315_360_000

const defaultTypes = TypeClip + "," + TypeLiveStream + ",8"

// known lists the filters that the simulation understands.
var known = []string{
	"objectType", "orderBy", "idEqual", "idIn", "idNotIn", "statusEqual", "statusIn", "statusNotIn", "typeEqual", "typeIn",
	"mediaTypeEqual", "mediaTypeIn", "moderationStatusEqual", "moderationStatusIn", "moderationStatusNotIn",
	"createdAtGreaterThanOrEqual", "createdAtLessThanOrEqual", "updatedAtGreaterThanOrEqual", "updatedAtLessThanOrEqual",
	"categoriesFullNameIn",
}

// query is a filter as the server understands it after adding its defaults.
type query struct {
	tests   []func(*Entry) bool
	order   string
	shuffle maphash.Seed
}

// parseFilter reads a filter. Without a status filter only READY entries match, without
// moderation and type filters only those that viewers may see.
func parseFilter(f params, now time.Time) (*query, *failure) {
	q := &query{shuffle: maphash.MakeSeed(), order: f.text("orderBy")}
	if kind := f.text("objectType"); kind != "" && kind != "KalturaMediaEntryFilter" && kind != "KalturaBaseEntryFilter" {
		return nil, fail("OBJECT_TYPE_ABSTRACT", "The object type \""+kind+"\" is abstract, use one of the object implementations")
	}
	for name, v := range f {
		if v != nil && !slices.Contains(known, name) {
			return nil, fail("SIMULATION_UNSUPPORTED", "The simulation has no filter \""+name+"\"")
		}
	}
	switch q.order {
	case "", "+createdAt", "-createdAt", "+updatedAt", "-updatedAt":
	default:
		return nil, fail("SIMULATION_UNSUPPORTED", "The simulation has no order \""+q.order+"\"")
	}
	q.values(f, "id", func(e *Entry) string { return e.ID })
	status := q.values(f, "status", func(e *Entry) string { return e.Status })
	kind := q.values(f, "type", func(e *Entry) string { return e.Type })
	moderation := q.values(f, "moderationStatus", func(e *Entry) string { return e.Moderation })
	q.values(f, "mediaType", func(e *Entry) string { return e.MediaType })
	if !status {
		q.add(func(e *Entry) bool { return e.Status == StatusReady })
	}
	if !kind {
		q.add(oneOf(defaultTypes, func(e *Entry) string { return e.Type }))
	}
	if !moderation {
		q.add(func(e *Entry) bool { return e.Moderation != ModerationPending && e.Moderation != ModerationRejected })
	}
	q.add(func(e *Entry) bool { return !e.Recycled })
	q.times(f, "createdAt", now, func(e *Entry) time.Time { return e.CreatedAt })
	q.times(f, "updatedAt", now, func(e *Entry) time.Time { return e.UpdatedAt })
	if names := f.text("categoriesFullNameIn"); names != "" {
		list := strings.Split(names, ",")
		q.add(func(e *Entry) bool { return slices.ContainsFunc(list, e.inCategory) })
	}
	return q, nil
}

func (q *query) add(test func(*Entry) bool) { q.tests = append(q.tests, test) }

// values adds the Equal, In and NotIn filters of a member, and tells whether one limits
// the member to certain values.
func (q *query) values(f params, name string, of func(*Entry) string) (limited bool) {
	if v := f.text(name + "Equal"); v != "" {
		q.add(func(e *Entry) bool { return of(e) == v })
		limited = true
	}
	if v := f.text(name + "In"); v != "" {
		q.add(oneOf(v, of))
		limited = true
	}
	if v := f.text(name + "NotIn"); v != "" {
		in := oneOf(v, of)
		q.add(func(e *Entry) bool { return !in(e) })
		limited = true
	}
	return limited
}

func oneOf(list string, of func(*Entry) string) func(*Entry) bool {
	set := map[string]bool{}
	for v := range strings.SplitSeq(list, ",") {
		set[strings.TrimSpace(v)] = true
	}
	return func(e *Entry) bool { return set[of(e)] }
}

// times adds the limits, both inclusive, of a time.
func (q *query) times(f params, name string, now time.Time, of func(*Entry) time.Time) {
	limit := func(suffix string) (int64, bool) {
		n, ok := f.integer(name + suffix)
		if ok && n >= -relativeUpTo && n <= relativeUpTo {
			n += now.Unix()
		}
		return n, ok
	}
	if n, ok := limit("GreaterThanOrEqual"); ok {
		q.add(func(e *Entry) bool { return of(e).Unix() >= n })
	}
	if n, ok := limit("LessThanOrEqual"); ok {
		q.add(func(e *Entry) bool { return of(e).Unix() <= n })
	}
}

// run returns the matching entries in order. Ties come in another order each time.
func (q *query) run(all []Entry) []*Entry {
	type ranked struct {
		at   int64
		tie  uint64
		hold *Entry
	}
	var found []ranked
next:
	for i := range all {
		e := &all[i]
		for _, test := range q.tests {
			if !test(e) {
				continue next
			}
		}
		at := e.CreatedAt.Unix()
		if strings.HasSuffix(q.order, "updatedAt") {
			at = e.UpdatedAt.Unix()
		}
		if !strings.HasPrefix(q.order, "+") {
			at = -at
		}
		found = append(found, ranked{at, maphash.String(q.shuffle, e.ID), e})
	}
	slices.SortFunc(found, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.tie, b.tie)) })
	out := make([]*Entry, len(found))
	for i := range found {
		out[i] = found[i].hold
	}
	return out
}

// page reads a pager: sizes are clamped to 0…500 and 30 by default, the first index is 1.
func page(p params) (offset, size int) {
	size = 30
	if n, ok := p.integer("pageSize"); ok {
		size = int(min(max(n, 0), 500))
	}
	index := int64(1)
	if n, ok := p.integer("pageIndex"); ok {
		index = max(n, 1)
	}
	return int(min(index-1, 1<<31)) * size, size
}

// list answers media.list.
func (s *Server) list(p params) (any, *failure) {
	q, f := parseFilter(p.sub("filter"), s.o.Now())
	if f != nil {
		return nil, f
	}
	offset, size := page(p.sub("pager"))
	if offset >= s.o.MaxMatches {
		return nil, fail("QUERY_EXCEEDED_MAX_MATCHES_ALLOWED", "Unable to generate list. max matches value was reached")
	}
	found := q.run(s.o.Entries())
	rows := found[min(offset, len(found)):min(offset+size, len(found))]
	objects := make([]object, len(rows))
	for i, e := range rows {
		objects[i] = e.object(s.o.PartnerID)
	}
	return object{{"totalCount", len(found)}, {"objects", objects}, {"objectType", "KalturaMediaListResponse"}}, nil
}

// count answers media.count.
func (s *Server) count(p params) (any, *failure) {
	q, f := parseFilter(p.sub("filter"), s.o.Now())
	if f != nil {
		return nil, f
	}
	return strconv.Itoa(len(q.run(s.o.Entries()))), nil
}
