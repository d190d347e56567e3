// Command extract-zoom copies the past Zoom meetings of courses into the lake.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/extract/zoom"
)

func main() { run.Main(extractcmd.New("zoom", zoom.Open).Program()) }
