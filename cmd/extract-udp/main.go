// Command extract-udp copies the starts of media from the UDP event store into the lake.
package main

import (
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/extract/udp"
)

func main() { run.Main(extractcmd.New("udp", udp.Open).Program()) }
