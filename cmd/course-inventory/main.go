// Command course-inventory is the operator's tool: it runs all stages, fills gaps, tells how things stand and checks what is configured.
package main

import "github.com/tl-its-umich-edu/course-inventory/cmd/course-inventory/command"

func main() { command.Main() }
