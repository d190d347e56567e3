package udp

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/status"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

const downHint = "see whether BigQuery is up and reachable from here, then run the same command again; MAX_REQ_ATTEMPTS allows more tries"

// judge gives an error of BigQuery its class and remedy.
func (c *client) judge(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
		if !errors.Is(err, errStandstill) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		err = errStandstill
	}
	var classified *fault.Error
	var lost *gaveUp
	var token *tokenError
	var shape *rest.ShapeError
	var answer *googleapi.Error
	var failed *bigquery.Error
	named := func(class fault.Class, hint string, err error) error {
		return fault.New(class, hint, fmt.Errorf("BigQuery: %w", err))
	}
	switch {
	case errors.As(err, &classified):
		return err
	case errors.Is(err, errStandstill):
		return named(fault.Unavailable, downHint, err)
	case errors.As(err, &lost):
		if errors.As(lost.cause, &classified) {
			return named(classified.Class, classified.Hint, classified)
		}
		if errors.As(lost.cause, &token) && token.refused() {
			return named(fault.Permission, "Google does not accept the key of "+keyFileKey+": is it revoked, or this machine's clock wrong?", token)
		}
		if lost.limited {
			return named(fault.Temporary, "run the same command later, when fewer others query", fmt.Errorf("rate limit: %w", lost.cause))
		}
		if class, hint := rest.JudgeTLS(lost.cause, "BigQuery", "MIVIDEO.udp_endpoint"); class != fault.OK {
			return named(class, hint, fmt.Errorf("%w: %w", lost, lost.cause))
		}
		return named(fault.Unavailable, downHint, fmt.Errorf("%w: %w", lost, lost.cause))
	case errors.As(err, &shape):
		return named(fault.Data, "the result has another form than was asked for: has the library or the emulator changed?", err)
	case errors.As(err, &answer):
		reason := ""
		if len(answer.Errors) > 0 {
			reason = answer.Errors[0].Reason
		}
		return c.judgeReason(reason, answer.Code, answer.Message)
	case errors.As(err, &failed):
		return c.judgeReason(failed.Reason, http.StatusOK, failed.Message)
	case status.Code(err) != 0 && isStatus(err):
		return named(fault.Temporary, downHint, fmt.Errorf("Storage Read API: %s", status.Code(err)))
	default:
		return named(fault.Temporary, downHint, err)
	}
}

func isStatus(err error) bool {
	var s interface{ GRPCStatus() *status.Status }
	return errors.As(err, &s)
}

// judgeReason judges by the reason that BigQuery gives for an error, or by the status where it gives none.
func (c *client) judgeReason(reason string, code int, message string) error {
	class, hint := fault.Unavailable, downHint
	switch reason {
	case "accessDenied":
		class, hint = fault.Permission, fmt.Sprintf("ask for the right to run jobs in the project and to read %s for %s; MIVIDEO.udp_project says where queries run", c.table, c.account)
	case "notFound":
		class, hint = fault.Config, fmt.Sprintf("check MIVIDEO.udp_table (%s) and MIVIDEO.udp_project: BigQuery finds no such thing", c.table)
	case "invalid", "invalidQuery", "parseError":
		class, hint = fault.Data, fmt.Sprintf("BigQuery does not accept the query: does MIVIDEO.udp_table (%s) still have the columns of the event store?", c.table)
	case "bytesBilledLimitExceeded":
		class, hint = fault.Config, "raise MIVIDEO.udp_max_bytes_billed, or set MIVIDEO.default_last_timestamp to a later time; --dry-run tells what the query would process"
	case "quotaExceeded", "billingTierLimitExceeded", "billingNotEnabled", "resourcesExceeded":
		class, hint = fault.Config, "the project's quota or billing stops the query: run it on another day, or have the limit raised; --dry-run tells what it would process"
	case "rateLimitExceeded", "jobRateLimitExceeded", "backendError", "jobBackendError", "internalError", "jobInternalError", "stopped":
		class = fault.Temporary
	default:
		switch {
		case code == http.StatusUnauthorized, code == http.StatusForbidden:
			class, hint = fault.Permission, "BigQuery refuses "+c.account
		case code == http.StatusNotFound, code >= 300 && code < 400:
			class, hint = fault.Config, "check MIVIDEO.udp_endpoint: there is no BigQuery"
		case code >= 400 && code < 500:
			class, hint = fault.Data, "BigQuery does not accept the request: has its interface changed?"
		}
	}
	text := rest.Clean(message, "")
	if text == "" {
		text = fmt.Sprintf("status %d %s", code, http.StatusText(code))
	}
	if reason != "" {
		text += " (" + rest.Clean(reason, "") + ")"
	}
	return fault.New(class, hint, fmt.Errorf("BigQuery: %s", text))
}
