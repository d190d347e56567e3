package run

import (
	"os"
	"strconv"

	"golang.org/x/term"
)

// Width returns how many characters a line of standard output can have: COLUMNS, else the terminal's, else 0 for any number.
func Width() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		return n
	}
	return 0
}

// Colour is a colour of text on a terminal.
type Colour string

// The colours, by what they say.
const (
	Plain Colour = ""
	Good  Colour = "\x1b[32m"
	Odd   Colour = "\x1b[33m"
	Bad   Colour = "\x1b[31m"
	Faint Colour = "\x1b[2m"
)

// Coloured tells whether standard output takes colours: it is a terminal, and nobody said NO_COLOR.
func Coloured() bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(os.Stdout.Fd()))
}

// Paint returns the text in a colour.
func (c Colour) Paint(text string) string {
	if c == Plain || text == "" {
		return text
	}
	return string(c) + text + "\x1b[0m"
}
