package load

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

var (
	rowPattern    = regexp.MustCompile(`at row (\d+)`)
	columnPattern = regexp.MustCompile("(?i)column ['`]([^ ]+)['`]")
)

// shown is how much of a value an error shows, in characters.
const shown = 40

// refused turns the server's words about a row into an error that names the row by its key. The words
// count rows from 1 after offset rows.
func (t *tableLoad) refused(ctx context.Context, open opener, message string, offset int64) error {
	detail := message
	column := ""
	if m := columnPattern.FindStringSubmatch(message); m != nil {
		column = m[1][strings.LastIndexAny(m[1], ".`")+1:]
		column = strings.Trim(column, "`'")
	}
	if m := rowPattern.FindStringSubmatch(message); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err == nil {
			if row, err := nth(ctx, open, offset+n); err == nil {
				detail = t.describe(row, column, message)
			}
		}
	}
	return refusal(detail)
}

func refusal(detail string) error {
	return fault.New(fault.Data, "correct the row where it comes from, or the model that makes it, then make the date again; nothing was loaded",
		fmt.Errorf("the database refuses a row: %s", detail))
}

func (t *tableLoad) describe(row []any, column, message string) string {
	var keys []string
	value := ""
	for i, c := range t.table.Columns {
		if slices.Contains(t.table.Key, c.Name) {
			keys = append(keys, fmt.Sprintf("%s %v", c.Name, row[i]))
		}
		if c.Name == column {
			value = fmt.Sprintf(", column %s, value %s", column, shorten(row[i]))
		}
	}
	// The server's sentence repeats column and row, and in some versions the value.
	reason, _, _ := strings.Cut(message, " for column")
	if i := strings.IndexAny(reason, ":'"); i > 0 {
		reason = strings.TrimRight(reason[:i], ": '")
	}
	return fmt.Sprintf("%s%s: %s", strings.Join(keys, ", "), value, reason)
}

func shorten(v any) string {
	s, ok := v.(string)
	if !ok {
		if v == nil {
			return "NULL"
		}
		return fmt.Sprint(v)
	}
	if n := utf8.RuneCountInString(s); n > shown {
		return fmt.Sprintf("%q… (%d characters)", string([]rune(s)[:shown]), n)
	}
	return strconv.Quote(s)
}
