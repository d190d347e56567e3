package campus

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Canvas' page sizes.
const (
	defaultPerPage = 10
	maxPerPage     = 100
)

// maxLinks is the size at which Canvas stops adding links to the header.
const maxLinks = 6 << 10

// perPage returns the page size that a query asks for, as Canvas bends it.
func perPage(q url.Values) int {
	n, err := strconv.Atoi(q.Get("per_page"))
	if err != nil {
		return defaultPerPage
	}
	return min(max(n, 1), maxPerPage)
}

// linker builds the Link header of a list.
type linker struct {
	url     string // of the endpoint, without query
	query   url.Values
	perPage int
}

func newLinker(endpoint string, q url.Values) linker {
	kept := url.Values{}
	for k, v := range q {
		switch k {
		case "page", "per_page", "access_token", "api_key":
		default:
			kept[k] = v
		}
	}
	return linker{endpoint, kept, perPage(q)}
}

func (l linker) page(token string) string {
	query := l.query.Encode()
	if query != "" {
		query += "&"
	}
	return l.url + "?" + query + "page=" + url.QueryEscape(token) + "&per_page=" + strconv.Itoa(l.perPage)
}

// header returns the Link header for the page tokens by relation. Relations that do not
// exist are missing; if all of them do not fit, the least important ones are left out.
func (l linker) header(pages map[string]string) string {
	size := 0
	fits := map[string]string{}
	for _, rel := range []string{"next", "last", "prev", "current", "first"} {
		token, ok := pages[rel]
		if !ok {
			continue
		}
		link := "<" + l.page(token) + `>; rel="` + rel + `"`
		if size += len(link) + 1; size > maxLinks {
			break
		}
		fits[rel] = link
	}
	var links []string
	for _, rel := range []string{"current", "next", "prev", "first", "last"} {
		if link, ok := fits[rel]; ok {
			links = append(links, link)
		}
	}
	return strings.Join(links, ",")
}

// bookmark is the opaque page token of lists that continue after a key.
func bookmark(key ...any) string {
	text, err := json.Marshal(key)
	if err != nil {
		panic(err)
	}
	return "bookmark:" + base64.RawURLEncoding.EncodeToString(text)
}

// readBookmark returns the key of a bookmark; nil for the first page, which is also what
// a bad bookmark means. ok is false if the token is no bookmark at all.
func readBookmark(token string) (key []json.Number, ok bool) {
	if token == "" || token == "first" || token == "1" {
		return nil, true
	}
	text, found := strings.CutPrefix(token, "bookmark:")
	if !found {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &key) != nil {
		return nil, true
	}
	return key, true
}
