package campus

import (
	"strconv"
	"strings"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// ordinalReply answers with one page, by number, of rows that are at hand.
func ordinalReply[T any](q *call, rows []T, total int) *reply {
	return ordinalReplyOf(q, rows, total, func(row T) T { return row })
}

// ordinalReplyOf answers with one page, by number, of rows made from keys. A negative
// total means that nobody counted: no last page is named, and a full page is always
// followed by another, which may be empty.
//
// Between the first and the second page of a hostile server a row appears near the
// top, which moves everything down by one place.
func ordinalReplyOf[K, T any](q *call, keys []K, total int, row func(K) T) *reply {
	token := q.query.Get("page")
	number := 1
	if token != "" && token != "first" && !strings.HasPrefix(token, "bookmark:") {
		n, err := strconv.Atoi(token)
		if err != nil || n < 1 || n > 1<<31 {
			return notFound()
		}
		number = n
	}
	l := q.link()
	start := (number - 1) * l.perPage
	if q.hostile && total < 0 && number > 1 {
		start--
	}
	end := min(start+l.perPage, len(keys))
	page := []T{}
	for k := start; k < end; k++ {
		page = append(page, row(keys[k]))
	}
	links := map[string]string{"current": strconv.Itoa(number), "first": "1"}
	if number > 1 {
		links["prev"] = strconv.Itoa(number - 1)
	}
	last := max(1, (total+l.perPage-1)/l.perPage)
	switch {
	case total >= 0:
		links["last"] = strconv.Itoa(last)
		if number < last {
			links["next"] = strconv.Itoa(number + 1)
		}
	case len(page) == l.perPage, q.hostile && len(page) > 0:
		links["next"] = strconv.Itoa(number + 1)
	}
	rep := ok(page)
	rep.header["link"] = []string{l.header(links)}
	return rep
}

// bookmarkReply answers with one page of rows that continue after a key. rows must
// be sorted; after returns the index of the first row behind a key, key the key of a row.
func bookmarkReply[T any](q *call, rows []T, after func(key int64) int, key func(T) int64) (page []T, links string, valid bool) {
	token := q.query.Get("page")
	mark, valid := readBookmark(token)
	if !valid {
		return nil, "", false
	}
	start := 0
	pages := map[string]string{"current": "first", "first": "first"}
	if len(mark) > 0 {
		if n, err := mark[0].Int64(); err == nil {
			start = min(after(n), len(rows))
			pages["current"] = token
		}
	}
	l := q.link()
	end := min(start+l.perPage, len(rows))
	page = rows[start:end]
	if end < len(rows) && len(page) > 0 {
		pages["next"] = bookmark(key(page[len(page)-1]))
	}
	return page, l.header(pages), true
}
