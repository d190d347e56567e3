// Command extract-canvas copies Canvas' courses, enrollments and usage into the lake.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
)

func main() { run.Main(extractcmd.New("canvas", canvas.Open).Program()) }
