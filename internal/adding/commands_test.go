package adding

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// run runs a command in a directory of the tree and returns its output.
func (tr *tree) run(dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(tr.t.Context(), args[0], args[1:]...)
	cmd.Dir = filepath.Join(tr.dir, dir)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// build runs the go command in the repository as the guide changes it; what it makes goes to bin.
func (tr *tree) build(verb []string, packages ...string) {
	tr.t.Helper()
	overlay, err := json.Marshal(map[string]any{"Replace": tr.overlay})
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.write("overlay.json", string(overlay))
	bin := filepath.Join(tr.dir, "bin") + string(filepath.Separator)
	if err := os.MkdirAll(bin, 0o700); err != nil {
		tr.t.Fatal(err)
	}
	// Without symbols it links in a fraction of the time.
	args := slices.Concat(verb, mode, []string{"-overlay", filepath.Join(tr.dir, "overlay.json"), "-ldflags=-s -w", "-o", bin}, packages)
	cmd := exec.CommandContext(tr.t.Context(), "go", args...)
	cmd.Dir = tr.repo
	if out, err := cmd.CombinedOutput(); err != nil {
		tr.t.Fatalf("go %s: %v\n%s", strings.Join(verb, " "), err, out)
	}
}

// test runs a `go test` of the guide with a test program that build has made. It runs beside the tree's copy of its package.
func (tr *tree) test(words []string) {
	tr.t.Helper()
	var args []string
	dir := ""
	for _, word := range words[2:] {
		switch {
		case strings.HasPrefix(word, "./"):
			dir = word
			args = append([]string{filepath.Join(tr.dir, "bin", filepath.Base(word)+".test"), "-test.count=1"}, args...)
		case strings.HasPrefix(word, "-run"):
			args = append(args, "-test"+strings.Replace(word, "-run", ".run", 1))
		default:
			args = append(args, word)
		}
	}
	if out, err := tr.run(dir, nil, args...); err != nil {
		tr.t.Fatalf("%s: %v\n%s", strings.Join(words, " "), err, out)
	}
}
