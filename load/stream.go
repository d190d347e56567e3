package load

import "io"

// stream is a feed as the text that LOAD DATA reads.
type stream struct {
	feed     feed
	progress func(done int64)
	buf      []byte
	unread   []byte
	err      error // ends the stream; io.EOF after the last row
}

const (
	streamBuffer  = 64 << 10
	progressEvery = 20_000 // rows
)

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
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
