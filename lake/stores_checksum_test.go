package lake_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// TestRefusedWrites writes to servers of S3's protocol that can be read, and refuse what Amazon's newer clients
// add to a write, or have no room.
func TestRefusedWrites(t *testing.T) {
	const parameter = "request_checksum_calculation=when_required"
	for name, c := range map[string]struct {
		status        int
		code, message string
		want          complaint
	}{
		"digest":       {400, "InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, or a valid sha256 value.", complaint{fault.Config, "InvalidArgument", parameter}},
		"header":       {501, "NotImplemented", "Header 'x-amz-checksum-crc32' with value 'AAAA' not implemented", complaint{fault.Config, "NotImplemented", "add " + parameter}},
		"encoding":     {501, "NotImplemented", "Transfer-Encoding: aws-chunked is not supported.", complaint{fault.Config, "NotImplemented", "add " + parameter}},
		"length":       {411, "MissingContentLength", "You must provide the Content-Length HTTP header.", complaint{fault.Config, "MissingContentLength", parameter}},
		"some words":   {400, "InvalidRequest", "Some words.", complaint{fault.Config, "InvalidRequest", parameter}},
		"some header":  {501, "NotImplemented", "A header you provided implies functionality that is not implemented", complaint{fault.Config, "NotImplemented", "conditional writes"}},
		"quota":        {403, "QuotaExceeded", "Some words.", complaint{fault.Unavailable, "QuotaExceeded", "make room"}},
		"no room":      {507, "XMinioStorageFull", "Some words.", complaint{fault.Unavailable, "XMinioStorageFull", "make room"}},
		"disabled key": {400, "KMS.DisabledException", "Some words.", complaint{fault.Permission, "KMS.DisabledException", "kmskeyid"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodPut:
					w.WriteHeader(c.status)
					_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", c.code, c.message)
				case r.URL.Query().Has("list-type"):
					_, _ = fmt.Fprint(w, "<ListBucketResult></ListBucketResult>")
				default:
					w.WriteHeader(http.StatusNotFound)
				}
			}))
			defer server.Close()
			url := urlOf(t, "s3", server.URL)
			c.want.check(t, used(t.Context(), open(t, url)))
			c.want.check(t, open(t, url).Probe(t.Context()))
		})
	}
}
