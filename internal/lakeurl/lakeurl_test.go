package lakeurl_test

import (
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/lakeurl"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{ // "" is right
		"file:///srv/lake":                 "",
		"file://localhost/srv/lake":        "",
		"file:///srv/the%20lake":           "",
		"file:///srv/été":                  "",
		"mem://":                           "",
		"s3://bucket?region=us-east-1":     "",
		"s3://bucket/":                     "",
		"gs://bucket?prefix=inventory/":    "",
		"azblob://container":               "",
		"":                                 "want a bucket URL",
		"/srv/lake":                        "want a bucket URL",
		"ftp://host/lake":                  "want a bucket URL",
		"file:///srv/100%":                 "want a bucket URL",
		"file:///srv/la\nke":               "want a bucket URL",
		"file://srv/lake":                  "want an absolute path",
		"file:srv/lake":                    "want an absolute path",
		"file:///srv/la?ke":                "none of the characters * ? [",
		"file:///srv/lake?":                "none of the characters * ? [",
		"file:///srv/la%3Fke":              "none of the characters * ? [",
		"file:///srv/*/lake":               "none of the characters * ? [",
		"file:///srv/lake%5B1%5D":          "none of the characters * ? [",
		"file:///srv/lake#1":               "must not hold #",
		"file:///srv/lake#":                "must not hold #",
		"file:///srv/lake%0A":              "control characters",
		"file:///srv/lake%FF":              "UTF-8",
		"s3://?region=us-east-1":           "name of the bucket is missing",
		"s3://user:hunter2@bucket":         "user or password",
		"s3://bucket/lake":                 "?prefix=",
		"gs://bucket?prefix=inventory":     "must end in a slash",
		"s3://bucket?prefix=in%3Fventory/": "none of the characters",
	} {
		_, err := lakeurl.Parse(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: a password shows: %v", text, err)
		}
	}
}
