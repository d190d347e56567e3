package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// index returns what the last rebuild knew: nothing, where there is no index that this program can read.
func index(ctx context.Context, l *lake.Lake) (entries, error) {
	data, err := l.Catalog(ctx, filesName)
	if errors.Is(err, lake.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := decode(data)
	if err != nil {
		return nil, nil //nolint:nilerr // it is made anew
	}
	return known, nil
}

func decode(data []byte) (entries, error) {
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if v, _ := file.Lookup(indexVersionKey); v != indexVersion {
		return nil, fmt.Errorf("version %q, not %s", v, indexVersion)
	}
	r := parquet.NewGenericReader[fileRow](file)
	defer func() { _ = r.Close() }() // it reads from memory
	known, batch, texts := entries{}, make([]fileRow, 1000), texts{}
	for {
		clear(batch)
		n, err := r.Read(batch)
		for _, row := range batch[:n] {
			if err := known.add(row, texts); err != nil {
				return nil, err
			}
		}
		if errors.Is(err, io.EOF) {
			return known, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// texts are the few texts of lists that many rows share, decoded.
type texts map[[3]string]lake.Manifest

func (t texts) decode(row fileRow) (m lake.Manifest, err error) {
	lists := [3]string{row.Key, row.Columns, row.Together}
	m, known := t[lists]
	if !known {
		err = errors.Join(json.Unmarshal([]byte(row.Key), &m.Key), json.Unmarshal([]byte(row.Columns), &m.Columns), json.Unmarshal([]byte(row.Together), &m.Together))
		t[lists] = m
	}
	return m, err
}

// add takes a row of the index.
func (e entries) add(row fileRow, texts texts) error {
	p := lake.PlaceOf(row.Manifest)
	at := date{p.Table, p.Date}
	if p.Kind != lake.ManifestObject || int64(p.Number) != row.Number {
		return fmt.Errorf("%q is no manifest of number %d", row.Manifest, row.Number)
	}
	this, more := e[at]
	if !more {
		m, err := texts.decode(row)
		if err != nil {
			return err
		}
		m.FormatVersion, m.Table, m.Date, m.Number, m.Run, m.ToolVersion = int(row.FormatVersion), p.Table, p.Date, p.Number, lake.RunID(row.Run), row.ToolVersion
		m.SimulatedClock, m.Removed, m.StartedAt, m.FinishedAt = row.SimulatedClock, row.Removed, row.StartedAt.UTC(), row.FinishedAt.UTC()
		if row.SourceAsOf != nil {
			m.SourceAsOf = row.SourceAsOf.UTC()
		}
		if row.IntervalFrom != nil && row.IntervalTo != nil {
			m.Interval = &lake.Interval{From: row.IntervalFrom.UTC(), To: row.IntervalTo.UTC()}
		}
		this = entry{lake.Snapshot{Manifest: m, Path: row.Manifest, SHA256: row.ManifestSHA256}, row.ManifestBytes}
	}
	if row.Path != nil && row.SHA256 != nil {
		this.Files = append(this.Files, lake.File{Path: *row.Path, Rows: row.Rows, Bytes: row.Bytes, SHA256: *row.SHA256})
	}
	e[at] = this
	return nil
}
