package config

import (
	"fmt"
	"io"
	"log/slog"
)

const stars = "***"

// Secret is a token or password. However it is printed, marshalled or logged it
// shows as stars; only [Secret.Reveal] gives the value, so that every use can be found.
//
// Keep it in exported fields and use it for no map key: fmt does not ask the values of unexported
// fields how they want to be printed, and encoding/json does not ask keys.
type Secret string

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }

// String returns stars, or nothing for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return stars
}

// GoString returns stars in quotes.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format writes stars for every verb, those that print bytes or quotes included.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		_, _ = io.WriteString(f, s.GoString())
		return
	}
	_, _ = io.WriteString(f, s.String())
}

// LogValue makes slog show stars.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText makes JSON and other encoders show stars.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
