//go:build !linux

package load_test

import "testing"

func mountSmall(*testing.T, string) bool { return false }

func fillDisk(*testing.T, string, int64) {}
