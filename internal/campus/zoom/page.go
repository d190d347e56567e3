package zoom

import "text/template"

// page holds what the script of the tool needs, as a JavaScript object, not as JSON: one
// pair a line.
var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en-US">
<head>
<meta charset="utf-8">
<title>Zoom</title>
<script src="/static/lti/common.js"></script>
<script>
window.appConf = {
  locale: "en-US",
  ajaxHeaders: [
    {key: "X-KL-Ajax-Request", value: "Ajax_Request"},
{{- if .WithToken}}
    {key: "{{.TokenName}}", value: "{{.Token}}"},
{{- end}}
  ],
  page: {
    name: "rich",
{{- if .WithScid}}
    scid: "{{.Scid}}",
{{- end}}
    contextType: "COURSE"
  },
  ssidToken: "",
  oauthConsumerKey: "{{.Key}}"
};
</script>
</head>
<body><div id="app" data-note='quotes "here" do not matter'></div></body>
</html>
`))

var errorPage = template.Must(template.New("error").Parse(`<!DOCTYPE html>
<html lang="en-US"><head><title>Zoom</title></head>
<body><div class="error">{{html .}}</div></body></html>
`))
