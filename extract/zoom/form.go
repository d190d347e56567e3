package zoom

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// form is an HTML form with what a browser would send if a script submitted it.
type form struct {
	action string
	post   bool
	fields url.Values
	whole  bool // its end tag was there
}

// forms returns the forms of a page in their order.
//
// It goes by the tokens, not by the tree: an input belongs to the form that was opened last, as in browsers, also
// where a table or another mishap tears the two apart in the tree.
func forms(page []byte) []form {
	var all []form
	inside := false
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return all // the end: the page is in memory
		case html.EndTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == atom.Form {
				if inside {
					all[len(all)-1].whole = true
				}
				inside = false
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch tag := atom.Lookup(name); {
			case tag == atom.Form && !inside:
				a := attributes(z)
				all = append(all, form{action: strings.TrimSpace(a["action"]), post: strings.EqualFold(a["method"], "post"), fields: url.Values{}})
				inside = true
			case tag == atom.Input && inside:
				if a := attributes(z); successful(a) {
					all[len(all)-1].fields.Add(a["name"], a["value"])
				}
			}
		}
	}
}

// notSetUp tells whether a page is the one that Canvas shows for a tool without settings, which stays as it is.
func notSetUp(page []byte) bool {
	text := strings.ReplaceAll(html.UnescapeString(string(page)), "\u2019", "'")
	return strings.Contains(text, "Couldn't find valid settings for this link")
}

// attributes reads those of the present tag. Of two with one name the first counts.
func attributes(z *html.Tokenizer) map[string]string {
	all := map[string]string{}
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, known := all[string(key)]; !known {
			all[string(key)] = string(value)
		}
	}
	return all
}

// successful tells whether a field is sent when a script submits its form: buttons are not.
func successful(a map[string]string) bool {
	_, disabled := a["disabled"]
	_, checked := a["checked"]
	switch strings.ToLower(a["type"]) {
	case "submit", "button", "image", "reset", "file":
		return false
	case "checkbox", "radio":
		return checked && !disabled && a["name"] != ""
	}
	return !disabled && a["name"] != ""
}

// launches tells whether the form is an LTI 1.1 launch, which carries its own signature.
func (f form) launches() bool { return f.post && f.fields.Has("oauth_consumer_key") }

// logsIn tells whether the form begins the login of an LTI 1.3 tool.
func (f form) logsIn() bool { return f.fields.Has("login_hint") || f.fields.Has("id_token") }
