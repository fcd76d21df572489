package engine

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// Status is how far a run came.
type Status string

// The statuses. Only Done is reused. Failed means that the claim's code ended with an error;
// a claim whose verdict is "fail" is done.
const (
	Running     Status = "running"
	Done        Status = "done"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
)

// The names inside a run folder.
const (
	manifestName = "manifest.json"
	resultName   = "result.json"
	traceName    = "trace.jsonl"
	figuresName  = "figures"
)

// Manifest describes a run folder. Its status is the only truth for resuming.
type Manifest struct {
	Schema         int               `json:"schema"`
	Claim          string            `json:"claim"`
	Key            string            `json:"key"`
	Status         Status            `json:"status"`
	Error          string            `json:"error,omitempty"`
	Config         json.RawMessage   `json:"config"` // a Config; the key is its hash
	SeedDerivation string            `json:"seed_derivation"`
	Build          Build             `json:"build"`
	Workers        int               `json:"workers"`
	Started        time.Time         `json:"started"`
	Finished       *time.Time        `json:"finished"` // null while running
	Outputs        map[string]string `json:"outputs"`  // file → SHA-256
}

// ReadManifest reads the manifest of a run folder.
func ReadManifest(folder string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(folder, manifestName))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// describes tells whether the manifest is about this configuration.
func (m Manifest) describes(config []byte) bool {
	var have, want bytes.Buffer
	return json.Compact(&have, m.Config) == nil && json.Compact(&want, config) == nil &&
		bytes.Equal(have.Bytes(), want.Bytes())
}
