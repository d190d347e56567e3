package near

import "testing"

func TestOf(t *testing.T) {
	for s, want := range map[string]string{"statsu": "status", "STATUS": "status", "lod": "load", "publish": "", "": ""} {
		if got := Of(s, []string{"run", "status", "load"}); got != want {
			t.Errorf("%q is taken for %q, want %q", s, got, want)
		}
	}
}
