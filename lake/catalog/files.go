package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

const (
	filesName = "files.parquet"
	sqlName   = "catalog.sql"

	// indexVersion changes with the meaning of fileRow. An index of another version is made anew.
	indexVersion    = "2"
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
	Key            string     `parquet:"key,dict"`      // JSON, a list of names
	Columns        string     `parquet:"columns,dict"`  // JSON, as in the manifest
	Together       string     `parquet:"together,dict"` // JSON, a list of tables
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
	together, err := json.Marshal(e.Together)
	if err != nil {
		return nil, err
	}
	row := fileRow{
		Schema: e.Table.Schema(), Table: e.Table.Name(), Date: int32(e.Date.Time().Unix() / 86400), Number: int64(e.Number), Run: string(e.Run),
		ToolVersion: e.ToolVersion, FormatVersion: int64(e.FormatVersion), SimulatedClock: e.SimulatedClock, Removed: e.Removed,
		SourceAsOf: optional(e.SourceAsOf), StartedAt: e.StartedAt, FinishedAt: e.FinishedAt,
		Key: string(key), Columns: string(columns), Together: string(together), Manifest: e.Path, ManifestSHA256: e.Snapshot.SHA256, ManifestBytes: e.size,
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
