package udp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// plenty is a BigQuery with one result of any size, which it makes up row by row and serves by REST and by the Storage
// Read API. It does not look at the query.
type plenty struct {
	storagepb.UnimplementedBigQueryReadServer

	rows     int
	page     int // rows of a page at most
	streams  int
	refuse   bool                                   // no session
	short    int                                    // rows that every stream lacks at its end
	damage   func(from, to int, text []byte) []byte // changes a page; nil: none
	breakOff codes.Code                             // how every stream ends after its first batch
}

const anonymous = `{"projectId":"udp-umich-prod","datasetId":"_anon","tableId":"result"}`

const resultSchema = `{"fields":[{"name":"event_id","type":"STRING"},{"name":"event_time","type":"TIMESTAMP"},{"name":"store_time","type":"TIMESTAMP"},` +
	`{"name":"ed_app","type":"STRING"},{"name":"type","type":"STRING"},{"name":"action","type":"STRING"},{"name":"course_id_text","type":"STRING"},{"name":"object_id","type":"STRING"}]}`

// cells returns row i: what is text as text, times as microseconds. The course of every tenth row is NULL.
func (p *plenty) cells(i int) (id string, at, stored int64, course, object string) {
	at = start.UnixMicro() + int64(i)*60_001
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", i), at, at + 5_000_000, strconv.Itoa(200_000 + i%3000),
		"https://aakaf.mivideo.it.umich.edu/caliper/info/media/1_" + strconv.FormatInt(int64(100_000_000+i%20_000), 36)
}

func (p *plenty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.Contains(r.URL.Path, "/queries/"):
		p.results(w, r)
	case strings.Contains(r.URL.Path, "/tables/"):
		fmt.Fprintf(w, `{"tableReference":%s,"schema":%s}`, anonymous, resultSchema)
	default:
		id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if r.Method == http.MethodPost {
			var job struct{ JobReference struct{ JobID string } }
			_ = json.NewDecoder(r.Body).Decode(&job)
			id = job.JobReference.JobID
		}
		fmt.Fprintf(w, `{"jobReference":{"projectId":"udp-umich-prod","jobId":%q,"location":"US"},"status":{"state":"DONE"},"statistics":{"totalBytesProcessed":"%d","query":{"statementType":"SELECT"}},`+
			`"configuration":{"jobType":"QUERY","query":{"query":"SELECT 1","useLegacySql":false,"destinationTable":%s}}}`, id, p.rows*1000, anonymous)
	}
}

func (p *plenty) results(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size := p.page
	if n, err := strconv.Atoi(q.Get("maxResults")); err == nil {
		size = min(size, n)
	}
	from, _ := strconv.Atoi(q.Get("pageToken"))
	to := min(from+size, p.rows)
	b := fmt.Appendf(nil, `{"jobComplete":true,"totalRows":"%d","schema":%s,"rows":[`, p.rows, resultSchema)
	for i := from; i < to; i++ {
		id, at, stored, course, object := p.cells(i)
		if i > from {
			b = append(b, ',')
		}
		course = `"` + course + `"`
		if i%10 == 0 {
			course = "null"
		}
		b = fmt.Appendf(b, `{"f":[{"v":"%s"},{"v":"%d"},{"v":"%d"},{"v":"%s"},{"v":"MediaEvent"},{"v":"Started"},{"v":%s},{"v":"%s"}]}`, id, at, stored, kaf, course, object)
	}
	b = append(b, ']')
	if to < p.rows && size > 0 {
		b = fmt.Appendf(b, `,"pageToken":"%d"`, to)
	}
	b = append(b, '}')
	if p.damage != nil && size > 0 {
		b = p.damage(from, to, b)
	}
	_, _ = w.Write(b)
}

var arrowSchema = arrow.NewSchema([]arrow.Field{
	{Name: "event_id", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "event_time", Type: arrow.FixedWidthTypes.Timestamp_us, Nullable: true},
	{Name: "store_time", Type: arrow.FixedWidthTypes.Timestamp_us, Nullable: true}, {Name: "ed_app", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "type", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "action", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "course_id_text", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "object_id", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

const endOfStream = 8 // bytes at the end of Arrow's stream format

// serialized returns the schema's message, and that of a batch after it.
func serialized(batch arrow.Record) (schema, data []byte) {
	var empty, full bytes.Buffer
	_ = ipc.NewWriter(&empty, ipc.WithSchema(arrowSchema)).Close()
	schema = empty.Bytes()[:empty.Len()-endOfStream]
	if batch == nil {
		return schema, nil
	}
	w := ipc.NewWriter(&full, ipc.WithSchema(arrowSchema))
	if err := w.Write(batch); err != nil {
		panic(err)
	}
	_ = w.Close()
	return schema, full.Bytes()[len(schema) : full.Len()-endOfStream]
}

func (p *plenty) CreateReadSession(context.Context, *storagepb.CreateReadSessionRequest) (*storagepb.ReadSession, error) {
	if p.refuse {
		return nil, status.Error(codes.PermissionDenied, "no bigquery.readsessions.create")
	}
	schema, _ := serialized(nil)
	s := &storagepb.ReadSession{
		Name: "session", DataFormat: storagepb.DataFormat_ARROW, EstimatedRowCount: int64(p.rows),
		Schema: &storagepb.ReadSession_ArrowSchema{ArrowSchema: &storagepb.ArrowSchema{SerializedSchema: schema}},
	}
	for i := range p.streams {
		s.Streams = append(s.Streams, &storagepb.ReadStream{Name: strconv.Itoa(i)})
	}
	return s, nil
}

const batchRows = 1000

func (p *plenty) ReadRows(r *storagepb.ReadRowsRequest, out storagepb.BigQueryRead_ReadRowsServer) error {
	n, err := strconv.Atoi(r.ReadStream)
	if err != nil {
		return status.Error(codes.InvalidArgument, "no such stream")
	}
	from, to := p.rows*n/p.streams+int(r.Offset), p.rows*(n+1)/p.streams-p.short
	for ; from < to; from += batchRows {
		batch := p.batch(from, min(from+batchRows, to))
		_, data := serialized(batch)
		err := out.Send(&storagepb.ReadRowsResponse{
			RowCount: batch.NumRows(), Rows: &storagepb.ReadRowsResponse_ArrowRecordBatch{ArrowRecordBatch: &storagepb.ArrowRecordBatch{SerializedRecordBatch: data}},
		})
		batch.Release()
		if err != nil {
			return err
		}
		if p.breakOff != codes.OK {
			return status.Error(p.breakOff, "the stream breaks off")
		}
	}
	return nil
}

func (p *plenty) batch(from, to int) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrowSchema)
	defer b.Release()
	text := func(column int, s string) { b.Field(column).(*array.StringBuilder).Append(s) }
	for i := from; i < to; i++ {
		id, at, stored, course, object := p.cells(i)
		text(0, id)
		b.Field(1).(*array.TimestampBuilder).Append(arrow.Timestamp(at))
		b.Field(2).(*array.TimestampBuilder).Append(arrow.Timestamp(stored))
		text(3, kaf)
		text(4, "MediaEvent")
		text(5, "Started")
		if i%10 == 0 {
			b.Field(6).AppendNull()
		} else {
			text(6, course)
		}
		text(7, object)
	}
	return b.NewRecord()
}

// listen serves the Storage Read API until stop is called.
func (p *plenty) listen() (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := grpc.NewServer()
	storagepb.RegisterBigQueryReadServer(s, p)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(l)
	}()
	return l.Addr().String(), func() { s.Stop(); <-ended }, nil
}

func (p *plenty) serveStorage(t testing.TB) (address string) {
	t.Helper()
	address, stop, err := p.listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return address
}

// event returns the row that cells make.
func (p *plenty) event(i int) Event {
	id, at, stored, course, object := p.cells(i)
	storedAt, media := time.UnixMicro(stored).UTC(), object[strings.LastIndexByte(object, '/')+1:]
	e := Event{
		EventID: id, EventTime: time.UnixMicro(at).UTC(), StoreTime: &storedAt, EdApp: kaf, Type: "MediaEvent", Action: "Started",
		CourseIDText: &course, MediaID: &media, FetchedAt: now,
	}
	if i%10 == 0 {
		e.CourseIDText = nil
	}
	return e
}
