package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Checkpoint names what one extract has fetched so far: of a source, for a date, under a configuration. It is kept in segments
//
//	_checkpoints/<source>/dt=YYYY-MM-DD/<digest>/<ULID of the run>-000001.zst
//
// each of them written whole and never changed. Nobody but the same extract reads them.
type Checkpoint struct {
	Source string
	Date   Date
	Digest string // of the configuration and of whatever else the answers depend on; letters and digits
}

func (c Checkpoint) source() string { return "_checkpoints/" + c.Source + "/" }

func (c Checkpoint) dir() string {
	return c.source() + "dt=" + c.Date.String() + "/" + c.Digest + "/"
}

// segmentMagic begins every segment; the SHA-256 of what follows, in hexadecimal, and a line break come after it.
const segmentMagic = "course-inventory checkpoint 1\n"

var segmentCodec = &zstd.Codec{Level: zstd.SpeedFastest}

// segmentBlock is how many bytes are compressed as one frame: the most that this level compresses without a history, which takes 8 MB.
const segmentBlock = 64 << 10

// PutCheckpoint adds a segment: the n-th of a run, from 1.
func (l *Lake) PutCheckpoint(ctx context.Context, c Checkpoint, run RunID, n int, data []byte) error {
	var packed []byte
	for block := range slices.Chunk(data, segmentBlock) {
		frame, err := segmentCodec.Encode(nil, block)
		if err != nil {
			return fmt.Errorf("checkpoint of %s: %w", c.Source, err)
		}
		packed = append(packed, frame...)
	}
	sum := sha256.Sum256(packed)
	segment := make([]byte, 0, len(segmentMagic)+2*len(sum)+1+len(packed))
	segment = append(segment, segmentMagic...)
	segment = hex.AppendEncode(segment, sum[:])
	segment = append(append(segment, '\n'), packed...)
	return l.put(ctx, fmt.Sprintf("%s%s-%06d.zst", c.dir(), run, n), segment)
}

// segmentReaders is how many segments are read at once.
const segmentReaders = 8

// Checkpoint calls f with every segment, one at a time, in no order. A segment that cannot be read or is damaged comes as an
// error with its key. Nothing is called where there is no checkpoint.
func (l *Lake) Checkpoint(ctx context.Context, c Checkpoint, f func(data []byte, err error)) error {
	var keys []string
	err := l.list(ctx, c.dir(), func(name string, e store.Entry) {
		if !e.Dir && strings.HasSuffix(name, ".zst") {
			keys = append(keys, e.Key)
		}
	})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(segmentReaders)
	for _, key := range keys {
		g.Go(func() error {
			data, err := l.segment(ctx, key)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			mu.Lock()
			defer mu.Unlock()
			f(data, err)
			return nil
		})
	}
	return g.Wait()
}

func (l *Lake) segment(ctx context.Context, key string) ([]byte, error) {
	data, err := l.read(ctx, key)
	if err != nil {
		return nil, err
	}
	rest, ok := bytes.CutPrefix(data, []byte(segmentMagic))
	sum, packed, found := bytes.Cut(rest, []byte("\n"))
	if digest := sha256.Sum256(packed); !ok || !found || hex.EncodeToString(digest[:]) != string(sum) {
		return nil, damaged(key, errors.New("it is not whole"))
	}
	if data, err = segmentCodec.Decode(nil, packed); err != nil {
		return nil, damaged(key, err)
	}
	return data, nil
}

// DropCheckpoints removes a checkpoint, and those that its source has of earlier dates, which nobody can use any more.
func (l *Lake) DropCheckpoints(ctx context.Context, c Checkpoint) error {
	var keys []string
	err := l.store.Walk(ctx, c.source(), func(e store.Entry) {
		date, _, _ := strings.Cut(strings.TrimPrefix(e.Key, c.source()+"dt="), "/")
		d, err := ParseDate(date)
		if path.Dir(e.Key)+"/" == c.dir() || err == nil && d.Before(c.Date) {
			keys = append(keys, e.Key)
		}
	})
	if err != nil {
		return storeError(c.source(), err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(segmentReaders)
	for _, key := range keys {
		g.Go(func() error { return storeError(key, l.store.Delete(ctx, key)) })
	}
	return g.Wait()
}
