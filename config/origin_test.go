package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
)

func TestValuesTellTheirOrigin(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		full := filepath.Join(dir, name)
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return full
	}
	file := write("env.hjson", `{
		JOB_NAMES: ["MIVIDEO"]
		NUM_ASYNC_WORKERS: 3
		CANVAS: {CANVAS_TOKEN_FILE: "token", CANVAS_URL: "https://canvas.example.edu"}
		INVENTORY_DB: {host: "db", password: "hush"}
	}`)
	token := write("token", "hush\n")
	secret := write("kaltura", "hush")
	env := map[string]string{
		"LOG_LEVEL": "debug", "UDW": `{"host": "udw", "password": "hush"}`, "KALTURA_USER_SECRET_FILE": secret,
	}
	cfg, err := config.Load(config.Source{Path: file, Dir: dir, LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range cfg.Values() {
		if text, ok := v.Value.(string); ok && strings.Contains(text, "hush") {
			t.Errorf("%s shows a secret", v.Key)
		}
		got[v.Key] = v.From
	}
	want := map[string]string{
		"NUM_ASYNC_WORKERS": file, "MAX_REQ_ATTEMPTS": config.Default, "LOG_LEVEL": "environment variable LOG_LEVEL",
		"CANVAS.CANVAS_URL": file, "CANVAS.CANVAS_TOKEN": "file " + token, "CANVAS.ZOOM_URL": config.Default,
		"UDW.host": "environment variable UDW", "UDW.password": "environment variable UDW",
		"MIVIDEO.kaltura_user_secret": "environment variable KALTURA_USER_SECRET_FILE", "INVENTORY_DB.password": file,
		"LAKE.url": config.Default, "LAKE.retention.days": config.Default,
	}
	for key := range got {
		if _, asked := want[key]; !asked {
			delete(got, key)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}
