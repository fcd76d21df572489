package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd/durable"
)

// folder is a run folder that a claim writes into. It implements claim.Output.
type folder struct {
	path string
	writer

	mutex   sync.Mutex
	trace   *os.File // nil once the run has ended
	sum     hash.Hash
	traced  bool
	outputs map[string]string
}

// newFolder removes what an earlier, unfinished run left behind and starts an empty trace.
// The manifest already says "running", so a crash here loses nothing.
func newFolder(path string, w writer) (*folder, error) {
	for _, name := range []string{resultName, traceName, figuresName} {
		if err := os.RemoveAll(filepath.Join(path, name)); err != nil {
			return nil, err
		}
	}
	if err := removeTemporary(path); err != nil {
		return nil, err
	}
	trace, err := os.CreateTemp(path, "."+traceName+"-*"+durable.Temporary)
	if err != nil {
		return nil, err
	}
	return &folder{path: path, writer: w, trace: trace, sum: sha256.New(), outputs: map[string]string{}}, nil
}

func removeTemporary(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), durable.Temporary) {
			if err := os.Remove(filepath.Join(path, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Trace implements claim.Output.
func (f *folder) Trace(record any) error {
	line, err := jsonnum.Line(record)
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.trace == nil {
		return &ClosedError{traceName}
	}
	f.traced = true
	f.sum.Write(line) // never fails
	_, err = f.trace.Write(line)
	return err
}

var figureName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// Figure implements claim.Output.
func (f *folder) Figure(name string, d claim.Drawing) error {
	if !figureName.MatchString(name) {
		return &FigureNameError{name}
	}
	var text bytes.Buffer
	if err := d.WriteSVG(&text); err != nil {
		return err
	}
	var data []byte
	if m, ok := d.(json.Marshaler); ok {
		var err error
		if data, err = jsonnum.Line(m); err != nil {
			return err
		}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.trace == nil {
		return &ClosedError{name}
	}
	if err := os.MkdirAll(filepath.Join(f.path, figuresName), 0o755); err != nil {
		return err
	}
	if data != nil {
		if err := f.put(figuresName+"/"+name+".json", data); err != nil {
			return err
		}
	}
	return f.put(figuresName+"/"+name+".svg", text.Bytes())
}

// put writes an output and notes its checksum. The mutex is held.
func (f *folder) put(name string, data []byte) error {
	f.outputs[name] = claim.Sum(data)
	return f.WriteFile(filepath.Join(f.path, filepath.FromSlash(name)), data)
}

// result stores result.json.
func (f *folder) result(r result) error {
	text, err := jsonnum.Document(r)
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.put(resultName, text)
}

// close ends the run: the trace is put in place if it has a line, and later writes fail.
// It returns the checksums of all outputs. Closing twice is harmless.
func (f *folder) close() (map[string]string, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.trace == nil {
		return maps.Clone(f.outputs), nil
	}
	trace := f.trace
	f.trace = nil
	err := durable.Close(trace)
	switch {
	case err != nil:
	case f.traced:
		f.outputs[traceName] = hex.EncodeToString(f.sum.Sum(nil))
		err = f.Rename(trace.Name(), filepath.Join(f.path, traceName))
	default:
		err = os.Remove(trace.Name())
	}
	return maps.Clone(f.outputs), err
}
