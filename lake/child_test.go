package lake_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// The tests of this package that kill and race processes do so some dozens of times. With
//
//	go test ./lake -run 'TestKilled|TestRacing' -timeout 60m -long
//
// they kill 1,000 processes and race through 500 rounds on disk and 200 on S3.
var long = flag.Bool("long", false, "kill 1,000 processes and race 8 through hundreds of rounds")

// childEnv names the lake that a child process publishes into.
const childEnv = "LAKE_TEST_CHILD"

// child is another process that publishes.
type child struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner // of what it commits
	noise []string       // what else it said
}

// startChild starts a process that publishes into the lake whenever told to go.
func startChild(t *testing.T, url string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.v")}
	c.cmd.Env = append(os.Environ(), childEnv+"="+url)
	c.cmd.Stderr = os.Stderr
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.stdin, c.lines = stdin, bufio.NewScanner(stdout)
	if c.await() != "ready" {
		t.Fatal("a child process does not start")
	}
	return c
}

// say tells the child something.
func (c *child) say(word string) error {
	_, err := fmt.Fprintln(c.stdin, word)
	return err
}

// await returns what the child says next, "" at its end.
func (c *child) await() string {
	for c.lines.Scan() {
		text, said := strings.CutPrefix(c.lines.Text(), "child: ")
		if said {
			return text
		}
		c.noise = append(c.noise, text)
	}
	return ""
}

// committed returns the next commit that the child tells of, false if it tells of none.
func (c *child) committed() (number int, run lake.RunID, told bool) {
	n, err := fmt.Sscan(c.await(), &number, &run)
	return number, run, n == 2 && err == nil
}

// end lets the child end by itself.
func (c *child) end(t *testing.T) {
	t.Helper()
	if err := c.stdin.Close(); err != nil {
		t.Error(err)
	}
	for c.lines.Scan() {
	}
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestChild is such a process; on its own it does nothing. At "go" it commits what it has written, at "on" it publishes
// until it is killed, and it says the number and the run of each commit.
func TestChild(t *testing.T) {
	url := os.Getenv(childEnv)
	if url == "" {
		t.Skip("only for the tests that start processes")
	}
	l := open(t, url)
	ready := func() lake.Manifest {
		m, err := write(t.Context(), l, lake.NewRunID(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	commit := func(m lake.Manifest) {
		s, err := l.Commit(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("child:", s.Number, s.Run)
	}
	m := ready()
	fmt.Println("child: ready")
	for words := bufio.NewScanner(os.Stdin); words.Scan(); {
		commit(m)
		for m = ready(); words.Text() == "on"; m = ready() {
			commit(m)
		}
	}
	l.Discard(t.Context(), m.Files...)
}
