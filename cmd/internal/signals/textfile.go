package signals

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// writeTextfile writes figures to a file that the textfile collector reads, in one step. Those that an earlier run left and this
// one does not tell stay.
func writeTextfile(dir, name string, figures prometheus.Gatherer) error {
	path := filepath.Join(dir, name)
	all, err := readTextfile(path)
	if err != nil {
		return err
	}
	told, err := figures.Gather()
	if err != nil {
		return err
	}
	for _, family := range told {
		all[family.GetName()] = family
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, err := expfmt.MetricFamilyToText(&text, all[name]); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return replace(path, text.String())
}

// readTextfile returns the figures of a file. One that is not there or not ours to read has none.
func readTextfile(path string) (map[string]*dto.MetricFamily, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]*dto.MetricFamily{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	all, err := parser.TextToMetricFamilies(f)
	if err != nil {
		return map[string]*dto.MetricFamily{}, nil //nolint:nilerr // it is made anew
	}
	return all, nil
}

// replace writes a file in one step. The collector passes over the file while it has another name.
func replace(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
