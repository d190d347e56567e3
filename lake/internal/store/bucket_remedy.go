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
	full       = words("QuotaExceeded", "QuotaExceededException", "StorageFull", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "InsufficientCapacity")
	archived   = words("InvalidObjectState", "BlobArchived", "BlobBeingRehydrated")
	badDigest  = words("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "MissingContentLength")
	locked     = words("BlobImmutableDueToPolicy", "ObjectLocked", "InvalidBucketState", "retentionPolicyNotMet", "RetentionPolicyNotMet")
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
	case full[d.code], d.status == http.StatusInsufficientStorage:
		return fault.Unavailable, "the store is full or its quota is used up: make room (course-inventory lake gc tells what can go) and run the same command again; nothing was committed"
	case archived[d.code]:
		return fault.Unavailable, "bring the object back from the archive, and end the lifecycle rule that archives objects: the lake needs all of them at once"
	case locked[d.code]:
		return fault.Permission, "take the object lock or retention policy off the bucket, or let it end: the lake deletes what it no longer needs"
	case strings.HasPrefix(d.code, "KMS."), strings.HasPrefix(d.code, "Kms"), mentions(d.text, "kms:"):
		return fault.Permission, "check the bucket's encryption key and kmskeyid in LAKE.url, and allow these credentials kms:GenerateDataKey and kms:Decrypt on it"
	case b.Checksum && v == writing && aboutChecksum(d):
		return fault.Config, useChecksumParameter
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
		hint := "use a store with conditional writes (docs/stores.md lists them): without, two runs can overwrite each other's snapshot"
		if b.Checksum && v == writing {
			hint += "; if what it refuses is Amazon's newer checksums, " + useChecksumParameter
		}
		return fault.Config, hint
	case overload[d.code], d.status == http.StatusTooManyRequests, d.status >= 500:
		return fault.Temporary, "the store is overloaded or restarts: run the same command again"
	case mentions(d.text, "get credentials", "no EC2 IMDS role", "DefaultAzureCredential", "could not find default credentials", "oauth2:", "private key"):
		return fault.Config, "set the store's credentials: " + credentials[b.Scheme]
	case mentions(d.text, "Missing Region", "missing region"):
		return fault.Config, "add the bucket's region to LAKE.url (?region=…) or set AWS_REGION"
	case b.Scheme == "s3" && errors.As(err, new(*net.DNSError)):
		return fault.Unavailable, "check this machine's network and LAKE.url: with an endpoint of your own it mostly needs use_path_style=true"
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(x509.UnknownAuthorityError)):
		return fault.Unavailable, "renew the store's certificate if it has expired or names another host; else let this machine trust the authority that signed it (SSL_CERT_FILE)"
	case mentions(d.text, "server gave HTTP response to HTTPS client"):
		return fault.Config, "write http:// in the endpoint of LAKE.url: what answers there does not encrypt"
	case mentions(d.text, "deserialization failed"):
		return fault.Config, "check the endpoint in LAKE.url: what answers there does not speak the store's protocol, a proxy or a web page perhaps"
	case unreachable(err):
		return fault.Unavailable, "check this machine's network and the store's address in LAKE.url, and run the same command again"
	case d.status >= 400 && b.Checksum && v == writing:
		return fault.Config, "the store refuses what was asked: check the parameters of LAKE.url (docs/stores.md); if they are right, " + useChecksumParameter
	case d.status >= 400:
		return fault.Config, "the store refuses what was asked: check the parameters of LAKE.url (docs/stores.md)"
	default:
		return fault.Unavailable, "check that the store is reachable and run the same command again"
	}
}

// useChecksumParameter is the remedy for a server that does not know the newer checksums of Amazon's client.
const useChecksumParameter = "add " + checksumParameter + "=when_required to the parameters of LAKE.url"

// aboutChecksum reports whether a store complains of a checksum, or of the form in which one is sent.
func aboutChecksum(d detail) bool {
	text := strings.ToLower(d.text)
	return badDigest[d.code] || d.status == http.StatusLengthRequired ||
		mentions(text, "checksum", "sha256", "crc32", "aws-chunked", "trailer", "streaming-", "content-encoding", "transfer-encoding", "x-amz-sdk")
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
