package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Mistake is one thing that is wrong with the configuration.
type Mistake struct {
	Path   string // such as CANVAS.CANVAS_TERM_IDS[1]; empty for the whole file
	Text   string // what is wrong; never holds a secret
	Origin string // where the value comes from when that is not the file
	Line   int    // of the file, counted from 1; 0 if it is not known or the value comes from elsewhere
}

// String returns the mistake as a line of text.
func (m Mistake) String() string {
	var b strings.Builder
	b.WriteString(m.Path)
	switch {
	case m.Origin != "":
		fmt.Fprintf(&b, " (%s)", m.Origin)
	case m.Line > 0:
		fmt.Fprintf(&b, " (line %d)", m.Line)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(m.Text)
	return b.String()
}

// Mistakes is everything that is wrong with one configuration. It travels inside an error of
// class fault.Config; errors.As finds it.
type Mistakes struct {
	File string
	List []Mistake
}

// Error returns one line for a single mistake, else one line for each under a heading.
func (m *Mistakes) Error() string {
	if len(m.List) == 1 {
		return m.File + ": " + m.List[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d mistakes", m.File, len(m.List))
	for _, one := range m.List {
		b.WriteString("\n  " + one.String())
	}
	return b.String()
}

// sorted orders mistakes by path, list items by number, drops repetitions and fills in the lines of the file.
func sorted(list []Mistake, lines map[string]int) []Mistake {
	for i, m := range list {
		if m.Origin == "" {
			list[i].Line = lineOf(lines, m.Path)
		}
	}
	slices.SortStableFunc(list, func(a, b Mistake) int {
		return cmp.Or(natural(a.Path, b.Path), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(list)
}

// natural compares paths so that [2] comes before [10].
func natural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da != "" && db != "" {
			if c := cmp.Or(cmp.Compare(len(da), len(db)), cmp.Compare(da, db)); c != 0 {
				return c
			}
			a, b = a[len(da):], b[len(db):]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}

// dotted writes a path of keys and list positions, A.B[1], asking the schema which is which.
func dotted(root node, path []string) string {
	var b strings.Builder
	for i, p := range path {
		if i > 0 && root.at(path[:i]).is("array") {
			b.WriteString("[" + p + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(word(p))
	}
	return b.String()
}

// maxShown is how much of a wrong value or key an error repeats, in runes.
const maxShown = 60

// show quotes a text from the configuration for an error.
func show(s string) string {
	if r := []rune(s); len(r) > maxShown {
		s = string(r[:maxShown]) + "…"
	}
	return strconv.Quote(s)
}

// word writes a key as it is, or quoted if it does not look like one.
func word(s string) string {
	plain := s != "" && len(s) <= maxShown && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
	if plain {
		return s
	}
	return show(s)
}
