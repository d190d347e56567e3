package completion

import (
	"fmt"
	"io"
	"strings"
)

func zsh(w io.Writer, all []command) {
	fmt.Fprint(w, `#compdef course-inventory
# zsh completion of course-inventory.
_course_inventory() {
  local prev=$words[CURRENT-1] sofar= i
  local -a choices
  for ((i = 2; i < CURRENT; i++)); do
    [[ $words[i] == -* ]] && break
    sofar+="${sofar:+ }$words[i]"
  done
  case $prev in
`)
	for _, o := range values(all) {
		fmt.Fprintf(w, "    --%s) ", o.name)
		switch list := strings.Join(o.values, " "); {
		case o.file:
			fmt.Fprint(w, "_files")
		case o.many:
			fmt.Fprintf(w, "_values -s , %s %s", o.name, list)
		case list != "":
			fmt.Fprintf(w, "compadd -- %s", list)
		default:
			fmt.Fprint(w, ":")
		}
		fmt.Fprintln(w, "; return ;;")
	}
	fmt.Fprint(w, "  esac\n  case $sofar in\n")
	for _, c := range all {
		fmt.Fprintf(w, "    %s)\n", pattern(c))
		for _, n := range c.next {
			fmt.Fprintf(w, "      choices+=(%s)\n", described(n.word, n.about))
		}
		for _, a := range c.choices {
			fmt.Fprintf(w, "      choices+=(%s)\n", quote(a))
		}
		for _, o := range c.flags {
			fmt.Fprintf(w, "      choices+=(%s)\n", described("--"+o.name, o.about))
		}
		fmt.Fprint(w, "      ;;\n")
	}
	fmt.Fprint(w, `  esac
  _describe course-inventory choices
}
if [[ $funcstack[1] == _course_inventory ]]; then
  _course_inventory "$@"
else
  compdef _course_inventory course-inventory
fi
`)
}

// described is a word and its description; a colon ends the word.
func described(word, about string) string {
	return quote(strings.ReplaceAll(word, ":", `\:`) + ":" + about)
}
