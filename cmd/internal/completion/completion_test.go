package completion

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
)

func programs() []run.Program {
	return []run.Program{
		{Name: "course-inventory run", Purpose: "run runs it's all: now. Really."},
		{Name: "course-inventory backfill", Purpose: "backfill fills.", Ranged: true, Flags: func(fs *flag.FlagSet) {
			fs.String("reprocess", "", "do again `WHICH`")
			fs.String("stages", "", "only `STAGES`")
		}},
		{Name: "course-inventory lake ls", Purpose: "lake ls lists.", Plain: true},
		{Name: "course-inventory lake rm", Purpose: "lake rm removes.", Args: []string{"TABLE", "DATE"}, Plain: true},
		{Name: "course-inventory completion", Purpose: "completion completes.", Args: []string{"SHELL"}, Bare: true},
	}
}

// TestBash completes lines in a real bash.
func TestBash(t *testing.T) {
	var script bytes.Buffer
	bash(&script, commands(programs()))
	file := filepath.Join(t.TempDir(), "completion.bash")
	if err := os.WriteFile(file, script.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "bash", "--norc", "-c", "source "+quote(file)+"; complete -p course-inventory").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "_course_inventory") {
		t.Fatalf("it is not registered: %s %v", out, err)
	}
	for _, test := range []struct {
		words []string // the last one is being completed
		want  string   // what must be offered
		never string
	}{
		{[]string{""}, "run backfill lake completion", "--config"},
		{[]string{"b"}, "backfill", "run"},
		{[]string{"lake", ""}, "ls rm", "backfill"},
		{[]string{"lake", "rm", ""}, "course enrollment --config", "ls"},
		{[]string{"completion", "z"}, "zsh", "bash"},
		{[]string{"completion", "--"}, "--log-level --help", "--config"},
		{[]string{"run", "--d"}, "--date --dry-run", "--from"},
		{[]string{"backfill", "--f"}, "--from", "--date"},
		{[]string{"backfill", "--reprocess", ""}, "none failed all", "--from"},
		{[]string{"backfill", "--reprocess", "=", "f"}, "failed", "none"},
		{[]string{"backfill", "--reprocess", "="}, "failed none all", "--from"},
		{[]string{"backfill", "--stages", "transform,l"}, "transform,load", "load"},
		{[]string{"backfill", "--from", "2026-03-01", "--"}, "--to --stages", "lake"},
		{[]string{"run", "--log-format", "j"}, "json", "text"},
		{[]string{"run", "--config", file[:len(file)-3]}, file, ""},
		{[]string{"nonsense", ""}, "", "run"},
	} {
		line := append([]string{"course-inventory"}, test.words...)
		quoted := make([]string, len(line))
		for i, word := range line {
			quoted[i] = quote(word)
		}
		command := fmt.Sprintf("set -u; source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _course_inventory; printf '%%s\\n' \"${COMPREPLY[@]}\"",
			quote(file), strings.Join(quoted, " "), len(line)-1)
		out, err := exec.CommandContext(t.Context(), "bash", "--norc", "-c", command).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", line, err, out)
		}
		offered := strings.Fields(string(out))
		for word := range strings.FieldsSeq(test.want) {
			if !slices.Contains(offered, word) {
				t.Errorf("%q: %q is not offered, only %q", line, word, offered)
			}
		}
		if slices.Contains(offered, test.never) {
			t.Errorf("%q: %q is offered", line, test.never)
		}
	}
}

// TestOtherShells has the shells that are there read their scripts.
func TestOtherShells(t *testing.T) {
	for shell, write := range shells() {
		var script bytes.Buffer
		write(&script, commands(programs()))
		if text := script.String(); !strings.Contains(text, "reprocess") || !strings.Contains(text, "lake") {
			t.Errorf("%s: the script lacks commands:\n%s", shell, text)
		}
		program, err := exec.LookPath(shell)
		if err != nil {
			continue // only bash is everywhere
		}
		file := filepath.Join(t.TempDir(), shell)
		if err := os.WriteFile(file, script.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), program, "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", shell, err, out)
		}
	}
}
