// Bucketd serves object stores for tests: Amazon's S3 protocol as the VersityGW gateway speaks it, with checked
// signatures and conditional writes, and Google Cloud Storage's as fake-gcs-server does. It is a module of
// its own, so that the product does not depend on servers.
//
// It listens on loopback, keeps everything in one directory, and prints one line when it is ready:
//
//	bucketd {"control":"http://127.0.0.1:1", "s3":"http://127.0.0.1:2", "gs":"http://127.0.0.1:3", …}
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// Ready is what the line at the start says.
type Ready struct {
	Control string `json:"control"` // see control.go
	S3      string `json:"s3"`
	GS      string `json:"gs"`
	Owner   Key    `json:"owner"` // may do anything in S3
	Guest   Key    `json:"guest"` // may do what a bucket's policy allows
}

// Key is a credential of S3.
type Key struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

func main() {
	dir := flag.String("dir", "", "keep the objects in `DIR`")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "bucketd:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	servers, ctx := errgroup.WithContext(ctx)
	ready := Ready{Owner: Key{"owner", "owner-secret"}, Guest: Key{"guest", "guest-secret"}}
	if ready.S3, err = serveS3(ctx, servers, dir, ready.Owner, ready.Guest); err != nil {
		return err
	}
	gcs, err := serveGCS(ctx, servers)
	if err != nil {
		return err
	}
	ready.GS = gcs.URL()
	if ready.Control, err = serveControl(ctx, servers, control{ready: ready, gcs: gcs}); err != nil {
		return err
	}
	line, err := json.Marshal(ready)
	if err != nil {
		return err
	}
	fmt.Printf("bucketd %s\n", line)
	return servers.Wait()
}

// freePort returns a port of loopback on which nobody listens.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
