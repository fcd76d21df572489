package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// idxFile is one gzipped file of MNIST's IDX format: two zero bytes, the type (8 for
// bytes), the number of axes, their extents as big-endian 32-bit numbers, the entries
// (http://yann.lecun.com/exdb/mnist/, "the IDX file format").
type idxFile struct {
	name, sha256 string
	dims         []int
}

// MissingError says that a data set is not on this machine, and how to get it.
type MissingError struct {
	Set string
	Get string // a sentence
	Err error
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("dataset: %s is not here: %v; %s", e.Set, e.Err, e.Get)
}

// Unwrap returns the cause.
func (e *MissingError) Unwrap() error { return e.Err }

// read returns the entries.
func (f idxFile) read(folder string) ([]byte, error) {
	packed, err := os.ReadFile(filepath.Join(folder, f.name))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(packed)
	if got := hex.EncodeToString(sum[:]); got != f.sha256 {
		return nil, fmt.Errorf("%s: %w", f.name, &ChecksumError{Want: f.sha256, Got: got})
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", f.name, err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", f.name, err)
	}
	return f.entries(data)
}

// entries checks the header, which must be that of dims.
func (f idxFile) entries(data []byte) ([]byte, error) {
	want, size := []byte{0, 0, 8, byte(len(f.dims))}, 1
	for _, d := range f.dims {
		want = binary.BigEndian.AppendUint32(want, uint32(d))
		size *= d
	}
	rest, ok := bytes.CutPrefix(data, want)
	if !ok || len(rest) != size {
		return nil, fmt.Errorf("dataset: %s: it must be an IDX file of bytes with the extents %v", f.name, f.dims)
	}
	return rest, nil
}

// images and labels of one part of a set.
type idxPart struct{ images, labels idxFile }

// load returns images scaled to [0, 1] with their labels.
func (p idxPart) load(folder string) (*Set, error) {
	pixels, err := p.images.read(folder)
	if err != nil {
		return nil, err
	}
	classes, err := p.labels.read(folder)
	if err != nil {
		return nil, err
	}
	s := &Set{N: len(classes), D: len(pixels) / len(classes), Classes: 10, SHA256: p.images.sha256}
	s.X = make([]float64, len(pixels))
	for i, v := range pixels {
		s.X[i] = float64(v) / 255
	}
	for i, k := range classes {
		if k > 9 {
			return nil, fmt.Errorf("dataset: %s: the label %d of row %d is not in 0 to 9", p.labels.name, k, i)
		}
		s.Labels = append(s.Labels, int(k))
	}
	return s, nil
}

// loadParts returns both parts of a set of images.
func loadParts(set, folder, get string, parts [2]idxPart) (train, test *Set, err error) {
	if train, err = parts[0].load(folder); err == nil {
		test, err = parts[1].load(folder)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, &MissingError{set, get, err}
	case err != nil:
		return nil, nil, err
	}
	return train, test, nil
}
