// Package buckettest gives tests real object stores on loopback: one server of a kind per test program, started
// by the first test that asks, and a fresh bucket per call. A server that cannot be had fails the test; it
// never skips it.
//
// The credentials are in this process's environment from the first call on, as the drivers look for them there;
// [Bucket.Env] has them for other processes.
package buckettest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// startLimit is for a busy machine that has to compile the servers first.
const startLimit = 10 * time.Minute

// Bucket is an empty bucket.
type Bucket struct {
	URL  string   // for lake.Open, in a program that imports the scheme's driver
	Env  []string // NAME=value of what the driver needs beside the URL
	Name string
	// Endpoint is the server's URL, for clients that want it apart.
	Endpoint string
}

var (
	running = map[string]*child.Process{} // by home directory
	mu      sync.Mutex                    // guards running
	buckets atomic.Int64

	bucketd = sync.OnceValues(startBucketd)
	azurite = sync.OnceValues(startAzurite)
)

// Run runs the tests and stops the servers that they started. A test program without it leaves no server behind
// either, but does not end them gently.
func Run(m interface{ Run() int }) int {
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	for home, p := range running {
		if err := errors.Join(p.Stop(syscall.SIGTERM, 10*time.Second), os.RemoveAll(home)); err != nil {
			fmt.Fprintln(os.Stderr, "stop server:", err)
			code = max(code, 1)
		}
	}
	return code
}

// S3 makes a bucket on a server that checks signatures and honours conditional writes.
func S3(tb testing.TB) Bucket {
	tb.Helper()
	d := must(bucketd())(tb)
	b := d.s3(bucketName(), d.Owner)
	d.ask(tb, http.MethodPost, "/s3/"+b.Name, "")
	return b.inEnvironment(tb)
}

// S3Guest makes a bucket on the same server in which the credentials of Env may do only the given actions, such as
// "s3:GetObject". The environment of this process stays the owner's.
func S3Guest(tb testing.TB, actions ...string) Bucket {
	tb.Helper()
	d := must(bucketd())(tb)
	b := d.s3(bucketName(), d.Guest)
	d.ask(tb, http.MethodPost, "/s3/"+b.Name, fmt.Sprintf(`{"Statement": [{"Effect": "Allow", "Principal": [%q], "Action": ["%s"], "Resource": ["arn:aws:s3:::%s", "arn:aws:s3:::%[3]s/*"]}]}`,
		d.Guest.ID, strings.Join(actions, `", "`), b.Name))
	return b
}

// GS makes a bucket on a server that speaks Google Cloud Storage's protocol.
func GS(tb testing.TB) Bucket {
	tb.Helper()
	d := must(bucketd())(tb)
	b := Bucket{Name: bucketName(), Endpoint: d.GS, Env: []string{"STORAGE_EMULATOR_HOST=" + strings.TrimPrefix(d.GS, "http://")}}
	b.URL = "gs://" + b.Name
	d.ask(tb, http.MethodPost, "/gs/"+b.Name, "")
	return b.inEnvironment(tb)
}

// Azure makes a container on Azurite, Microsoft's own emulator of Azure's blobs.
func Azure(tb testing.TB) Bucket {
	tb.Helper()
	b, _ := azure(tb)
	q := url.Values{"protocol": {"http"}, "domain": {strings.TrimPrefix(b.Endpoint, "http://")}, "localemu": {"true"}}
	b.URL += "?" + q.Encode()
	b.Env = []string{"AZURE_STORAGE_ACCOUNT=" + azureAccount, "AZURE_STORAGE_KEY=" + azureKey}
	return b.inEnvironment(tb)
}

// AzureToken makes a container for other processes, whose Env has a token (a shared access signature) instead of the account's key.
func AzureToken(tb testing.TB) Bucket {
	tb.Helper()
	b, token := azure(tb)
	b.Env = []string{
		"AZURE_STORAGE_ACCOUNT=" + azureAccount, "AZURE_STORAGE_SAS_TOKEN=" + token, "AZURE_STORAGE_PROTOCOL=http",
		"AZURE_STORAGE_DOMAIN=" + strings.TrimPrefix(b.Endpoint, "http://"), "AZURE_STORAGE_IS_LOCAL_EMULATOR=true",
	}
	return b
}

func azure(tb testing.TB) (b Bucket, token string) {
	tb.Helper()
	d, endpoint := must(bucketd())(tb), must(azurite())(tb)
	b = Bucket{Name: bucketName(), Endpoint: endpoint}
	b.URL = "azblob://" + b.Name
	q := url.Values{"url": {endpoint + "/" + azureAccount}, "account": {azureAccount}, "key": {azureKey}}
	return b, d.ask(tb, http.MethodPost, "/azblob/"+b.Name+"?"+q.Encode(), "")
}

// must fails the test if a server did not start.
func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func bucketName() string { return fmt.Sprintf("test-%d-%d", os.Getpid(), buckets.Add(1)) }

// inEnvironment is not for the length of the test only: drivers remember what they found.
func (b Bucket) inEnvironment(tb testing.TB) Bucket {
	tb.Helper()
	for _, e := range b.Env {
		name, value, _ := strings.Cut(e, "=")
		if err := os.Setenv(name, value); err != nil {
			tb.Fatal(err)
		}
	}
	return b
}

// Setenv puts the bucket's environment in place for the length of the test, for drivers that look each time, as that of S3 does.
func (b Bucket) Setenv(tb testing.TB) {
	tb.Helper()
	for _, e := range b.Env {
		name, value, _ := strings.Cut(e, "=")
		tb.Setenv(name, value)
	}
}

// With returns the bucket with another value of an environment variable.
func (b Bucket) With(name, value string) Bucket {
	b.Env = slices.DeleteFunc(slices.Clone(b.Env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
	b.Env = append(b.Env, name+"="+value)
	return b
}

// Uploads returns how many uploads in parts were begun in a bucket of S3 and neither ended nor given up.
func Uploads(tb testing.TB, b Bucket) string {
	tb.Helper()
	return must(bucketd())(tb).ask(tb, http.MethodGet, "/s3/"+b.Name+"/uploads", "")
}

// ask asks the server's control, for a bucket mostly.
func (d *daemon) ask(tb testing.TB, method, path, body string) string {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, d.Control+path, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		tb.Fatalf("%s %s: %s %s %v", method, path, response.Status, text, err)
	}
	return string(text)
}

// start runs a server until this program ends and returns the rest of the first line of its output that begins with ready.
func start(name, path string, args []string, ready string) (string, error) {
	home, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return "", err
	}
	lines := newLines(ready)
	p, err := child.Start(context.Background(), child.Spec{Home: home, Path: path, Args: args, Dir: home, Log: lines, Remove: true})
	if err != nil {
		return "", errors.Join(fmt.Errorf("start %s: %w", name, err), os.RemoveAll(home))
	}
	mu.Lock()
	running[home] = p
	mu.Unlock()
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline) && p.Alive(); {
		select {
		case rest := <-lines.found:
			return rest, nil
		case <-time.After(100 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("%s did not start:\n%s", name, child.Tail(home, 2000))
}

// cacheDir is where scripts/setup installs what tests need beside packages of the system.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "course-inventory"), err
}
