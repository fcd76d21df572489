// Package npz reads and writes numpy's .npz files: zip archives of arrays, each in
// numpy's .npy format (NEP 1 and the numpy.lib.format documentation).
//
//	numpy.savez("weights.npz", w0=w0, b0=b0)          # numpy writes
//	dict(numpy.load("weights.npz"))                   # numpy reads
//	numpy.savez("weights.npz", **{k: v.numpy() for k, v in model.state_dict().items()})
//	{k: torch.from_numpy(v) for k, v in numpy.load("weights.npz").items()}
//
// Arrays are float64, or bytes (numpy's uint8). Files of others may also hold float32,
// which is widened exactly, in row-major or column-major order.
package npz

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"strings"
)

// Array is a named array, row-major: of numbers, or of bytes if Bytes is not nil.
type Array struct {
	Name   string
	Shape  []int // none for a scalar
	Values []float64
	Bytes  []byte
}

// FormatError says what cannot be read, or written.
type FormatError struct {
	Array string // "" for the file
	Why   string // how it goes on, such as "is cut off"
	Err   error  // the cause, or nil
}

func (e *FormatError) Error() string {
	text := "npz: the file " + e.Why
	if e.Array != "" {
		text = fmt.Sprintf("npz: array %q %s", e.Array, e.Why)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// suffix ends the names of arrays in the archive.
const suffix = ".npy"

// Marshal returns the file that holds the arrays in this order, uncompressed: the same
// arrays make the same bytes. The error is a *FormatError if names are empty or
// repeated, or a shape is not that of the entries.
func Marshal(arrays []Array) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	seen := map[string]bool{}
	for _, a := range arrays {
		size, err := a.check()
		switch {
		case err != nil:
			return nil, err
		case a.Name == "" || seen[a.Name]:
			return nil, &FormatError{Array: a.Name, Why: "needs a name of its own"}
		}
		seen[a.Name] = true
		if err := a.write(z, size); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// check returns how many entries there are.
func (a *Array) check() (int, error) {
	have := len(a.Values)
	if a.Bytes != nil {
		have = len(a.Bytes)
	}
	if size, ok := product(a.Shape); !ok || size != have {
		return 0, &FormatError{Array: a.Name, Why: fmt.Sprintf("has %d entries, and the shape %v", have, a.Shape)}
	}
	return have, nil
}

// mostEntries bounds the entries of an array.
const mostEntries = 1 << 40

// product returns the number of entries of a shape.
func product(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > mostEntries/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// write adds the array to an archive. Sizes and sum are known before, so that the
// archive needs no descriptors after the data, which some readers do not know.
func (a *Array) write(z *zip.Writer, size int) error {
	data := header(a)
	if a.Bytes != nil {
		data = append(data, a.Bytes...)
	} else {
		data = slices.Grow(data, 8*size)
		for _, v := range a.Values {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
	}
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: a.Name + suffix, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
	})
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// Unmarshal reads a file. The error is a *FormatError: for a file that is no archive, is
// cut off or damaged (every array has a checksum), for types that are not read, and for
// names that are repeated. Nothing is returned then.
func Unmarshal(data []byte) ([]Array, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &FormatError{Why: "is no whole .npz archive", Err: err}
	}
	seen := map[string]bool{}
	arrays := make([]Array, 0, len(z.File))
	for _, f := range z.File {
		a, err := read(f)
		switch {
		case err != nil:
			return nil, err
		case seen[a.Name]:
			return nil, &FormatError{Array: a.Name, Why: "is there twice"}
		}
		seen[a.Name] = true
		arrays = append(arrays, a)
	}
	return arrays, nil
}

// deflation is how far the compression of archives can go: 1032 to 1 (zlib's technical
// details).
const deflation = 1032

// read reads one array.
func read(f *zip.File) (Array, error) {
	name, ok := strings.CutSuffix(f.Name, suffix)
	if !ok {
		return Array{}, &FormatError{Array: f.Name, Why: "is no array: its name does not end with " + suffix}
	}
	if f.UncompressedSize64 > deflation*max(f.CompressedSize64, 1) {
		return Array{}, &FormatError{Array: name, Why: "claims a size that it cannot have"}
	}
	r, err := f.Open()
	if err != nil {
		return Array{}, &FormatError{Array: name, Why: "cannot be unpacked", Err: err}
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	_, err = io.ReadFull(r, data)
	if err == nil {
		_, err = r.Read(make([]byte, 1)) // the sum is compared at the end
	}
	if !errors.Is(err, io.EOF) {
		return Array{}, &FormatError{Array: name, Why: "is damaged", Err: cmp.Or(err, zip.ErrFormat)}
	}
	return parse(name, data)
}
