package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
)

// TestStores tells stories of lakes in buckets.
func TestStores(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/stores/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			s := &story{&world{t: t}}
			testscript.Run(t, testscript.Params{
				Files: []string{file}, Setup: s.setup, RequireExplicitExec: true, RequireUniqueNames: true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"university": s.university, "day": s.day, "truth": s.truth, "exitcode": s.exitCode, "configure": s.configure, "bucket": s.bucket,
				},
			})
		})
	}
}

// bucket STORE moves the lake to a new bucket.
func (s *story) bucket(ts *testscript.TestScript, _ bool, args []string) {
	b := map[string]func(testing.TB) buckettest.Bucket{"s3": buckettest.S3, "gs": buckettest.GS, "azblob": buckettest.Azure, "azblob-token": buckettest.AzureToken}[args[0]](s.t)
	for _, e := range b.Env {
		name, value, _ := strings.Cut(e, "=")
		ts.Setenv(name, value)
	}
	s.config["LAKE"] = map[string]any{"url": b.URL}
	s.write(ts)
}
