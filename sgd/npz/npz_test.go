package npz_test

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd/npz"
)

// numpy has what testdata/golden/numpy_npz.py saves.
var numpy = []npz.Array{
	{Name: "scalar", Shape: []int{}, Values: []float64{-0.1}},
	{Name: "vector", Shape: []int{4}, Values: []float64{1e-310, math.Copysign(0, -1), math.Inf(1), 2.5}},
	{Name: "matrix", Shape: []int{2, 3}, Values: []float64{0, 1. / 7, 2. / 7, 3. / 7, 4. / 7, 5. / 7}},
	{Name: "columns", Shape: []int{2, 3, 4}, Values: []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},
	{Name: "single", Shape: []int{2, 2}, Values: []float64{float64(float32(0.1)), float64(float32(-3e38)), float64(float32(1e-45)), 2}},
	{Name: "bytes", Shape: []int{3}, Bytes: []byte{0, 7, 255}},
	{Name: "empty", Shape: []int{0, 3}, Values: []float64{}},
	{Name: "layers.0.weight", Shape: []int{1, 1, 2}, Values: []float64{1, 1}},
}

func read(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata/golden", name))
	require.NoError(t, err)
	return data
}

func TestNumpyFiles(t *testing.T) {
	for _, name := range []string{"plain.npz", "compressed.npz"} {
		got, err := npz.Unmarshal(read(t, name))
		require.NoError(t, err)
		require.Equal(t, numpy, got, name)
		require.True(t, math.Signbit(got[1].Values[1]))
	}
	for name, want := range map[string]string{"half.npz": "<f2", "swapped.npz": ">f8", "objects.npz": "|O"} {
		_, err := npz.Unmarshal(read(t, name))
		require.ErrorContains(t, err, `npz: array "w" has the type `+want+`; save it as float64 or float32`)
	}
}

// numpy reads what this package writes.
func TestNumpyReads(t *testing.T) {
	const script = `
import numpy, sys
want, got = numpy.load(sys.argv[1]), numpy.load(sys.argv[2])
assert want.files == got.files, (want.files, got.files)
for name in want.files:
    a, b = want[name], got[name]
    assert a.shape == b.shape and (a.astype(b.dtype) == b).all(), (name, a, b)
    assert b.dtype == ("u1" if name == "bytes" else "f8") and b.flags.c_contiguous, (name, b.dtype)
`
	python := "/usr/bin/python3" // Debian's, which has Debian's numpy
	if exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skip("there is no numpy: apt-get install python3-numpy")
	}
	data, err := npz.Marshal(numpy)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ours.npz")
	require.NoError(t, os.WriteFile(file, data, 0o644))
	out, err := exec.Command(python, "-c", script, "testdata/golden/plain.npz", file).CombinedOutput()
	require.NoError(t, err, string(out))
}

// Arrays come back with their bits, and the same arrays make the same file.
func TestLawRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var arrays []npz.Array
		for _, name := range rapid.SliceOfNDistinct(rapid.StringN(1, 20, 60), 0, 4, rapid.ID[string]).Draw(t, "names") {
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")
			size := 1
			for _, d := range shape {
				size *= d
			}
			a := npz.Array{Name: name, Shape: shape}
			if rapid.Bool().Draw(t, "bytes") {
				a.Bytes = rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "bytes")
			} else {
				a.Values = make([]float64, size)
				for i := range a.Values {
					a.Values[i] = math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
				}
			}
			arrays = append(arrays, a)
		}
		data, err := npz.Marshal(arrays)
		require.NoError(t, err)
		got, err := npz.Unmarshal(data)
		require.NoError(t, err)
		require.Len(t, got, len(arrays))
		for i, a := range arrays {
			require.Equal(t, a.Name, got[i].Name)
			require.Equal(t, append([]int{}, a.Shape...), got[i].Shape)
			require.True(t, bytes.Equal(a.Bytes, got[i].Bytes))
			require.Len(t, got[i].Values, len(a.Values))
			for j, v := range a.Values {
				require.Equal(t, math.Float64bits(v), math.Float64bits(got[i].Values[j]))
			}
		}
		again, err := npz.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, data, again)
	})
}

// A file with any one byte changed, or cut off anywhere, is refused or means the same:
// some bytes of an archive say nothing.
func TestDamagedFiles(t *testing.T) {
	data, err := npz.Marshal(numpy)
	require.NoError(t, err)
	refused := 0
	for i := range data {
		for _, flip := range []byte{1, 0x80, 0xff} {
			damaged := bytes.Clone(data)
			damaged[i] ^= flip
			got, err := npz.Unmarshal(damaged)
			if bad := new(npz.FormatError); err != nil {
				require.ErrorAs(t, err, &bad)
				require.Nil(t, got)
				refused++
				continue
			}
			require.True(t, same(numpy, got), "byte %d", i)
		}
		_, err := npz.Unmarshal(data[:i])
		require.Error(t, err, "cut off after %d bytes", i)
	}
	require.Greater(t, refused, 2*len(data))
}

// same compares names up to what a changed directory may say about them.
func same(want, got []npz.Array) bool {
	if len(want) != len(got) {
		return false
	}
	for i, a := range got {
		a.Name = want[i].Name
		if x, y := marshal(a), marshal(want[i]); !bytes.Equal(x, y) {
			return false
		}
	}
	return true
}

func marshal(a npz.Array) []byte {
	data, _ := npz.Marshal([]npz.Array{a})
	return data
}

func TestErrors(t *testing.T) {
	for want, arrays := range map[string][]npz.Array{
		`array "a" has 2 entries, and the shape [3]`: {{Name: "a", Shape: []int{3}, Values: []float64{1, 2}}},
		`array "a" has 0 entries, and the shape []`:  {{Name: "a"}},
		`array "a" needs a name of its own`:          {{Name: "a", Shape: []int{0}}, {Name: "a", Shape: []int{0}}},
	} {
		_, err := npz.Marshal(arrays)
		require.ErrorContains(t, err, want)
	}
	_, err := npz.Unmarshal([]byte("no archive"))
	require.ErrorContains(t, err, "npz: the file is no whole .npz archive: zip: not a valid zip file")
	whole := string(marshal(npz.Array{Name: "a", Shape: []int{1}, Bytes: []byte{1}}))
	_, err = npz.Unmarshal([]byte(strings.ReplaceAll(whole, "a.npy", "a.txt")))
	require.ErrorContains(t, err, `npz: array "a.txt" is no array: its name does not end with .npy`)
}

func FuzzUnmarshal(f *testing.F) {
	for _, name := range []string{"plain.npz", "compressed.npz", "half.npz"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		arrays, err := npz.Unmarshal(data)
		if err != nil {
			return
		}
		again, err := npz.Marshal(arrays)
		if err != nil { // an array without a name
			return
		}
		got, err := npz.Unmarshal(again)
		require.NoError(t, err)
		require.True(t, same(arrays, got))
	})
}
