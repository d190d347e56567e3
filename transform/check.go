package transform

import (
	"fmt"
	"strings"
)

// longest is a gate on the length of a text in characters: a longer one does not fit the database, and is never cut.
func longest(column, set string, characters int) Check {
	return Check{
		Name:   column + "_length",
		Query:  fmt.Sprintf("SELECT * FROM curated.%s WHERE CHAR_LENGTH(%s) > %d", set, column, characters),
		Detail: fmt.Sprintf("%s has more than %d characters", column, characters),
	}
}

// known warns about values that the sources' documentation does not know.
func known(column, set string, values ...string) Check {
	return Check{
		Name:    column + "_known",
		Query:   fmt.Sprintf("SELECT %s, COUNT(*) AS times FROM curated.%s WHERE %s NOT IN ('%s') GROUP BY %s", column, set, column, strings.Join(values, "', '"), column),
		Warning: true,
		Detail:  "unknown values of " + column,
		Grouped: true,
	}
}
