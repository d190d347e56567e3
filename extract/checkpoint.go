package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// How often finished requests are saved: when one in saveShare is not, or after saveAfter. Where saving is slow, requests wait
// rather than leave more than one in maxUnsaved unsaved, which is what a killed run loses.
const (
	saveShare  = 250
	saveAfter  = time.Second
	maxUnsaved = 100
)

// checkpoint remembers in the lake what a run's finished requests gave, so that the same extract can go on after an
// interruption. It is a [memo.Keeper].
//
// What an earlier run has saved lies in a local file, of which only the places of records are kept in memory. With the records
// each segment holds the source's fields seen so far, which records leave out where they are not used.
type checkpoint struct {
	lake *lake.Lake
	name lake.Checkpoint
	run  lake.RunID
	book *tally.Book
	log  *slog.Logger

	old    *os.File
	places map[string]place // read-only once resumed

	mu      sync.Mutex
	saved   sync.Cond
	unsaved bytes.Buffer
	count   int // records in it
	saving  int // records on their way to the lake
	total   int // records of all runs
	due     chan struct{}
	ending  chan struct{}
	saver   sync.WaitGroup
	number  int  // of the last segment; the saver's own
	failed  bool // saving has failed before; the saver's own
}

// place is where a record lies.
type place struct {
	offset int64
	length int
}

// resume opens the checkpoint of an extract, whose tallies are in book, and starts to save. Its caller calls close.
func resume(ctx context.Context, l *lake.Lake, name lake.Checkpoint, run lake.RunID, book *tally.Book, log *slog.Logger) (*checkpoint, error) {
	c := &checkpoint{lake: l, name: name, run: run, book: book, log: log, places: map[string]place{}, due: make(chan struct{}, 1), ending: make(chan struct{})}
	c.saved.L = &c.mu
	var err error
	if c.old, err = scratch.Nameless("copy the checkpoint", "checkpoint-"); err != nil {
		return nil, err
	}
	var end int64
	err = l.Checkpoint(ctx, name, func(data []byte, err error) {
		if err == nil {
			end, err = c.copy(data, end)
		}
		if err != nil {
			log.Warn("a part of the checkpoint is not used", "error", err)
		}
	})
	if err != nil {
		_ = c.old.Close()
		return nil, err
	}
	if c.total = len(c.places); c.total > 0 {
		log.Info("going on where an earlier run was interrupted", "requests", c.total)
	}
	c.saver.Go(c.saveAll)
	return c, nil
}

// fieldsLine is the line of a segment that holds the source's fields by table.
type fieldsLine struct {
	Fields map[string][]lake.Field `json:"fields"`
}

// copy appends a segment to the local file and notes where its records are, and the fields.
func (c *checkpoint) copy(data []byte, end int64) (int64, error) {
	if _, err := c.old.WriteAt(data, end); err != nil {
		return end, fmt.Errorf("local copy of a checkpoint: %w", err)
	}
	for line := range bytes.Lines(data) {
		var r struct {
			Key string `json:"k"`
			fieldsLine
		}
		if err := json.Unmarshal(line, &r); err != nil {
			return end, fmt.Errorf("record of a checkpoint: %w", err)
		}
		if r.Key != "" {
			c.places[r.Key] = place{end, len(line)}
		}
		c.book.AddFields(r.Fields)
		end += int64(len(line))
	}
	return end, nil
}

// Recall returns a record of an earlier run.
func (c *checkpoint) Recall(key string) (r memo.Record, ok bool) {
	p, ok := c.places[key]
	if !ok {
		return r, false
	}
	line := make([]byte, p.length)
	if _, err := c.old.ReadAt(line, p.offset); err != nil || json.Unmarshal(line, &r) != nil {
		return memo.Record{}, false
	}
	return r, true
}

// Keep takes a record over, to be saved soon. It waits while too many are unsaved.
func (c *checkpoint) Keep(r memo.Record) {
	line, err := json.Marshal(r)
	if err != nil {
		return // it is asked for again
	}
	c.mu.Lock()
	c.unsaved.Write(append(line, '\n'))
	c.count++
	c.total++
	if c.count*saveShare >= c.total {
		select {
		case c.due <- struct{}{}:
		default:
		}
	}
	for c.count+c.saving > 1+c.total/maxUnsaved {
		c.saved.Wait()
	}
	c.mu.Unlock()
}

// saveAll saves until the end is near.
func (c *checkpoint) saveAll() {
	tick := time.NewTicker(saveAfter)
	defer tick.Stop()
	for {
		select {
		case <-c.ending:
			return
		case <-c.due:
		case <-tick.C:
		}
		c.save(context.Background())
	}
}

// saveTime bounds the saving of one segment.
const saveTime = 10 * time.Second

// save writes what is unsaved as a segment. A failure costs no more than that it is asked for again.
func (c *checkpoint) save(ctx context.Context) {
	c.mu.Lock()
	data := bytes.Clone(c.unsaved.Bytes())
	c.unsaved.Reset()
	c.count, c.saving = 0, c.count
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.saving = 0
		c.mu.Unlock()
		c.saved.Broadcast()
	}()
	if len(data) == 0 {
		return
	}
	// Fields are told before the record of their answer is kept, so those of all records in data are known by now.
	if fields, err := json.Marshal(fieldsLine{c.book.Fields()}); err == nil {
		data = append(append(data, fields...), '\n')
	}
	ctx, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	c.number++
	if err := c.lake.PutCheckpoint(ctx, c.name, c.run, c.number, data); err != nil && !c.failed {
		c.failed = true
		c.log.Warn("progress is not saved: after an interruption requests would be repeated", "error", err)
	}
}

// close saves the rest and ends. done says that nobody will need the checkpoint any more.
func (c *checkpoint) close(ctx context.Context, done bool) {
	close(c.ending)
	c.saver.Wait()
	_ = c.old.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	if !done {
		c.save(ctx)
		return
	}
	if err := c.lake.DropCheckpoints(ctx, c.name); err != nil {
		c.log.Warn("the checkpoint was not removed", "error", err)
	}
}
