// Command extract-udw copies the Unizin warehouse's sections into the lake.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/extract/udw"
)

func main() { run.Main(extractcmd.New("udw", udw.Open).Program()) }
