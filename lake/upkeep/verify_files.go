package upkeep

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// files checks the files of a snapshot against its manifest: by the listing and by their footers, or by all that is in them.
func (v *verifier) files(ctx context.Context, d *dateObjects, s *lake.Snapshot) error {
	sizes := map[string]int64{}
	for _, p := range d.parts {
		sizes[p.Key] = p.Bytes
	}
	sound := true
	for _, f := range s.Files {
		atomic.AddInt64(&v.out.Files, 1)
		atomic.AddInt64(&v.out.Rows, f.Rows)
		atomic.AddInt64(&v.out.Bytes, f.Bytes)
		found, err := v.file(ctx, s, f, sizes)
		if err != nil {
			return err
		}
		v.found.add(found...)
		sound = sound && len(found) == 0
	}
	if !v.options.Deep || !sound {
		return nil
	}
	select {
	case v.deep <- struct{}{}:
		defer func() { <-v.deep }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return v.content(ctx, s)
}

// file checks what a file's place, size and footer say.
func (v *verifier) file(ctx context.Context, s *lake.Snapshot, f lake.File, sizes map[string]int64) ([]Finding, error) {
	wrong := func(code, what string, args ...any) []Finding {
		return []Finding{damage(code, f.Path, s.Table, s.Date, what, args...)}
	}
	size, there := sizes[f.Path]
	place := lake.PlaceOf(f.Path)
	switch {
	case place.Kind != lake.PartObject || place.Table != s.Table || place.Date != s.Date:
		return []Finding{damage("file-place", s.Path, s.Table, s.Date, "it names the file %s, which is no part of its table and date", f.Path)}, nil
	case !there:
		return wrong("file-missing", "the file is not there; its manifest %s says it has %d rows", s.Path, f.Rows), nil
	case size != f.Bytes:
		return wrong("file-size", "the file has %d bytes, its manifest %s says %d", size, s.Path, f.Bytes), nil
	}
	footer, err := v.lake.Footer(ctx, f)
	if fault.ClassOf(err) == fault.Data {
		return wrong("file-unreadable", "the file cannot be read: %s", reason(f.Path, err)), nil
	}
	if err != nil {
		return nil, err
	}
	var found []Finding
	if footer.Rows != f.Rows {
		found = append(found, wrong("file-rows", "the file has %d rows, its manifest %s says %d", footer.Rows, s.Path, f.Rows)...)
	}
	if diff := differences(s.Columns, footer.Columns); diff != "" {
		found = append(found, wrong("file-columns", "the columns differ from those of its manifest %s: %s", s.Path, diff)...)
	}
	return found, nil
}

// differences tells how the columns of a file differ from its manifest's. That an engine calls all of them nullable is no difference.
func differences(manifest, file []lake.Column) string {
	types := map[string]string{}
	for _, c := range file {
		types[c.Name] = c.Type
	}
	var diff []string
	for _, c := range manifest {
		typ, there := types[c.Name]
		switch {
		case !there:
			diff = append(diff, fmt.Sprintf("%s is missing", c.Name))
		case typ != c.Type:
			diff = append(diff, fmt.Sprintf("%s is %s instead of %s", c.Name, typ, c.Type))
		}
		delete(types, c.Name)
	}
	for _, c := range file {
		if _, extra := types[c.Name]; extra {
			diff = append(diff, fmt.Sprintf("%s is in the file only", c.Name))
		}
	}
	return strings.Join(diff, ", ")
}
