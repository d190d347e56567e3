package buckettest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// daemon is a running internal/bucketd, by what it says when it is ready.
type daemon struct {
	Control, S3, GS string
	Owner, Guest    struct{ ID, Secret string }
}

func startBucketd() (*daemon, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	root, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/tl-its-umich-edu/course-inventory")
	if err != nil {
		return nil, err
	}
	// The build cache keeps the program too, so only the first test program of all compiles.
	program, err := output(ctx, filepath.Join(root, "internal", "bucketd"), "go", "tool", "-n", "bucketd")
	if err != nil {
		return nil, err
	}
	line, err := start("bucketd", program, []string{"-dir", "."}, "bucketd ")
	if err != nil {
		return nil, err
	}
	var d daemon
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		return nil, fmt.Errorf("bucketd says %q: %w", line, err)
	}
	return &d, nil
}

func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

func (d *daemon) s3(name string, as struct{ ID, Secret string }) Bucket {
	q := url.Values{"endpoint": {d.S3}, "region": {"us-east-1"}, "use_path_style": {"true"}}
	return Bucket{
		URL: "s3://" + name + "?" + q.Encode(), Name: name, Endpoint: d.S3,
		// Whatever this machine has configured for AWS must play no part.
		Env: []string{"AWS_ACCESS_KEY_ID=" + as.ID, "AWS_SECRET_ACCESS_KEY=" + as.Secret, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"},
	}
}

// The account that Azurite serves; the key is base64, as Azure's are.
const (
	azureAccount   = "bucketd"
	azureKey       = "YnVja2V0ZCdzIGtleSBmb3IgdGVzdHM="
	azuriteVersion = "3.35.0" // as in scripts/setup
)

func startAzurite() (endpoint string, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "azurite-"+azuriteVersion, "node_modules", "azurite", "dist", "src", "blob", "main.js")
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		return "", fmt.Errorf("the Azure server for tests is not installed: run scripts/setup: %w", err)
	}
	if err := os.Setenv("AZURITE_ACCOUNTS", azureAccount+":"+azureKey); err != nil {
		return "", err
	}
	defer func() { _ = os.Unsetenv("AZURITE_ACCOUNTS") }() // it was set just now
	return start("azurite", node, []string{
		program, "--blobHost", "127.0.0.1", "--blobPort", "0",
		"--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
	}, "Azurite Blob service successfully listens on ")
}

// lines looks for the first line with a beginning.
type lines struct {
	mu    sync.Mutex
	text  []byte
	ready string
	found chan string
}

func newLines(ready string) *lines { return &lines{ready: ready, found: make(chan string, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	for {
		line, rest, whole := bytes.Cut(l.text, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.text = rest
		if text, ok := strings.CutPrefix(string(line), l.ready); ok {
			select {
			case l.found <- text:
			default:
			}
		}
	}
}
