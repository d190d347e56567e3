package main

import (
	"context"
	"fmt"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"golang.org/x/sync/errgroup"
)

// serveGCS serves objects from memory until ctx ends.
func serveGCS(ctx context.Context, servers *errgroup.Group) (*fakestorage.Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		Scheme: "http", Host: "127.0.0.1", Port: uint16(port),
		PublicHost: fmt.Sprintf("127.0.0.1:%d", port), // clients read objects by /BUCKET/KEY there
	})
	if err != nil {
		return nil, err
	}
	servers.Go(func() error {
		<-ctx.Done()
		server.Stop()
		return nil
	})
	return server, nil
}
