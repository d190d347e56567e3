package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGrowingTotal moves a bar on whose total grows after the old one was reached.
func TestGrowingTotal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := newScreen(f, &options{showAs: "always"})
	progress := s.progress()
	progress("stage", "table", 0, 3)
	progress("stage", "table", 3, 9)
	time.Sleep(500 * time.Millisecond) // a few refreshes
	progress("stage", "table", 6, 9)
	s.close()
	text, err := os.ReadFile(f.Name())
	if err != nil || !strings.Contains(string(text), " 6 /") { // the rest is cut off
		t.Errorf("%q, %v", text, err)
	}
}
