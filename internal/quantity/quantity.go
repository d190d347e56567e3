// Package quantity writes numbers as people read them.
package quantity

import (
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var english = message.NewPrinter(language.English)

// Number writes a number with commas between thousands.
func Number[N int | int64](n N) string { return english.Sprintf("%d", n) }

// Of writes a number with its noun, whose plural ends in s: 1 row, 1,234 rows.
func Of[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Number(n) + " " + noun
}
