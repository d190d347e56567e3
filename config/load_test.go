package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// TestLoad runs testdata/*.txtar: an archive holds the files of a folder, in "environment" the variables,
// and in "want" the configuration or the error that comes of them. A file called "require" names
// parts for Require, one called "needs" parts for Source.Needs.
func TestLoad(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(stories) == 0 {
		t.Fatalf("stories: %v, %v", stories, err)
	}
	for _, story := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(story), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(story)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			env, parts, needs, want := map[string]string{}, []string(nil), (func([]string) []string)(nil), -1
			for i, f := range archive.Files {
				switch f.Name {
				case "environment":
					for line := range strings.Lines(string(f.Data)) {
						k, v, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
						env[k] = v
					}
				case "require":
					parts = strings.Fields(string(f.Data))
				case "needs":
					needs = func([]string) []string { return strings.Fields(string(f.Data)) }
				case "want":
					want = i
				default:
					write(t, filepath.Join(dir, f.Name), string(f.Data))
				}
			}
			if want < 0 {
				archive.Files = append(archive.Files, txtar.File{Name: "want"})
				want = len(archive.Files) - 1
			}
			got := outcome(t, Source{Dir: dir, LookupEnv: lookup(env), Needs: needs}, parts)
			got = strings.ReplaceAll(got, dir, "$DIR")
			if strings.Contains(got, "hunter2") {
				t.Errorf("a secret shows:\n%s", got)
			}
			if *update {
				archive.Files[want].Data = []byte(got)
				if err := os.WriteFile(story, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[want].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// outcome writes down what Load, or Require after it, gives.
func outcome(t *testing.T, src Source, parts []string) string {
	cfg, err := Load(src)
	if err == nil {
		err = cfg.Require(parts...)
	}
	var b strings.Builder
	if err != nil {
		if c := fault.ClassOf(err); c != fault.Config {
			t.Errorf("class %v, want %v", c, fault.Config)
		}
		fmt.Fprintf(&b, "%v\nhint: %s\n", err, fault.HintOf(err))
		return b.String()
	}
	text, err := json.MarshalIndent(cfg, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	b.WriteByte('\n')
	for _, path := range []string{"LOG_LEVEL", "JOB_NAMES", "CANVAS.CANVAS_TOKEN", "UDW.password", "INVENTORY_DB.host"} {
		if o := cfg.Origin(path); o != "" {
			fmt.Fprintf(&b, "%s from %s\n", path, o)
		}
	}
	return b.String()
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(k string) (string, bool) { v, ok := env[k]; return v, ok }
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhereTheFileIs(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"config/secrets/env.hjson", "config/secrets/other.hjson", "here/env.hjson", "flag.hjson"} {
		write(t, filepath.Join(dir, name), `JOB_NAMES: ["MIVIDEO"]`)
	}
	for _, c := range []struct {
		path string
		env  map[string]string
		want string
	}{
		{"", nil, "config/secrets/env.hjson"},
		{"", map[string]string{"ENV_DIR": "", "ENV_FILE": ""}, "config/secrets/env.hjson"},
		{"", map[string]string{"ENV_FILE": "other.hjson"}, "config/secrets/other.hjson"},
		{"", map[string]string{"ENV_DIR": "here"}, "here/env.hjson"},
		{"", map[string]string{"ENV_FILE": dir + "/flag.hjson"}, dir + "/flag.hjson"},
		{"flag.hjson", map[string]string{"ENV_DIR": "here"}, "flag.hjson"},
	} {
		cfg, err := Load(Source{Path: c.path, Dir: dir, LookupEnv: lookup(c.env)})
		if err != nil || cfg.Path != c.want {
			t.Errorf("%q %v: %v, %v, want %s", c.path, c.env, cfg, err, c.want)
		}
	}
}

// TestBlank holds the template against the schema: it loads, and shows every key there is.
func TestBlank(t *testing.T) {
	text, err := os.ReadFile("env_blank.hjson")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(Source{Path: "env_blank.hjson", LookupEnv: lookup(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Warnings) > 0 {
		t.Errorf("warnings: %q", cfg.Warnings)
	}
	theSchema().root.walk(nil, func(path []string, n node) {
		if key := path[len(path)-1]; !bytes.Contains(text, []byte(`"`+key+`":`)) {
			t.Errorf("env_blank.hjson lacks %s", key)
		}
		if n["description"] == nil {
			t.Errorf("the schema does not describe %s", strings.Join(path, "."))
		}
		if name := strings.Join(path, "."); n.secret() != (secretVars[name] != "") {
			t.Errorf("%s is a secret either in the schema or in secretVars, not in both", name)
		}
	})
	// What the template shows behind # must be right too: with those lines taken in it loads as well.
	shown := strings.NewReplacer(`# "`, `"`, `#   "`, `"`, `# ]`, `]`, `# {`, `{`).Replace(string(text))
	var lines []string
	for line := range strings.Lines(shown) {
		if !strings.Contains(line, "_FILE\":") {
			lines = append(lines, line)
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "all.hjson"), strings.Join(lines, ""))
	all, err := Load(Source{Path: "all.hjson", Dir: dir, LookupEnv: lookup(nil)})
	if err != nil {
		t.Fatal(err)
	}
	all.Path, all.Lake.URL, all.MIVideo.UDPEndpoint, all.MIVideo.UDPStorageEndpoint = cfg.Path, cfg.Lake.URL, "", ""
	all.redacted, cfg.redacted, all.origins, cfg.origins = nil, nil, nil, nil
	cfg.given, all.given = nil, nil
	if diff := cmp.Diff(cfg, all, cmp.AllowUnexported(Config{})); diff != "" {
		t.Errorf("a default shown in the template is not the default (-default +template)\n%s", diff)
	}
}

func TestSecretNeverShows(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "env.hjson"), `{JOB_NAMES: ["MIVIDEO"], CANVAS: {CANVAS_TOKEN: "hunter2", API_CLIENT_SECRET: "hunter2"},
		MIVIDEO: {kaltura_user_secret: "hunter2"}, UDW: {password: "hunter2"}, INVENTORY_DB: {password: "hunter2"}, LOST: "hunter2"}`)
	cfg, err := Load(Source{Path: "env.hjson", Dir: dir, LookupEnv: lookup(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Canvas.Token.Reveal() != "hunter2" || cfg.InventoryDB.Password.Reveal() != "hunter2" {
		t.Fatal("the secrets were not read")
	}
	var b bytes.Buffer
	for _, v := range []any{cfg, *cfg, cfg.Canvas, cfg.UDW, cfg.Redacted(), cfg.Canvas.Token, &cfg.Canvas.Token, []Secret{cfg.Canvas.Token}, map[string]Secret{"k": cfg.Canvas.Token}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%t"} {
			fmt.Fprintf(&b, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	}
	for _, form := range []string{"hunter2", "68756e74657232", "68756E74657232", "hun"} {
		if strings.Contains(b.String(), form) {
			t.Errorf("%q shows", form)
		}
	}
	if !strings.Contains(b.String(), stars) {
		t.Error("nothing was starred: the test has lost its object")
	}
}

func FuzzLoad(f *testing.F) {
	blank, err := os.ReadFile("env_blank.hjson")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		string(blank), "", "{", "[]", "1", "JOB_NAMES: [-]", "JOB_NAMES: [1.]", "MAX_REQ_ATTEMPTS: 1e999999999",
		`{"JOB_NAMES":["MIVIDEO"],"CANVAS":{"CANVAS_TERM_IDS":[17700000000123456,1e3]},"UDW":{"port":"1"}}`,
		"UDW: {password_FILE: {}}", "a: 1\na: 2", "LAKE: {url: 'file://x'}", "\xff",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "env.hjson")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(Source{Path: path, Dir: dir, LookupEnv: lookup(nil)})
		if err != nil {
			if fault.ClassOf(err) != fault.Config {
				t.Errorf("%v: class %v", err, fault.ClassOf(err))
			}
			return
		}
		if len(cfg.JobNames) == 0 || cfg.MaxReqAttempts < 1 || cfg.NumAsyncWorkers < 1 || cfg.UDW.Port < 1 || cfg.InventoryDB.Port > 65535 ||
			cfg.Canvas.AccountID < 1 || cfg.Lake.URL == "" || cfg.Quality.MaxDrop < 0 || cfg.Quality.MaxDrop > 1 {
			t.Errorf("accepted: %+v", cfg)
		}
	})
}
