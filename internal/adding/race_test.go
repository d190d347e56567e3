//go:build race

package adding

// mode builds what the guide builds as this test is built, so that the build cache serves both.
var mode = []string{"-race"}
