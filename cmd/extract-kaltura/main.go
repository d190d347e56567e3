// Command extract-kaltura copies what Kaltura knows of media into the lake.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/extract/kaltura"
)

func main() { run.Main(extractcmd.New("kaltura", kaltura.Open).Program()) }
