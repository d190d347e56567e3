package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/fsouza/fake-gcs-server/fakestorage"
	"golang.org/x/sync/errgroup"
)

// control makes buckets for tests, which have no client that could:
//
//	POST /s3/NAME             a bucket; with a body, its policy
//	GET /s3/NAME/uploads      how many uploads in parts were neither ended nor given up
//	POST /gs/NAME             a bucket
//	POST /azblob/NAME?url=URL&account=NAME&key=KEY   a container on an Azure server that runs elsewhere; answers a
//	                          token that may do everything in it (a shared access signature)
type control struct {
	ready Ready
	gcs   *fakestorage.Server
}

func serveControl(ctx context.Context, servers *errgroup.Group, c control) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /s3/{name}", handle(c.s3))
	mux.HandleFunc("GET /s3/{name}/uploads", handle(c.uploads))
	mux.HandleFunc("POST /gs/{name}", handle(c.gs))
	mux.HandleFunc("POST /azblob/{name}", handle(azure))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	servers.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	servers.Go(func() error {
		if err := server.Serve(listener); ctx.Err() == nil {
			return err
		}
		return nil
	})
	return "http://" + listener.Addr().String(), nil
}

func handle(make func(*http.Request) (answer string, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := make(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, answer)
	}
}

func (c control) client() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &c.ready.S3, Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(c.ready.Owner.ID, c.ready.Owner.Secret, ""),
	})
}

func (c control) uploads(r *http.Request) (string, error) {
	list, err := c.client().ListMultipartUploads(r.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String(r.PathValue("name"))})
	if err != nil {
		return "", err
	}
	return strconv.Itoa(len(list.Uploads)), nil
}

func (c control) s3(r *http.Request) (string, error) {
	client := c.client()
	bucket := aws.String(r.PathValue("name"))
	if _, err := client.CreateBucket(r.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		return "", err
	}
	policy, err := io.ReadAll(r.Body)
	if err != nil || len(policy) == 0 {
		return "", err
	}
	_, err = client.PutBucketPolicy(r.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(string(policy))})
	return "", err
}

func (c control) gs(r *http.Request) (string, error) {
	c.gcs.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: r.PathValue("name")})
	return "", nil
}

func azure(r *http.Request) (string, error) {
	q := r.URL.Query()
	key, err := container.NewSharedKeyCredential(q.Get("account"), q.Get("key"))
	if err != nil {
		return "", err
	}
	client, err := container.NewClientWithSharedKeyCredential(q.Get("url")+"/"+r.PathValue("name"), key, nil)
	if err != nil {
		return "", err
	}
	if _, err := client.Create(r.Context(), nil); err != nil {
		return "", fmt.Errorf("make container: %w", err)
	}
	all := sas.ContainerPermissions{Read: true, Add: true, Create: true, Write: true, Delete: true, List: true}
	url, err := client.GetSASURL(all, time.Now().Add(24*time.Hour), nil)
	if err != nil {
		return "", err
	}
	return url[len(client.URL())+1:], nil
}
