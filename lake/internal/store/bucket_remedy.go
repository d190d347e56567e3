package store

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"gocloud.dev/gcerrors"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// credentials says where each store's are, rights what they must allow.
var (
	credentials = map[string]string{
		"s3":     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile of ~/.aws, or the machine's role",
		"gs":     "GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth application-default login`, or the machine's service account",
		"azblob": "AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or the machine's identity",
	}
	rights = map[string]string{
		"s3":     "s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects",
		"gs":     "the role Storage Object User on the bucket",
		"azblob": "the role Storage Blob Data Contributor on the container, or a token with read, add, create, write, delete and list",
	}
)

// The stores' words for what an operator must tell apart.
var (
	noBucket   = words("NoSuchBucket", "InvalidBucketName", "ContainerNotFound", "ContainerBeingDeleted", "InvalidResourceName")
	badKey     = words("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation")
	wrongTime  = words("RequestTimeTooSkewed", "RequestExpired")
	noRight    = words("AccessDenied", "Forbidden", "AllAccessDisabled", "AuthorizationFailure", "AuthorizationPermissionMismatch", "AuthorizationProtocolMismatch", "AuthorizationResourceTypeMismatch", "InsufficientAccountPermissions", "PublicAccessNotPermitted")
	wrongPlace = words("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "MovedPermanently")
	overload   = words("SlowDown", "ServiceUnavailable", "InternalError", "ServerBusy", "OperationTimedOut", "RequestTimeout", "rateLimitExceeded", "backendError")
	noHeader   = words("NotImplemented", "UnsupportedHeader", "ConditionHeadersNotSupported")
)

func words(list ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range list {
		set[w] = true
	}
	return set
}

// remedy returns the class of an error and what to do.
func (b Bucket) remedy(v verb, d detail, err error) (fault.Class, string) {
	set := "check the store's credentials: " + credentials[b.Scheme]
	switch {
	case noBucket[d.code], v != reading && gcerrors.Code(err) == gcerrors.NotFound && d.status != http.StatusForbidden && !unreachable(err):
		if b.Scheme == "azblob" {
			return fault.Config, fmt.Sprintf("make the container %q, or correct LAKE.url or the account (AZURE_STORAGE_ACCOUNT)", b.Name)
		}
		return fault.Config, fmt.Sprintf("make the bucket %q, or correct LAKE.url", b.Name)
	case wrongTime[d.code]:
		return fault.Permission, "set this machine's clock, for example by NTP: the store refuses requests of another time"
	case d.code == "AuthenticationFailed" && mentions(d.text, "time frame", "date header", "expir"):
		return fault.Permission, "set this machine's clock if it is wrong; else the token AZURE_STORAGE_SAS_TOKEN has expired: make a new one"
	case badKey[d.code], d.status == http.StatusUnauthorized:
		return fault.Permission, set
	case noRight[d.code], d.status == http.StatusForbidden, gcerrors.Code(err) == gcerrors.PermissionDenied:
		return fault.Permission, "allow these credentials " + rights[b.Scheme] + "; what they are: " + credentials[b.Scheme]
	case wrongPlace[d.code]:
		return fault.Config, "add the bucket's own region to LAKE.url: ?region=…"
	case noHeader[d.code]:
		return fault.Config, "use a store with conditional writes (docs/stores.md lists them): without, two runs can overwrite each other's snapshot"
	case overload[d.code], d.status == http.StatusTooManyRequests, d.status >= 500:
		return fault.Temporary, "the store is overloaded or restarts: run the same command again"
	case mentions(d.text, "get credentials", "no EC2 IMDS role", "DefaultAzureCredential", "could not find default credentials", "oauth2:", "private key"):
		return fault.Config, "set the store's credentials: " + credentials[b.Scheme]
	case mentions(d.text, "Missing Region", "missing region"):
		return fault.Config, "add the bucket's region to LAKE.url (?region=…) or set AWS_REGION"
	case b.Scheme == "s3" && errors.As(err, new(*net.DNSError)):
		return fault.Unavailable, "check this machine's network and LAKE.url: with an endpoint of your own it mostly needs use_path_style=true"
	case unreachable(err):
		return fault.Unavailable, "check this machine's network and the store's address in LAKE.url, and run the same command again"
	default:
		return fault.Unavailable, "check that the store is reachable and run the same command again"
	}
}

func mentions(text string, any ...string) bool {
	for _, a := range any {
		if strings.Contains(text, a) {
			return true
		}
	}
	return false
}

// unreachable reports whether no connection to the store came about.
func unreachable(err error) bool {
	return errors.As(err, new(*net.OpError)) || errors.As(err, new(*net.DNSError)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(x509.UnknownAuthorityError)) || errors.Is(err, errNoAnswer)
}
