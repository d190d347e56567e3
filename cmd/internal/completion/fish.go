package completion

import (
	"fmt"
	"io"
	"strings"
)

func fish(w io.Writer, all []command) {
	fmt.Fprint(w, `# fish completion of course-inventory.
function __course_inventory_at
    set -l sofar
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; and break
        set -a sofar $word
    end
    string match -q -- $argv[1] "$sofar"; or string match -q -- "$argv[2]" "$sofar"
end
complete -c course-inventory -f
`)
	for _, c := range all {
		at := fmt.Sprintf("-n %s", fishQuote("__course_inventory_at "+fishQuote(c.words)))
		if len(c.next) == 0 {
			at = fmt.Sprintf("-n %s", fishQuote("__course_inventory_at "+fishQuote(c.words)+" "+fishQuote(c.words+" *")))
		}
		for _, n := range c.next {
			fmt.Fprintf(w, "complete -c %s %s -a %s -d %s\n", tool, at, n.word, fishQuote(n.about))
		}
		if len(c.choices) > 0 {
			fmt.Fprintf(w, "complete -c %s %s -a %s\n", tool, at, fishQuote(strings.Join(c.choices, " ")))
		}
		for _, o := range c.flags {
			value := " -x"
			switch {
			case o.plain:
				value = ""
			case o.file:
				value = " -r -F"
			case len(o.values) > 0:
				value = " -x -a " + fishQuote(strings.Join(o.values, " "))
			}
			fmt.Fprintf(w, "complete -c %s %s -l %s%s -d %s\n", tool, at, o.name, value, fishQuote(o.about))
		}
	}
}

// fishQuote writes a text for fish, which knows two escapes between quotes.
func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
