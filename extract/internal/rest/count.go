package rest

import (
	"context"
	"maps"
	"net/url"
	"strconv"
)

// Count asks how many rows a listing has: with one row a page, its last page has the number of the last row. It returns false
// where the server does not count the listing. The answer is not remembered.
func Count(ctx context.Context, c *Client, r Request) (rows int64, counted bool, err error) {
	r.Query = maps.Clone(r.Query)
	if r.Query == nil {
		r.Query = url.Values{}
	}
	r.Query.Set("per_page", "1")
	r.Objects = ""
	err = c.do(ctx, r, func(a Answer) error {
		links, err := Links(a.Header)
		if err != nil {
			return err
		}
		rows, err = strconv.ParseInt(queryOf(links["last"]).Get("page"), 10, 64)
		counted = err == nil && queryOf(links["last"]).Get("per_page") == "1"
		return nil
	})
	if status := StatusOf(err); status >= 400 && status < 500 {
		return 0, false, nil
	}
	return rows, counted && err == nil, err
}
