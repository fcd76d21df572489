package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// longest is several times the entries of an unrolled loop.
const longest = 200

// eachKernel calls f for every kernel of every path but the first, with that of the first.
func eachKernel(t *testing.T, f func(t *testing.T, kernel, reference reflect.Value)) {
	if len(paths) == 1 {
		t.Skip("this processor has no path in assembly")
	}
	for _, p := range paths[1:] {
		for _, pair := range [][2]reflect.Value{
			{reflect.ValueOf(p.f64), reflect.ValueOf(paths[0].f64)},
			{reflect.ValueOf(p.f32), reflect.ValueOf(paths[0].f32)},
		} {
			for i := range pair[0].NumField() {
				name := fmt.Sprintf("%s/%s/%s", p.name, pair[0].Type().Field(i).Name, pair[0].Field(i).Type().In(0).Elem())
				t.Run(name, func(t *testing.T) { f(t, pair[0].Field(i), pair[1].Field(i)) })
			}
		}
	}
}

// edges are numbers at which kernels could differ.
var edges = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -3, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
	math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
	math.SmallestNonzeroFloat32, 0x1p-126, -0x1p-1022, 1.0 / 3,
}

func drawEntry(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return draw(r, math.Inf(-1), math.Inf(1))
	case 1:
		return math.Ldexp(r.NormFloat64(), r.IntN(20)-10)
	}
	return edges[r.IntN(len(edges))]
}

// drawTame draws from where no function overflows or has an edge, so that kernels go straight on.
func drawTame(r *rand.Rand) float64 { return math.Exp2(r.NormFloat64()) }

// operandsOf draws arguments for a kernel whose slices have n entries; room makes the slices.
func operandsOf(r *rand.Rand, kernel reflect.Value, n int, room func(reflect.Type, int) reflect.Value) (args []reflect.Value) {
	drawEntry := drawEntry
	if r.IntN(2) == 0 {
		drawEntry = drawTame
	}
	for i := range kernel.Type().NumIn() {
		in := kernel.Type().In(i)
		if in.Kind() != reflect.Slice {
			args = append(args, reflect.ValueOf(drawEntry(r)).Convert(in))
			continue
		}
		s := room(in, n)
		for j := range n {
			s.Index(j).Set(reflect.ValueOf(drawEntry(r)).Convert(in.Elem()))
		}
		args = append(args, s)
	}
	return args
}

func onHeap(t reflect.Type, n int) reflect.Value { return reflect.MakeSlice(t, n, n) }

// bitsOf turns numbers into words; all NaNs are one.
func bitsOf(v reflect.Value) []uint64 {
	out := make([]uint64, v.Len())
	for i := range out {
		if x := v.Index(i).Float(); x == x {
			out[i] = math.Float64bits(x)
		} else {
			out[i] = math.Float64bits(math.NaN())
		}
	}
	return out
}

// All paths give the same bits, for every length, in place or not.
func TestPathsAgree(t *testing.T) {
	eachKernel(t, func(t *testing.T, kernel, reference reflect.Value) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range longest {
			args := operandsOf(r, kernel, n, onHeap)
			want, got := onHeap(args[0].Type(), n), args[0]
			if len(args) == 1 { // see TestExtrema
				continue
			}
			if r.IntN(4) == 0 { // in place
				got = args[1+r.IntN(len(slicesOf(args))-1)]
			}
			a := append([]reflect.Value{want}, args[1:]...)
			wantOut := reference.Call(a)
			a[0] = got
			gotOut := kernel.Call(a)
			require.Equal(t, bitsOf(want), bitsOf(got), "%d entries", n)
			for i := range wantOut {
				require.Equal(t, wantOut[i].Interface(), gotOut[i].Interface(), "%d entries", n)
			}
		}
	})
}

func slicesOf(args []reflect.Value) (out []reflect.Value) {
	for _, a := range args {
		if a.Kind() == reflect.Slice {
			out = append(out, a)
		}
	}
	return out
}

// The shortest slice counts: what is beyond it stays.
func TestShortSlices(t *testing.T) {
	eachKernel(t, func(t *testing.T, kernel, reference reflect.Value) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 100 {
			args := operandsOf(r, kernel, 100, onHeap)
			for i, s := range slicesOf(args) {
				args[i] = s.Slice(0, r.IntN(100))
			}
			want := onHeap(args[0].Type(), args[0].Len())
			reflect.Copy(want, args[0])
			reference.Call(append([]reflect.Value{want}, args[1:]...))
			kernel.Call(args)
			require.Equal(t, bitsOf(want), bitsOf(args[0]))
		}
	})
}

func TestChoose(t *testing.T) {
	for _, name := range Paths() {
		p, err := choose(name)
		require.NoError(t, err)
		require.Equal(t, name, p.name)
	}
	p, err := choose("")
	require.NoError(t, err)
	require.Equal(t, Paths()[len(paths)-1], p.name)
	_, err = choose("mmx")
	require.ErrorContains(t, err, `TAMEGRAD_SIMD="mmx"`)
	require.ErrorContains(t, err, "go")
}

// The environment variable decides when the program starts.
func TestVariable(t *testing.T) {
	if name := os.Getenv("KERNEL_TEST_PATH"); name != "" {
		got, err := Path()
		require.NoError(t, err)
		require.Equal(t, name, got)
		return
	}
	for _, name := range Paths() {
		run := exec.Command(os.Args[0], "-test.run=^TestVariable$")
		run.Env = append(os.Environ(), PathVariable+"="+name, "KERNEL_TEST_PATH="+name)
		out, err := run.CombinedOutput()
		require.NoError(t, err, string(out))
	}
}
