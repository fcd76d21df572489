package npz

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// magic starts every .npy file; two bytes of version follow.
const magic = "\x93NUMPY"

// alignment of the entries in a .npy file.
const alignment = 64

// header returns what comes before the entries: in version 1.0, with a dictionary as
// numpy writes it.
func header(a *Array) []byte {
	dims := make([]string, len(a.Shape))
	for i, d := range a.Shape {
		dims[i] = strconv.Itoa(d) + ","
	}
	shape := strings.Join(dims, " ")
	if len(dims) > 1 {
		shape = strings.TrimSuffix(shape, ",")
	}
	kind := "<f8"
	if a.Bytes != nil {
		kind = "|u1"
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape)
	start := len(magic) + 4
	padding := (alignment - (start+len(text)+1)%alignment) % alignment
	text += strings.Repeat(" ", padding) + "\n"
	out := append([]byte(magic), 1, 0)
	return append(binary.LittleEndian.AppendUint16(out, uint16(len(text))), text...)
}

// description is a dictionary of a .npy file: the keys in any order.
var (
	descr   = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	fortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	extents = regexp.MustCompile(`'shape'\s*:\s*\(([0-9,\sL]*)\)`)
)

// parse reads a .npy file.
func parse(name string, data []byte) (Array, error) {
	bad := func(format string, args ...any) (Array, error) {
		return Array{}, &FormatError{Array: name, Why: fmt.Sprintf(format, args...)}
	}
	text, entries, ok := split(data)
	if !ok {
		return bad("does not start with a header of numpy's")
	}
	kind, order, dims := descr.FindStringSubmatch(text), fortran.FindStringSubmatch(text), extents.FindStringSubmatch(text)
	if kind == nil || order == nil || dims == nil {
		return bad("has a header without a plain type, order and shape: %q", strings.TrimSpace(text))
	}
	a := Array{Name: name, Shape: []int{}}
	for _, d := range strings.FieldsFunc(dims[1], func(r rune) bool { return !('0' <= r && r <= '9') }) {
		n, err := strconv.Atoi(d)
		if err != nil {
			return bad("has the shape (%s)", dims[1])
		}
		a.Shape = append(a.Shape, n)
	}
	size, ok := product(a.Shape)
	width := map[string]int{"|u1": 1, "<f4": 4, "<f8": 8}[kind[1]]
	switch {
	case width == 0:
		return bad("has the type %s; save it as float64 or float32, such as with .astype('<f8')", kind[1])
	case !ok || len(entries) != size*width:
		return bad("has %d bytes for the shape %v of type %s", len(entries), a.Shape, kind[1])
	case width == 1:
		a.Bytes = append([]byte{}, entries...)
	default:
		a.Values = numbers(entries, width)
	}
	if order[1] == "True" {
		a.Values, a.Bytes = rowMajor(a.Values, a.Shape), rowMajor(a.Bytes, a.Shape)
	}
	return a, nil
}

// split cuts a .npy file into its dictionary and its entries.
func split(data []byte) (text string, entries []byte, ok bool) {
	if len(data) < len(magic)+4 || string(data[:len(magic)]) != magic {
		return "", nil, false
	}
	version, rest := data[len(magic)], data[len(magic)+2:]
	var n uint64
	switch {
	case version == 1:
		n, rest = uint64(binary.LittleEndian.Uint16(rest)), rest[2:]
	case (version == 2 || version == 3) && len(rest) >= 4:
		n, rest = uint64(binary.LittleEndian.Uint32(rest)), rest[4:]
	default:
		return "", nil, false
	}
	if n > uint64(len(rest)) {
		return "", nil, false
	}
	return string(rest[:n]), rest[n:], true
}

// numbers reads little-endian floats of 4 or 8 bytes.
func numbers(data []byte, width int) []float64 {
	out := make([]float64, 0, len(data)/width)
	for entry := range slices.Chunk(data, width) {
		if width == 4 {
			out = append(out, float64(math.Float32frombits(binary.LittleEndian.Uint32(entry))))
			continue
		}
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(entry)))
	}
	return out
}

// rowMajor reorders entries in column-major order.
func rowMajor[T any](column []T, shape []int) []T {
	if column == nil {
		return nil
	}
	out := make([]T, len(column))
	index := make([]int, len(shape))
	for i := range out {
		at := 0
		for d := len(shape) - 1; d >= 0; d-- {
			at = at*shape[d] + index[d]
		}
		out[i] = column[at]
		for d := len(shape) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return out
}
