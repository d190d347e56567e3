package campus

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// The credentials that Canvas and Zoom share for launches.
const (
	zoomKey    = "campus-zoom-key"
	zoomSecret = "campus-zoom-secret"
)

// toolPage is the page that opens a tool.
func (c *Campus) toolPage(day *university.Day, one launch, base string) *reply {
	page := func(body string) *reply {
		rep := textReply(http.StatusOK, "text/html", "<!DOCTYPE html>\n<html>\n<head><title>"+html.EscapeString(one.tool.Name)+
			"</title></head>\n<body>\n"+body+"\n</body>\n</html>\n")
		rep.header["set-cookie"] = []string{"_canvas_session=" + uuidOf(int64(one.course)) + "; path=/; HttpOnly"}
		return rep
	}
	target := "https://tools.example.net/" + url.PathEscape(one.tool.Name)
	if one.tool.Zoom {
		target = c.zoomURL(base)
	}
	course := day.Course(one.course)
	switch one.tool.Launch {
	case university.LaunchNoForm:
		return page(`<div class="error">Couldn't find valid settings for this link</div>`)
	case university.LaunchLogin:
		login := url.Values{
			"iss": {"https://canvas.instructure.com"}, "login_hint": {uuidOf(course.ID)}, "client_id": {"10000000000001"},
			"target_link_uri": {target + "/lti/advantage"}, "lti_message_hint": {"eyJ0eXAiOiJKV1QifQ.e30.x"},
		}
		if one.course%2 == 0 { // through the browser's address
			rep := page("<p>You are being redirected.</p>")
			rep.status = http.StatusFound
			rep.header["location"] = []string{target + loginPath + "?" + login.Encode()}
			return rep
		}
		return page(form(target+loginPath, login))
	}
	return page(form(target+"/lti/rich", launchFields(target+"/lti/rich", course, one.tool)))
}

// zoomURL returns where Zoom is for those who reach the campus under base.
func (c *Campus) zoomURL(base string) string {
	if c.opts.ZoomURL != "" {
		return c.opts.ZoomURL
	}
	return base + zoomBase
}

// launchFields are the fields of an LTI 1.1 launch, signed as OAuth 1 has it. They speak of the token's user.
func launchFields(target string, course university.Course, tool university.Tool) url.Values {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	f := url.Values{
		"lti_message_type": {"basic-lti-launch-request"}, "lti_version": {"LTI-1p0"}, "oauth_version": {"1.0"}, "oauth_signature_method": {"HMAC-SHA1"},
		"oauth_consumer_key": {zoomKey}, "oauth_callback": {"about:blank"}, "oauth_timestamp": {now}, "oauth_nonce": {now + uuidOf(course.ID+tool.ID)},
		"context_id": {uuidOf(course.ID)}, "context_label": {course.Code}, "context_title": {course.Name}, "custom_canvas_course_id": {decimal(course.ID)},
		"custom_canvas_api_domain": {"campus.example.edu"}, "resource_link_id": {uuidOf(course.ID)}, "resource_link_title": {tool.Name},
		"user_id": {"86157096483e6b3a50bfedc6bac902c0b20a824f"}, "roles": {"Instructor,urn:lti:instrole:ims/lis/Administrator"},
		"lis_person_name_full": {"Robin O'Report & Co"}, "lis_person_contact_email_primary": {"robin@campus.example.edu"},
		"launch_presentation_locale": {"en"}, "tool_consumer_info_product_family_code": {"canvas"},
	}
	f.Set("oauth_signature", signature(target, f))
	return f
}

// signature signs a form by OAuth 1 with HMAC-SHA1, without a token secret.
func signature(target string, f url.Values) string {
	var pairs []string
	for name, values := range f {
		for _, v := range values {
			if name != "oauth_signature" {
				pairs = append(pairs, percent(name)+"="+percent(v))
			}
		}
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(percent(zoomSecret)+"&"))
	_, _ = mac.Write([]byte("POST&" + percent(target) + "&" + percent(strings.Join(pairs, "&"))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// form is one that sends itself.
func form(action string, fields url.Values) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<form action="%s" class="hide" method="POST" target="_self" id="tool_form" data-message-type="tool_launch">`+"\n", html.EscapeString(action))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&b, `  <input type="hidden" name="%s" id="%s" value="%s" />`+"\n", name, name, html.EscapeString(fields.Get(name)))
	}
	b.WriteString("  <div class=\"load_tab\"><input type=\"submit\" name=\"commit\" value=\"Load in a new window\" /></div>\n</form>\n" +
		"<script>document.getElementById('tool_form').submit();</script>")
	return b.String()
}
