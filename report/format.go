package report

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
)

// signed writes a change with its sign.
func signed(n int64) string {
	switch {
	case n > 0:
		return "+" + quantity.Number(n)
	case n < 0:
		return "−" + quantity.Number(-n)
	default:
		return "±0"
	}
}

// size writes a number of bytes to two digits or so.
func size(n int64) string {
	f, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB"}
	for len(units) > 1 && f >= 999.5 {
		f, units = f/1000, units[1:]
	}
	if f < 10 && units[0] != "B" {
		return fmt.Sprintf("%.1f %s", f, units[0])
	}
	return fmt.Sprintf("%.0f %s", f, units[0])
}

// moment writes a time to the minute.
func moment(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// duration writes 95 s as 1 min 35 s, and longer ones in hours.
func duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

// age writes how long ago something was, in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// breaks lets a long name break after its underscores and slashes.
func breaks(name string) template.HTML {
	return template.HTML(strings.NewReplacer("_", "_<wbr>", "/", "/<wbr>").Replace(template.HTMLEscapeString(name)))
}

// start returns the beginning of a text that is too long to be read at a glance, else "".
func start(text string) string {
	const most, shown = 600, 300
	letters := []rune(text)
	if len(letters) <= most {
		return ""
	}
	return string(letters[:shown]) + "…"
}
