package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// stream is a feed as the text that LOAD DATA reads.
type stream struct {
	feed     feed
	progress func(done int64)
	buf      []byte
	unread   []byte
	asked    bool  // the server asked for rows
	err      error // ends the stream; io.EOF after the last row
}

const (
	streamBuffer  = 64 << 10
	progressEvery = 20_000 // rows
)

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	s.asked = true
	if len(s.unread) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.unread)
	s.unread = s.unread[n:]
	if n == 0 {
		return 0, s.err
	}
	return n, nil
}

func (s *stream) fill() {
	s.buf = s.buf[:0]
	for len(s.buf) < streamBuffer {
		more, err := s.feed.next()
		if err != nil {
			s.err = err
			break
		}
		if !more {
			s.err = io.EOF
			break
		}
		s.buf = s.feed.append(s.buf)
		if n := s.feed.count(); n%progressEvery == 0 {
			s.progress(n)
		}
	}
	s.unread = s.buf
}

// streams numbers the streams of this process: the driver knows them by name.
var streams atomic.Int64

// loadInto sends the feed into target by LOAD DATA LOCAL.
func (s *stream) loadInto(ctx context.Context, conn *sql.Conn, target string) (sql.Result, error) {
	name := fmt.Sprintf("course-inventory-%d", streams.Add(1))
	mysql.RegisterReaderHandler(name, func() io.Reader { return s })
	defer mysql.DeregisterReaderHandler(name)
	res, err := conn.ExecContext(ctx, fmt.Sprintf(
		`LOAD DATA LOCAL INFILE 'Reader::%s' INTO TABLE %s CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (%s)`,
		name, quote(target), list(s.feed.columns(), "")))
	if refusal := s.refusal(err); refusal != nil {
		return nil, refusal
	}
	return res, err
}

// infileRefusal is an error of LOAD DATA LOCAL for which the server did not ask for a single row.
type infileRefusal struct{ reason error }

func (e *infileRefusal) Error() string { return e.reason.Error() }
func (e *infileRefusal) Unwrap() error { return e.reason }

// refusal returns err, that of the statement, as an [infileRefusal] where the server, or a proxy before it, refused the statement as such. It
// did not where other programs or an end of the connection were in the way.
func (s *stream) refusal(err error) error {
	switch {
	case s.asked || mysqldb.RolledBack(err) || mysqldb.Ended(err):
		return nil
	case err == nil:
		return &infileRefusal{errors.New("the server did not ask for the rows")}
	case mysqldb.Number(err) == 0:
		return nil
	}
	return &infileRefusal{err}
}
