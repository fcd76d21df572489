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

// readRows returns the rows of a finished run, if its result is the one that was written;
// otherwise its error is a *DamagedError.
func readRows(folder string, m Manifest) ([]claim.Row, error) {
	text, err := ReadOutput(folder, m, resultName)
	if err != nil {
		return nil, err
	}
	var r result
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // keeps the parameters' digits
	if err := d.Decode(&r); err != nil {
		return nil, &DamagedError{folder, resultName, err.Error()}
	}
	return r.Rows, nil
}

// ReadOutput returns a file of a finished run, named as in Manifest.Outputs, if it is the one that
// was written; otherwise its error is a *DamagedError.
func ReadOutput(folder string, m Manifest, name string) ([]byte, error) {
	path := filepath.FromSlash(name)
	if !filepath.IsLocal(path) {
		return nil, &DamagedError{folder, name, "it lies outside"}
	}
	text, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, &DamagedError{folder, name, "it cannot be read"}
	}
	if claim.Sum(text) != m.Outputs[name] {
		return nil, &DamagedError{folder, name, "its checksum differs from the manifest's"}
	}
	return text, nil
}
