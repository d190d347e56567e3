// Package lakeurl knows what LAKE.url may be.
package lakeurl

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Schemes are the kinds of place that a lake can be in.
func Schemes() []string { return []string{"file", "s3", "gs", "azblob", "mem"} }

// unfit are the characters of file names that mean something else to readers of the lake: they take them
// for patterns.
const unfit = "*?["

// Parse reads the URL of a lake. Of a directory, Path is its absolute path; of a bucket, Host is its name.
// An error says what to write instead, and repeats nothing of the URL.
func Parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || !slices.Contains(Schemes(), u.Scheme):
		return nil, fmt.Errorf("want a bucket URL such as file:///srv/lake or s3://bucket (schemes %s)", strings.Join(Schemes(), ", "))
	case u.User != nil:
		return nil, errors.New("a URL must not hold a user or password")
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, errors.New("a URL must not hold #, which cuts off what follows")
	case u.Scheme == "file":
		return u, directory(u)
	case u.Scheme == "mem":
		return u, nil
	case u.Host == "":
		return nil, fmt.Errorf("the name of the bucket is missing after %s://", u.Scheme)
	case strings.Trim(u.Path, "/") != "":
		return nil, fmt.Errorf("name a folder of a bucket by a parameter: %s://BUCKET?prefix=FOLDER/", u.Scheme)
	}
	if prefix := u.Query().Get("prefix"); prefix != "" && !strings.HasSuffix(prefix, "/") {
		return nil, errors.New("prefix must end in a slash")
	} else if strings.ContainsAny(prefix, unfit) {
		return nil, fmt.Errorf("prefix must hold none of the characters %s", spaced(unfit))
	}
	return u, nil
}

// directory checks the path of a lake on disk.
func directory(u *url.URL) error {
	odd := func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }
	switch {
	case u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/"):
		return errors.New("want an absolute path after file://, such as file:///srv/lake")
	case u.RawQuery != "" || u.ForceQuery || strings.ContainsAny(u.Path, unfit):
		return fmt.Errorf("the path of a lake on disk must hold none of the characters %s", spaced(unfit))
	case strings.ContainsFunc(u.Path, odd):
		return errors.New("the path of a lake on disk must be text in UTF-8 without control characters")
	}
	return nil
}

// spaced puts blanks between characters.
func spaced(text string) string { return strings.Join(strings.Split(text, ""), " ") }
