package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"golang.org/x/sync/errgroup"
)

const health = "/healthz"

// maxCopy is the size of the largest object that one request may copy, in bytes. It is Amazon's.
const maxCopy = 5 << 30

// serveS3 serves the directory's objects until ctx ends, and returns the endpoint once it answers.
func serveS3(ctx context.Context, servers *errgroup.Group, dir string, owner, guest Key) (string, error) {
	// Attributes beside the objects, not in them: not every file system has extended attributes.
	objects, attributes, accounts := filepath.Join(dir, "objects"), filepath.Join(dir, "attributes"), filepath.Join(dir, "accounts")
	for _, d := range []string{objects, attributes, accounts} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return "", err
		}
	}
	attributeStore, err := meta.NewSideCar(attributes)
	if err != nil {
		return "", err
	}
	files, err := posix.New(objects, attributeStore, posix.PosixOpts{
		SideCarDir: attributes, CopyObjectThreshold: maxCopy, // 0 would refuse every copy
	})
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	config := &embedgw.Config{
		RootUserAccess: owner.ID, RootUserSecret: owner.Secret, IAMDir: accounts,
		IAMCacheDisable: true, // a cache that is pruned every 0 seconds never rests
		Ports:           []string{address}, MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10_000,
		Quiet: true, KeepAlive: true, HealthPath: health,
	}
	config.IAMService, err = auth.New(config.IamOpts())
	if err != nil {
		return "", err
	}
	err = config.IAMService.CreateAccount(auth.Account{Access: guest.ID, Secret: guest.Secret, Role: auth.RoleUser})
	if err != nil && !errors.Is(err, auth.ErrUserExists) {
		return "", err
	}
	servers.Go(func() error { return embedgw.RunVersityGW(ctx, files, config) })
	return "http://" + address, answers(ctx, "http://"+address+health)
}

// answers waits until a server answers.
func answers(ctx context.Context, url string) error {
	for {
		response, err := http.Get(url)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
