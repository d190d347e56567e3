// Command transform derives the curated tables of the lake from its raw ones.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/transformcmd"
)

func main() { run.Main(transformcmd.Program()) }
