//go:build clients

package catalog_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob"
	_ "gocloud.dev/blob/gcsblob"
	_ "gocloud.dev/blob/s3blob"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// The checks with DuckDB's own command line and its extensions for buckets, which are not linked into the library. `make test-clients`
// runs them and says where these are.

func TestMain(m *testing.M) { os.Exit(buckettest.Run(m)) }

// shell runs DuckDB's command line with -init and a command.
func shell(t *testing.T, init, command string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Getenv("DUCKDB"), "-csv", "-init", init, "-c", command)
	cmd.Dir = t.TempDir() // relative paths would lead nowhere
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	return string(out) + stderr.String(), err
}

const course42 = "FROM curated.course_asof('2026-10-01') WHERE canvas_id = 42"

func wantCourse42(t *testing.T, init string) {
	t.Helper()
	out, err := shell(t, init, course42)
	if err != nil || !strings.Contains(out, "42,STATS 250,10,7,2026-09-30 14:00:00+00,available") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = shell(t, init, "SELECT count(DISTINCT dt), count(*) FROM curated.enrollment_all; SELECT sum(event_count) FROM curated.mivideo_media_started_hourly; SELECT count(*) FROM lake.snapshots")
	if err != nil || !strings.Contains(out, "count(DISTINCT dt),count_star()\n3,16\nsum(event_count)\n46\ncount_star()\n25\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestClientsOnDisk(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	campus(t, l)
	rebuild(t, l)
	wantCourse42(t, filepath.Join(dir, "_catalog", "catalog.sql"))
}

// TestClientsInPython reads a lake with a later DuckDB, over a connection that has not read the catalog itself.
func TestClientsInPython(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	campus(t, l)
	rebuild(t, l)
	out, err := exec.CommandContext(t.Context(), os.Getenv("PYTHON"), os.Getenv("PYTHON_SCRIPT"), filepath.Join(dir, "_catalog", "catalog.sql")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\n42 STATS 250 10 7 2026-09-30 14:00:00+00:00 available\nUTC\n") {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// TestClientsInBuckets copies a lake as it is, makes its catalog there and reads it.
func TestClientsInBuckets(t *testing.T) {
	dir := t.TempDir()
	campus(t, openLake(t, dir))
	s3 := buckettest.S3(t)
	azure := buckettest.Azure(t)
	gs := buckettest.GS(t)
	for name, c := range map[string]struct {
		bucket            buckettest.Bucket
		extension, secret string
	}{
		"s3": {s3, "httpfs", fmt.Sprintf("TYPE s3, KEY_ID '%s', SECRET '%s', REGION 'us-east-1', ENDPOINT '%s', URL_STYLE 'path', USE_SSL false",
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), strings.TrimPrefix(s3.Endpoint, "http://"))},
		"gs": {gs, "httpfs", fmt.Sprintf("TYPE gcs, KEY_ID 'any', SECRET 'any', ENDPOINT '%s', URL_STYLE 'path', USE_SSL false", strings.TrimPrefix(gs.Endpoint, "http://"))},
		"azblob": {azure, "azure", fmt.Sprintf("TYPE azure, CONNECTION_STRING 'DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s/%[1]s;'",
			os.Getenv("AZURE_STORAGE_ACCOUNT"), os.Getenv("AZURE_STORAGE_KEY"), azure.Endpoint)},
	} {
		t.Run(name, func(t *testing.T) {
			url := c.bucket.URL
			copyInto(t, dir, url)
			l, err := lake.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			rebuild(t, l)
			text, err := l.Catalog(t.Context(), "catalog.sql")
			if err != nil {
				t.Fatal(err)
			}
			init := filepath.Join(t.TempDir(), "lake.sql")
			load := fmt.Sprintf("LOAD '%s';\nCREATE SECRET lake (%s);\n", os.Getenv("DUCKDB_"+strings.ToUpper(c.extension)), c.secret)
			if err := os.WriteFile(init, append([]byte(load), text...), 0o600); err != nil {
				t.Fatal(err)
			}
			wantCourse42(t, init)
		})
	}
}

// copyInto copies the files of a directory into a bucket.
func copyInto(t *testing.T, dir, url string) {
	t.Helper()
	bucket, err := blob.OpenBucket(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	err = filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return copyFile(t.Context(), bucket, dir, name)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(ctx context.Context, bucket *blob.Bucket, dir, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	key, err := filepath.Rel(dir, name)
	if err != nil {
		return err
	}
	return bucket.WriteAll(ctx, filepath.ToSlash(key), data, nil)
}
