package zoom

import (
	"crypto/hmac"
	"crypto/sha1" // LTI 1.1 knows no other method
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// required lists what every launch must carry, besides being signed.
var required = []string{
	"lti_message_type", "lti_version", "resource_link_id", "context_id", "user_id", "roles",
	"custom_canvas_course_id", "oauth_consumer_key", "oauth_nonce", "oauth_timestamp", "oauth_signature",
}

// sign makes the OAuth 1.0 signature of a form that is posted to a URL.
func sign(target string, form url.Values, secret string) string {
	var pairs []string
	for name, values := range form {
		if name == "oauth_signature" {
			continue
		}
		for _, v := range values {
			pairs = append(pairs, percent(name)+"="+percent(v))
		}
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(percent(secret)+"&"))
	mac.Write([]byte("POST&" + percent(target) + "&" + percent(strings.Join(pairs, "&"))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// percent encodes all but the unreserved characters of RFC 3986.
func percent(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// check says what is wrong with a launch, or nothing.
func (s *Server) check(target string, form url.Values) string {
	for _, name := range required {
		if form.Get(name) == "" {
			return "launch without " + name
		}
	}
	at, err := strconv.ParseInt(form.Get("oauth_timestamp"), 10, 64)
	age := s.o.Now().Sub(time.Unix(at, 0))
	switch {
	case form.Get("oauth_consumer_key") != s.o.Key:
		return "unknown consumer key"
	case err != nil || age > 5*time.Minute || age < -5*time.Minute:
		return "launch has expired"
	case !hmac.Equal([]byte(sign(target, form, s.o.Secret)), []byte(form.Get("oauth_signature"))):
		return "2203 verify lti signature failed"
	}
	return ""
}
