package lake_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// used asks everything of a lake that an operator's first command does, and returns the first error.
func used(ctx context.Context, l *lake.Lake) error {
	if _, err := l.Dates(ctx, lake.Raw("test", "thing")); err != nil {
		return err
	}
	_, err := commitOne(ctx, l)
	return err
}

// commitOne commits a snapshot without files.
func commitOne(ctx context.Context, l *lake.Lake) (lake.Snapshot, error) {
	d, err := lake.ParseDate("2026-03-01")
	if err != nil {
		return lake.Snapshot{}, err
	}
	return l.Commit(ctx, lake.Manifest{Table: lake.Raw("test", "thing"), Date: d, Run: "RUN", Columns: []lake.Column{{Name: "id", Type: lake.BigInt}}})
}

// complaint is what an error of a store must say.
type complaint struct {
	class      fault.Class
	text, hint string // parts of them
}

func (c complaint) check(t *testing.T, err error, secrets ...string) {
	t.Helper()
	said := fmt.Sprintf("%v (class %v, hint %q)", err, fault.ClassOf(err), fault.HintOf(err))
	if err == nil || fault.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.text) || !strings.Contains(fault.HintOf(err), c.hint) {
		t.Errorf("%s, want class %v, %q and %q", said, c.class, c.text, c.hint)
	}
	for _, secret := range append(secrets, "\n") {
		if strings.Contains(said, secret) {
			t.Errorf("%s tells %q", said, secret)
		}
	}
}

func TestRefusedByRealStores(t *testing.T) {
	s3, gs, azure := buckettest.S3(t), buckettest.GS(t), buckettest.Azure(t)
	renamed := func(b buckettest.Bucket) string { return strings.Replace(b.URL, b.Name, "no-such-bucket", 1) }
	for name, c := range map[string]struct {
		bucket  buckettest.Bucket
		url     string
		secrets []string
		want    complaint
	}{
		"s3, wrong bucket":     {s3, renamed(s3), nil, complaint{fault.Config, "s3://no-such-bucket: NoSuchBucket", `make the bucket "no-such-bucket"`}},
		"gs, wrong bucket":     {gs, renamed(gs), nil, complaint{fault.Config, "gs://no-such-bucket: notFound HTTP status 404", `make the bucket "no-such-bucket"`}},
		"azblob, wrong bucket": {azure, renamed(azure), nil, complaint{fault.Config, "azblob://no-such-bucket: ContainerNotFound", `make the container "no-such-bucket"`}},
		"s3, wrong secret": {
			s3.With("AWS_SECRET_ACCESS_KEY", "a-mistyped-secret"), s3.URL, []string{"a-mistyped-secret"},
			complaint{fault.Permission, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"},
		},
		"s3, wrong key": {
			s3.With("AWS_ACCESS_KEY_ID", "nobody"), s3.URL, nil,
			complaint{fault.Permission, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"},
		},
		"azblob, wrong account": {azure, azure.URL + "&storage_account=nobody", nil, complaint{fault.Config, "ResourceNotFound", "AZURE_STORAGE_ACCOUNT"}},
		"s3, nobody listens":    {s3, "s3://b?region=us-east-1&use_path_style=true&endpoint=http://127.0.0.1:1", nil, complaint{fault.Unavailable, "connection refused", "network"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.bucket.Setenv(t)
			c.want.check(t, used(t.Context(), open(t, c.url)), c.secrets...)
		})
	}
}

// The answers of real stores that cannot be had here.
func TestRefusedByStores(t *testing.T) {
	s3 := func(code string) string {
		return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>Some words.</Message><StringToSign>secret-string</StringToSign></Error>"
	}
	for name, c := range map[string]struct {
		scheme string
		status int
		code   string // S3's and Azure's word
		body   string
		want   complaint
	}{
		"s3, clock":       {"s3", 403, "", s3("RequestTimeTooSkewed"), complaint{fault.Permission, "RequestTimeTooSkewed", "clock"}},
		"s3, no right":    {"s3", 403, "", s3("AccessDenied"), complaint{fault.Permission, "AccessDenied Some words.", "s3:ListBucket"}},
		"s3, region":      {"s3", 301, "", s3("PermanentRedirect"), complaint{fault.Config, "PermanentRedirect", "?region="}},
		"s3, expired":     {"s3", 400, "", s3("ExpiredToken"), complaint{fault.Permission, "ExpiredToken", "AWS_ACCESS_KEY_ID"}},
		"s3, overloaded":  {"s3", 503, "", s3("SlowDown"), complaint{fault.Temporary, "SlowDown", "run the same command again"}},
		"s3, no header":   {"s3", 501, "", s3("NotImplemented"), complaint{fault.Config, "NotImplemented", "conditional writes"}},
		"gs, no right":    {"gs", 403, "", `{"error": {"code": 403, "message": "no storage.objects.list", "errors": [{"reason": "forbidden"}]}}`, complaint{fault.Permission, "no storage.objects.list", "Storage Object User"}},
		"gs, wrong key":   {"gs", 401, "", `{"error": {"code": 401, "message": "Invalid Credentials", "errors": [{"reason": "authError"}]}}`, complaint{fault.Permission, "Invalid Credentials", "GOOGLE_APPLICATION_CREDENTIALS"}},
		"azblob, clock":   {"azblob", 403, "AuthenticationFailed", "<Error><Code>AuthenticationFailed</Code><Message>The request date header is too old.\nRequestId:1</Message><AuthenticationErrorDetail>secret-string</AuthenticationErrorDetail></Error>", complaint{fault.Permission, "AuthenticationFailed", "clock"}},
		"azblob, secret":  {"azblob", 403, "AuthenticationFailed", "<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>secret-string</AuthenticationErrorDetail></Error>", complaint{fault.Permission, "AuthenticationFailed Server failed", "AZURE_STORAGE_KEY"}},
		"azblob, no role": {"azblob", 403, "AuthorizationPermissionMismatch", "", complaint{fault.Permission, "AuthorizationPermissionMismatch", "Storage Blob Data Contributor"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.code != "" {
					w.Header().Set("x-ms-error-code", c.code)
				}
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.body)
			}))
			defer server.Close()
			c.want.check(t, used(t.Context(), open(t, urlOf(t, c.scheme, server.URL))), "secret-string")
		})
	}
}

// urlOf returns the URL of a bucket on a server of this test.
func urlOf(t *testing.T, scheme, server string) string {
	t.Helper()
	switch scheme {
	case "s3":
		buckettest.S3(t).Setenv(t)
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		return "s3://bucket?" + url.Values{"endpoint": {server}, "region": {"us-east-1"}, "use_path_style": {"true"}}.Encode()
	case "gs":
		t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(server, "http://"))
		return "gs://bucket"
	default:
		buckettest.Azure(t).Setenv(t)
		return "azblob://bucket?" + url.Values{"protocol": {"http"}, "domain": {strings.TrimPrefix(server, "http://")}, "localemu": {"true"}}.Encode()
	}
}

// forgetfulS3 returns the URL of a bucket on a server that takes every object, whatever the conditions, and forgets it.
func forgetfulS3(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Query().Has("list-type"):
			_, _ = fmt.Fprint(w, "<ListBucketResult></ListBucketResult>")
		case r.Method == http.MethodHead, r.Method == http.MethodGet:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return urlOf(t, "s3", server.URL)
}

func TestWrongURL(t *testing.T) {
	for raw, want := range map[string]complaint{
		"bucket":                                  {fault.Config, `LAKE.url "bucket": want a bucket URL`, "s3://bucket"},
		"://user:hidden@host?token=hidden":        {fault.Config, "want a bucket URL", "s3://bucket"},
		"ftp://user:hidden@host/dir?token=hidden": {fault.Config, "schemes file, s3, gs, azblob, mem", "s3://bucket"},
		"s3://":                      {fault.Config, "the name of the bucket is missing", "s3://bucket"},
		"s3://bucket/folder":         {fault.Config, "LAKE.url \"s3://bucket/folder\": name a folder of a bucket by a parameter", "s3://bucket"},
		"file:///srv/la%3Fke":        {fault.Config, "none of the characters", "file:///"},
		"s3://bucket?regio=x":        {fault.Config, "regio", "docs/stores.md"},
		"s3://bucket?secret=hidden":  {fault.Config, "open lake s3://bucket: ", "docs/stores.md"},
		"azblob://bucket?sig=hidden": {fault.Config, "open lake azblob://bucket: ", "docs/stores.md"},
	} {
		t.Run(raw, func(t *testing.T) {
			buckettest.Azure(t)
			_, err := lake.Open(t.Context(), raw)
			want.check(t, err, "hidden")
		})
	}
}

// A lake's own URL goes into logs and records.
func TestURLTellsNoCredential(t *testing.T) {
	buckettest.S3(t)
	l := open(t, "s3://bucket?region=us-east-1&profile=&endpoint="+url.QueryEscape("http://user:hidden@127.0.0.1:1/?token=hidden"))
	if got, want := l.URL(), "s3://bucket?endpoint=http%3A%2F%2F127.0.0.1%3A1%2F&region=us-east-1"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestObjectURL(t *testing.T) {
	buckettest.S3(t)
	dir := filepath.ToSlash(t.TempDir())
	for raw, want := range map[string]string{
		"file://" + dir + "/a lake": "file://" + dir + "/a%20lake/_reports/latest.html",
		"s3://bucket?region=us-east-1&prefix=of/us/&endpoint=http://127.0.0.1:1/": "s3://bucket/of/us/_reports/latest.html",
		"s3://bucket?region=us-east-1":                                            "s3://bucket/_reports/latest.html",
	} {
		if got := open(t, raw).ObjectURL("_reports/latest.html"); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
