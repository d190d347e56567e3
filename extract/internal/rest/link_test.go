package rest

import (
	"net/http"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	for name, test := range map[string]struct {
		headers []string
		want    string
		wrong   bool
	}{
		"none":              {},
		"empty":             {headers: []string{""}},
		"canvas":            {headers: []string{`<https://c/a?page=1&per_page=10>; rel="current",<https://c/a?page=2&per_page=10>; rel="next",<https://c/a?page=1>; rel="first"`}, want: "https://c/a?page=2&per_page=10"},
		"last page":         {headers: []string{`<https://c/a?page=2>; rel="current",<https://c/a?page=1>; rel="prev"`}},
		"comma in URL":      {headers: []string{`<https://c/a?ids=1,2;3>; rel="next"`}, want: "https://c/a?ids=1,2;3"},
		"no quotes":         {headers: []string{`<https://c/a?page=2>; rel=next`}, want: "https://c/a?page=2"},
		"upper case":        {headers: []string{`<https://c/a?page=2>; REL="Next"`}, want: "https://c/a?page=2"},
		"two relations":     {headers: []string{`<https://c/a?page=2>; rel="last next"`}, want: "https://c/a?page=2"},
		"other parameters":  {headers: []string{`<https://c/a?page=2>; title="a, \"b\"; rel=next"; rel="prev", <https://c/b> ; type=x;rel="next"`}, want: "https://c/b"},
		"first rel counts":  {headers: []string{`<https://c/a>; rel="prev"; rel="next"`}},
		"two headers":       {headers: []string{`<https://c/a>; rel="prev"`, `<https://c/b>; rel="next"`}, want: "https://c/b"},
		"not next":          {headers: []string{`<https://c/a>; rel="next-archive"`}},
		"torn":              {headers: []string{`<https://c/a; rel="next"`}, wrong: true},
		"no angle brackets": {headers: []string{`https://c/a; rel="next"`}, wrong: true},
	} {
		t.Run(name, func(t *testing.T) {
			links, err := Links(http.Header{"Link": test.headers})
			if got := links["next"]; got != test.want || (err != nil) != test.wrong {
				t.Errorf("%q, %v; want %q, error %t", links, err, test.want, test.wrong)
			}
		})
	}
}

func FuzzLinks(f *testing.F) {
	f.Add(`<https://c/a?page=2>; rel="next",<https://c/a>; rel="first"`)
	f.Add(`<a>;rel=next`)
	f.Add(`<a>; x="\`)
	f.Add(`>`)
	f.Fuzz(func(t *testing.T, header string) {
		links, err := Links(http.Header{"Link": {header}})
		next := links["next"]
		if err != nil && next != "" {
			t.Errorf("link %q beside %v", next, err)
		}
		if !strings.Contains(header, "<"+next+">") && next != "" {
			t.Errorf("link %q is not in the header", next)
		}
		// A link of our own in front of anything well-formed is found.
		if err == nil {
			if links, err := Links(http.Header{"Link": {`<https://c/next>; rel="next", ` + header}}); err != nil || links["next"] != "https://c/next" {
				t.Errorf("%q, %v", links, err)
			}
		}
	})
}
