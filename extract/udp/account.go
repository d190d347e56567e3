package udp

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// account is who asks BigQuery.
type account struct {
	tokens  oauth2.TokenSource // nil: nobody has to log in
	project string             // the account's own
	hint    string             // how to speak of it
}

const keyFileKey = "MIVIDEO.udp_service_account_json_filename"

// readAccount reads the service account's key file. No error shows what is in it. An emulator needs none.
func readAccount(ctx context.Context, v config.MIVideo) (account, error) {
	if v.UDPEndpoint != "" {
		return account{hint: "the emulator of MIVIDEO.udp_endpoint"}, nil
	}
	refuse := func(hint string, err error) (account, error) {
		return account{}, fault.New(fault.Config, hint, fmt.Errorf("service account's key file %s: %w", v.UDPServiceAccountFile, err))
	}
	if v.UDPServiceAccountFile == "" {
		return account{}, fault.New(fault.Config, "set "+keyFileKey+" to the key file of the Google service account", fmt.Errorf("%s is missing", keyFileKey))
	}
	data, err := os.ReadFile(v.UDPServiceAccountFile)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return refuse("put the file there, readable for this user, or correct "+keyFileKey+"; a relative name begins at the folder of env.hjson", err)
	}
	data = bytes.TrimPrefix(data, rest.ByteOrderMark)
	var key struct {
		Type      string `json:"type"`
		ProjectID string `json:"project_id"`
	}
	if json.Unmarshal(data, &key) != nil || key.Type != "service_account" {
		return refuse("download the key of a service account as JSON from the Google Cloud console", errors.New("it is no JSON key of a service account"))
	}
	jwt, err := google.JWTConfigFromJSON(data, bigquery.Scope)
	if err != nil || jwt.Email == "" || !isPrivateKey(jwt.PrivateKey) {
		return refuse("download the key again as JSON from the Google Cloud console", errors.New("it lacks parts of a service account's key"))
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenDeadline})
	return account{tokens: jwt.TokenSource(ctx), project: key.ProjectID, hint: "the service account of " + keyFileKey}, nil
}

const tokenDeadline = 30 * time.Second

func isPrivateKey(text []byte) bool {
	block, _ := pem.Decode(text)
	if block == nil {
		return false
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		return true
	}
	_, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	return err == nil
}
