package completion

import (
	"fmt"
	"io"
	"strings"
)

func bash(w io.Writer, all []command) {
	fmt.Fprint(w, `# bash completion of course-inventory; needs nothing but bash 4.
_course_inventory() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= i
  if [[ $cur == = ]]; then # --flag=
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* ]] && break
    path+="${path:+ }${COMP_WORDS[i]}"
  done
  COMPREPLY=()
  case $prev in
`)
	for _, o := range values(all) {
		fmt.Fprintf(w, "    --%s) ", o.name)
		switch {
		case o.file:
			fmt.Fprint(w, `mapfile -t COMPREPLY < <(compgen -f -- "$cur")`)
		case o.many: // what stands before the last comma stays
			fmt.Fprintf(w, `local done=; [[ $cur == *,* ]] && done=${cur%%,*},; mapfile -t COMPREPLY < <(compgen -P "$done" -W %s -- "${cur##*,}")`,
				quote(strings.Join(o.values, " ")))
		case len(o.values) > 0:
			fmt.Fprintf(w, `mapfile -t COMPREPLY < <(compgen -W %s -- "$cur")`, quote(strings.Join(o.values, " ")))
		default:
			fmt.Fprint(w, ":")
		}
		fmt.Fprintln(w, "; return ;;")
	}
	fmt.Fprint(w, "  esac\n  case $path in\n")
	for _, c := range all {
		fmt.Fprintf(w, "    %s) mapfile -t COMPREPLY < <(compgen -W %s -- \"$cur\") ;;\n", pattern(c), quote(strings.Join(c.all(), " ")))
	}
	fmt.Fprint(w, "  esac\n}\ncomplete -F _course_inventory course-inventory\n")
}

// pattern matches the words of a command, and what follows them if it is one that can be run.
func pattern(c command) string {
	if len(c.next) > 0 {
		return quote(c.words)
	}
	return quote(c.words) + "|" + quote(c.words+" ") + "*"
}

// all returns what can follow the words.
func (c command) all() []string {
	var words []string
	for _, n := range c.next {
		words = append(words, n.word)
	}
	words = append(words, c.choices...)
	for _, o := range c.flags {
		words = append(words, "--"+o.name)
	}
	return words
}
