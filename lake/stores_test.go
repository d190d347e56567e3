package lake_test

import (
	"testing"

	_ "gocloud.dev/blob/azureblob"
	_ "gocloud.dev/blob/gcsblob"
	_ "gocloud.dev/blob/s3blob"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/laketest"
)

func TestS3(t *testing.T) {
	laketest.Run(t, func(t *testing.T) *lake.Lake { return open(t, buckettest.S3(t).URL) })
}

func TestGS(t *testing.T) {
	laketest.Run(t, func(t *testing.T) *lake.Lake { return open(t, buckettest.GS(t).URL) })
}

func TestAzure(t *testing.T) {
	laketest.Run(t, func(t *testing.T) *lake.Lake { return open(t, buckettest.Azure(t).URL) })
}
