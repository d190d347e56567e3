package load

import (
	"testing"
	"time"
)

func TestSecondsAreCutDownwards(t *testing.T) {
	for micros, want := range map[int64]string{
		0:                     "1970-01-01 00:00:00",
		1_999_999:             "1970-01-01 00:00:01",
		-1:                    "1969-12-31 23:59:59",
		-1_000_000:            "1969-12-31 23:59:59",
		1_798_761_600_999_999: "2027-01-01 00:00:00",
	} {
		if got := seconds(micros).Format(time.DateTime); got != want {
			t.Errorf("%d: got %s, want %s", micros, got, want)
		}
	}
}

func FuzzEscapedTextHasNoDelimiter(f *testing.F) {
	f.Add([]byte("a\tb\nc\rd\x00e\\\\N"))
	f.Fuzz(func(t *testing.T, text []byte) {
		escaped := appendEscaped(nil, text)
		var back []byte
		for i := 0; i < len(escaped); i++ {
			switch b := escaped[i]; b {
			case '\t', '\n', '\r', 0:
				t.Fatalf("%q is not escaped in %q", b, escaped)
			case '\\':
				i++
				switch escaped[i] {
				case 't':
					back = append(back, '\t')
				case 'n':
					back = append(back, '\n')
				case 'r':
					back = append(back, '\r')
				case '0':
					back = append(back, 0)
				default:
					back = append(back, escaped[i])
				}
			default:
				back = append(back, b)
			}
		}
		if string(back) != string(text) {
			t.Errorf("%q became %q", text, back)
		}
	})
}
