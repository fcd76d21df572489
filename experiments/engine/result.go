package engine

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// result is result.json. It holds no time, host or path, so the same key gives the same bytes.
type result struct {
	Schema int         `json:"schema"`
	Claim  string      `json:"claim"`
	Rows   []claim.Row `json:"rows"`
	Result any         `json:"result,omitempty"`
}

// readRows returns the rows of a finished run, if its result is the one that was written.
func readRows(folder string, m Manifest) ([]claim.Row, error) {
	text, err := os.ReadFile(filepath.Join(folder, resultName))
	if err != nil {
		return nil, &DamagedError{folder, "it cannot be read"}
	}
	if claim.Sum(text) != m.Outputs[resultName] {
		return nil, &DamagedError{folder, "its checksum differs from the manifest's"}
	}
	var r result
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // keeps the parameters' digits
	if err := d.Decode(&r); err != nil {
		return nil, &DamagedError{folder, err.Error()}
	}
	return r.Rows, nil
}
