package engine

import (
	"os"
	"path/filepath"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd/durable"
)

// A writer writes the files of run folders.
type writer struct{ durable.Writer }

// WriteFile puts a file in place whole or not at all, as the files of a run folder are; folders
// that are missing are made.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return durable.WriteFile(path, data)
}

// writeJSON writes value as an indented document and returns its bytes.
func (w writer) writeJSON(path string, value any) ([]byte, error) {
	text, err := jsonnum.Document(value)
	if err != nil {
		return nil, err
	}
	return text, w.WriteFile(path, text)
}
