package engine

import (
	"os"
	"path/filepath"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// temporary ends the names of files that are being written.
const temporary = ".tmp"

// A writer puts files in place whole or not at all.
type writer struct {
	rename func(from, to string) error // os.Rename, except in tests of crashes
}

// write replaces the file at path: temporary name, fsync, rename, fsync of the directory.
func (w writer) write(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*"+temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // the first error is the one to report
		}
	}()
	if err := fill(file, data); err != nil {
		return err
	}
	if err := w.rename(file.Name(), path); err != nil {
		return err
	}
	syncDirectory(filepath.Dir(path))
	return nil
}

// WriteFile puts a file in place whole or not at all, as the files of a run folder are; folders
// that are missing are made.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return writer{os.Rename}.write(path, data)
}

// fill writes, synchronises and closes.
func fill(file *os.File, data []byte) error {
	_, err := file.Write(data)
	if err == nil {
		err = file.Chmod(0o644) // CreateTemp makes files that only their owner may read
	}
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// syncDirectory makes a rename durable. Some systems cannot do that for directories; the
// rename is then still atomic, so nothing can be done about the error.
func syncDirectory(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// writeJSON writes value as an indented document and returns its bytes.
func (w writer) writeJSON(path string, value any) ([]byte, error) {
	text, err := jsonnum.Document(value)
	if err != nil {
		return nil, err
	}
	return text, w.write(path, text)
}
