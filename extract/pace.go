package extract

import "github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"

// Pace is the state of a source's limiters: requests under way and how many may be, what is left of the source's quota (-1
// where it does not tell), requests answered and, of these, refused.
type Pace = rest.Pace
