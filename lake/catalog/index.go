package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const (
	filesName = "files.parquet"
	sqlName   = "catalog.sql"

	// indexVersion changes with the meaning of fileRow. An index of another version is made anew.
	indexVersion    = "1"
	indexVersionKey = "catalog_version"
)

// fileRow is a file of a snapshot. A snapshot without files, and a removed one, has one row all the same.
type fileRow struct {
	Schema         string     `parquet:"schema_name,dict"`
	Table          string     `parquet:"table_name,dict"`
	Date           int32      `parquet:"dt,date"`
	Number         int64      `parquet:"number"`
	Run            string     `parquet:"run_id,dict"`
	ToolVersion    string     `parquet:"tool_version,dict"`
	FormatVersion  int64      `parquet:"format_version"`
	SimulatedClock bool       `parquet:"simulated_clock"`
	Removed        bool       `parquet:"removed"`
	Path           *string    `parquet:"path,optional"`
	Rows           int64      `parquet:"rows"`
	Bytes          int64      `parquet:"bytes"`
	SHA256         *string    `parquet:"sha256,optional"`
	SourceAsOf     *time.Time `parquet:"source_as_of,optional,timestamp(microsecond)"`
	StartedAt      time.Time  `parquet:"started_at,timestamp(microsecond)"`
	FinishedAt     time.Time  `parquet:"finished_at,timestamp(microsecond)"`
	IntervalFrom   *time.Time `parquet:"interval_from,optional,timestamp(microsecond)"`
	IntervalTo     *time.Time `parquet:"interval_to,optional,timestamp(microsecond)"`
	Key            string     `parquet:"key,dict"`     // JSON, a list of names
	Columns        string     `parquet:"columns,dict"` // JSON, as in the manifest
	Manifest       string     `parquet:"manifest"`
	ManifestSHA256 string     `parquet:"manifest_sha256"`
	ManifestBytes  int64      `parquet:"manifest_bytes"`
}

// encode returns the index as files.parquet, the same bytes for the same entries.
func (e entries) encode() ([]byte, error) {
	var rows []fileRow
	for _, d := range slices.SortedFunc(maps.Keys(e), date.compare) {
		of, err := e[d].rows()
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[fileRow](&out, parquet.Compression(&zstd.Codec{}), parquet.KeyValueMetadata(indexVersionKey, indexVersion))
	if _, err := w.Write(rows); err != nil {
		return nil, fmt.Errorf("encode %s: %w", filesName, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", filesName, err)
	}
	return out.Bytes(), nil
}

func (e entry) rows() ([]fileRow, error) {
	key, err := json.Marshal(e.Key)
	if err != nil {
		return nil, err
	}
	columns, err := json.Marshal(e.Columns)
	if err != nil {
		return nil, err
	}
	row := fileRow{
		Schema: e.Table.Schema(), Table: e.Table.Name(), Date: int32(e.Date.Time().Unix() / 86400), Number: int64(e.Number), Run: string(e.Run),
		ToolVersion: e.ToolVersion, FormatVersion: int64(e.FormatVersion), SimulatedClock: e.SimulatedClock, Removed: e.Removed,
		SourceAsOf: optional(e.SourceAsOf), StartedAt: e.StartedAt, FinishedAt: e.FinishedAt,
		Key: string(key), Columns: string(columns), Manifest: e.Path, ManifestSHA256: e.Snapshot.SHA256, ManifestBytes: e.size,
	}
	if i := e.Interval; i != nil {
		row.IntervalFrom, row.IntervalTo = &i.From, &i.To
	}
	if len(e.Files) == 0 {
		return []fileRow{row}, nil
	}
	rows := make([]fileRow, len(e.Files))
	for i, f := range e.Files {
		rows[i] = row
		rows[i].Path, rows[i].Rows, rows[i].Bytes, rows[i].SHA256 = &f.Path, f.Rows, f.Bytes, &f.SHA256
	}
	return rows, nil
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

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
	defer r.Close()
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

// texts are the few texts of keys and columns that many rows share, decoded.
type texts map[[2]string]lake.Manifest

func (t texts) decode(row fileRow) (m lake.Manifest, err error) {
	m, known := t[[2]string{row.Key, row.Columns}]
	if !known {
		err = errors.Join(json.Unmarshal([]byte(row.Key), &m.Key), json.Unmarshal([]byte(row.Columns), &m.Columns))
		t[[2]string{row.Key, row.Columns}] = m
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
