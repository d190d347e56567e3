package catalog

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// PlaceOf returns how DuckDB calls the place of a lake.
func PlaceOf(l *lake.Lake) (string, error) {
	if dir := l.Dir(); dir != "" {
		return pattern.Replace(dir), nil // a name that need not be a URL
	}
	return Place(l.URL())
}

// Place returns how DuckDB calls the place of a lake, given its bucket URL: without the settings in the URL's query, which DuckDB has
// in a secret of its own.
func Place(lakeURL string) (string, error) {
	u, err := url.Parse(lakeURL)
	if err != nil || u.Scheme == "" {
		return "", fault.New(fault.Usage, "give a URL such as s3://bucket/folder or file:///srv/lake", fmt.Errorf("%q is no URL of a lake", lakeURL))
	}
	folder := strings.Trim(strings.Trim(u.Path, "/")+"/"+strings.Trim(u.Query().Get("prefix"), "/"), "/")
	switch u.Scheme {
	case "file":
		return pattern.Replace(strings.TrimSuffix(u.Host+u.Path, "/")), nil
	case "azblob":
		u.Scheme = "az"
	case "s3", "gs", "az", "mem", "http", "https":
	default:
		return "", fault.New(fault.Usage, "give a URL of file, s3, gs or az", fmt.Errorf("%q has a scheme that DuckDB does not know", lakeURL))
	}
	return strings.TrimSuffix(u.Scheme+"://"+u.Host+"/"+folder, "/"), nil
}

// pattern escapes what DuckDB would take for a pattern of file names.
var pattern = strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]")
