// Command load brings the curated tables of the lake into MySQL.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/loadcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
)

func main() { run.Main(loadcmd.Program()) }
