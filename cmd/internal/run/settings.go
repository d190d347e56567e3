package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Settings returns a digest of keys of the configuration, such as CANVAS or QUALITY.max_drop, of flags, and
// of this version. Two runs of a stage with equal settings and inputs have the same outcome. A secret
// that was renewed changes nothing.
func (e *Env) Settings(keys []string, flags ...string) string {
	values := map[string]any{}
	for _, key := range keys {
		values[key] = e.Config.Shown(key)
	}
	text, err := json.Marshal([]any{e.Version, values, flags})
	if err != nil {
		text = fmt.Append(nil, e.Version, values, flags) // JSON's own values always can be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
