package zoom

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForms(t *testing.T) {
	for name, test := range map[string]struct {
		page string
		want []form
	}{
		"none":       {"<p>Couldn't find valid settings</p>", nil},
		"in comment": {`<!-- <form action=x method=post><input name=a></form> -->`, nil},
		"in script":  {`<script>var s = "<form action='x'>"</script>`, nil},
		"usual": {`<form action="https://z/lti" method="POST"><input type="hidden" name="a" value="1 &amp; &quot;2&quot;" /><input type=submit name=go></form>`,
			[]form{{"https://z/lti", true, url.Values{"a": {`1 & "2"`}}, true}}},
		"order and case": {"<FORM METHOD=post\nACTION = 'https://z/lti?x=1&amp;y=2' ><INPUT VALUE=v NAME=n></FORM>",
			[]form{{"https://z/lti?x=1&y=2", true, url.Values{"n": {"v"}}, true}}},
		"get":            {`<form action="/search"><input name=q></form>`, []form{{"/search", false, url.Values{"q": {""}}, true}}},
		"torn by tables": {`<table><form action=x method=post><tr><td><input name=a value=1></table></form>`, []form{{"x", true, url.Values{"a": {"1"}}, true}}},
		"nested":         {`<form action=x method=post><form action=y><input name=a></form><input name=b></form>`, []form{{"x", true, url.Values{"a": {""}}, true}}},
		"two":            {`<form action=x></form><input name=lost><form action=y method=post><input name=b></form>`, []form{{"x", false, url.Values{}, true}, {"y", true, url.Values{"b": {""}}, true}}},
		"cut":            {`<form action=x method=post><input name=a value=1><input name=b val`, []form{{"x", true, url.Values{"a": {"1"}}, false}}},
		"not sent": {`<form action=x><input value=1><input name=a disabled><input name=b type=checkbox><input name=c type=radio checked value=1><input name=d type=image></form>`,
			[]form{{"x", false, url.Values{"c": {"1"}}, true}}},
		"twice": {`<form action=x action=y><input name=a value=1><input name=a value=2></form>`, []form{{"x", false, url.Values{"a": {"1", "2"}}, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, forms([]byte(test.page)), cmp.AllowUnexported(form{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadSession(t *testing.T) {
	good := session{"5c1d", "a-b_c="}
	for name, test := range map[string]struct {
		page string
		want session
	}{
		"one pair a line": {"{\n  ajaxHeaders: [\n {key:\"X-XSRF-TOKEN\", value:\"a-b_c=\"} ,\n],\n page:{\n scid:\"5c1d\"\n", good},
		"one line":        {`window.appConf={ajaxHeaders:[{key:"X-KL-Ajax-Request",value:"Ajax_Request"},{key:"X-XSRF-TOKEN",value:"a-b_c="}],page:{scid:"5c1d",x:"y"},ssidToken:"",k:"z"}`, good},
		"JSON":            {`{"ajaxHeaders":[{"key":"X-XSRF-TOKEN","value":"a-b_c="},{"key":"Other","value":"o"}],"page":{"scid":"5c1d"}}`, good},
		"single quotes":   {`{key:'X-XSRF-TOKEN', value:'a-b_c='} scid : '5c1d'`, good},
		"value first":     {`[{value:"o",key:"Other"},{value:"a-b_c=",key:"X-XSRF-TOKEN"}] scid:"5c1d"`, good},
		"more members":    {`{key:"X-XSRF-TOKEN", on:true, name: "n", value:"a-b_c="} scid:"5c1d"`, good},
		"a member":        {`headers: {"X-XSRF-TOKEN": "a-b_c=", "Other": "o"}, "scid": "5c1d"`, good},
		"an assignment":   {"h['X-XSRF-TOKEN'] = 'a-b_c=';\nvar scid = '5c1d'; x = {value: 'other'}", good},
		"a call":          {`x.setRequestHeader("X-XSRF-TOKEN", "a-b_c="); lti_scid="5c1d"`, good},
		"other case":      {`{key:"x-xsrf-token", value:"a-b_c="} scid:"5c1d"`, good},
		"empty one first": {`scid:"", scid:"5c1d" {key:"X-XSRF-TOKEN", value:""} {key:"X-XSRF-TOKEN", value:"a-b_c="}`, good},
		"escapes":         {`scid:"\x35c\u0031d" {key:"X-XSRF-TOKEN", value:"a\-b_c\u003d"}`, good},
		"similar names":   {`myscid:"no" scidOld:"no" data-scid:"no" scid:"5c1d" {key:"X-XSRF-TOKEN", value:"a-b_c="}`, good},
		"of another key":  {`{key:"X-XSRF-TOKEN"},{key:"Other", value:"o"} scid:"5c1d"`, session{scid: "5c1d"}},
		"no header":       {"scid:\"5c1d\" {key:\"X-XSRF-TOKEN\", value:\"a\\r\\nHost: evil\"}", session{scid: "5c1d"}},
		"a null":          {`scid:null, token: {key:"X-XSRF-TOKEN", value:null}`, session{}},
		"too long":        {`scid:"` + strings.Repeat("a", 5000) + `"`, session{}},
		"empty":           {"", session{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := readSession([]byte(test.page)); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}

// FuzzPage holds that no page breaks the readers.
func FuzzPage(f *testing.F) {
	f.Add([]byte(`<form action="https://z/lti" method=post><input name=a value="b"></form>`))
	f.Add([]byte(`{key:"X-XSRF-TOKEN", value:"a\u00"} scid:'\x'`))
	f.Fuzz(func(t *testing.T, page []byte) {
		forms(page)
		if s := readSession(page); s.token != "" && !usable(s.token) || s.scid != "" && !usable(s.scid) {
			t.Errorf("session %q", s)
		}
	})
}
