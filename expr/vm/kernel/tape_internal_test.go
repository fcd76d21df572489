package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// byKernel is what the reference kernels make of an entry.
func byKernel[T Real](code Code, x, y, z []T, pair [2]float64) (out []T, isNaN bool) {
	out, v := make([]T, len(x)), reference[T]()
	switch code {
	case CodeAdd:
		v.Add(out, x, y)
	case CodeSub:
		v.Sub(out, x, y)
	case CodeMul:
		v.Mul(out, x, y)
	case CodeDiv:
		v.Div(out, x, y)
	case CodeNeg:
		v.Neg(out, x)
	case CodeAffine:
		v.Affine(out, x, pair[0], pair[1])
	case CodeAbs:
		v.Abs(out, x)
	case CodeReLU:
		v.ReLU(out, x)
	case CodeGate:
		v.Gate(out, x, y)
	case CodeStep:
		isNaN = v.Step(out, x, y)
	case CodeMax:
		v.Max(out, x, y)
	case CodeMin:
		v.Min(out, x, y)
	case CodeGateStep, CodeGateAbove, CodeGateBelow, CodeGateSign:
		isNaN = v.GateStep(out, x, y, z, pair[0], pair[1])
	case CodeGateAdd:
		v.GateAdd(out, x, y, z)
	}
	return out, isNaN
}

// byKernels runs entries until one whose switch is NaN, or that has no code.
func byKernels[T Real](tape []Entry, arena []T, pairs [][2]float64, width int) (done int) {
	for _, e := range tape {
		value := func(i int32) []T { return arena[i : int(i)+width] }
		if e.Variant.Code() == NoCode {
			return done
		}
		out, isNaN := byKernel(e.Variant.Code(), value(e.In[0]), value(e.In[1]), value(e.In[2]), pairs[e.Extra])
		if isNaN {
			return done
		}
		copy(value(e.Out), out)
		done++
	}
	return done
}

// operandsOfCode is how many operands a code has.
func operandsOfCode(code Code) int {
	switch code {
	case CodeNeg, CodeAffine, CodeAbs, CodeReLU:
		return 1
	case CodeGateStep, CodeGateAbove, CodeGateBelow, CodeGateSign, CodeGateAdd:
		return 3
	}
	return 2
}

// drawTape returns a tape on so many values, whose entries often take the result of the one before.
func drawTape(r *rand.Rand, entries, values, width int, pairs [][2]float64) []Entry {
	tape := make([]Entry, entries)
	for i := range tape {
		e := &tape[i]
		code := CodeAdd + Code(r.IntN(int(CodeGateAdd)))
		e.Extra = int32(r.IntN(len(pairs)))
		if code.GatesStep() {
			code = GateStepOf(pairs[e.Extra][0], pairs[e.Extra][1])
		}
		if r.IntN(12) == 0 {
			code = NoCode
		}
		e.Out = int32(width * r.IntN(values))
		for k := range e.In {
			e.In[k] = int32(width * r.IntN(values))
		}
		e.Variant = code.Of(0)
		if k := r.IntN(2 * operandsOfCode(code)); i > 0 && k < operandsOfCode(code) {
			e.Variant, e.In[k] = code.Of(k+1), tape[i-1].Out
		}
	}
	return tape
}

// requireKernels holds a Tape on values of so many entries against the kernels, and meets every variant.
func requireKernels[T Real](t *testing.T, run Tape[T], width int) {
	const values = 6
	r := rand.New(rand.NewPCG(9, 9))
	pairs := [][2]float64{{1, 0}, {2, -1}, {-1, 1}, {1, math.Copysign(0, -1)}, {-1.0 / 3, 0.1}}
	met := map[Variant]int{}
	for range 4000 {
		tape := drawTape(r, 1+r.IntN(8), values, width, pairs)
		tape = tape[r.IntN(len(tape)):] // the first reads what it would have found in registers
		got := drawn[T](r, values*width, r.IntN(2) == 0)
		want := append([]T{}, got...)
		done := run(tape, got, pairs)
		require.Equal(t, byKernels(tape, want, pairs, width), done, tape)
		sameBits(t, want, got, tape)
		for _, e := range tape[:done] {
			met[e.Variant]++
		}
	}
	for code := CodeAdd; code <= CodeGateAdd; code++ {
		for k := range operandsOfCode(code) + 1 {
			require.Greater(t, met[code.Of(k)], 20, "code %d with operand %d held", code, k)
		}
	}
}

func testTape[T Real](t *testing.T) {
	requireKernels(t, runOnes[T], 1)
	eachLinear(t, func(t *testing.T, l *linear[T]) {
		requireKernels(t, l.ones(), 1)
		requireKernels(t, l.tape.run, Wide[T]())
	})
}

// The entries of a tape are what the kernels of their operations give one after the other, and one whose switch is NaN
// is left to others.
func TestTape(t *testing.T) {
	t.Run("float64", testTape[float64])
	t.Run("float32", testTape[float32])
}

// A tape that runs in several stretches does not stop between them, and stops within the second where it has to.
func TestTapeInStretches(t *testing.T) {
	tape := make([]Entry, 2*stretch+5)
	for i := range tape {
		tape[i].Variant = CodeAffine.Of(min(i, 1)) // x ← x + 1
	}
	pairs := [][2]float64{{1, 1}}
	eachLinear(t, func(t *testing.T, l *linear[float64]) {
		for _, stop := range []int{len(tape), stretch, stretch + 7, 2 * stretch} {
			arena, own := []float64{0}, slices.Clone(tape)
			if stop < len(own) {
				own[stop].Variant = NoCode.Of(0)
			}
			require.Equal(t, stop, l.ones()(own, arena, pairs))
			require.Equal(t, float64(stop), arena[0])
		}
	})
}

// A tape stops at every variant that no operation has, whatever stands there.
func TestTapeStopsAtOthers(t *testing.T) {
	known := map[Variant]bool{}
	for code := CodeAdd; code <= CodeGateAdd; code++ {
		for k := range operandsOfCode(code) + 1 {
			known[code.Of(k)] = true
		}
	}
	eachLinear(t, func(t *testing.T, l *linear[float64]) {
		wide := int32(Wide[float64]())
		for v := range 1 << 8 {
			tape := []Entry{{Variant: CodeNeg.Of(0), Out: wide}, {Variant: Variant(v), Out: wide}}
			done := 1
			if known[Variant(v)] {
				done = 2
			}
			require.Equal(t, done, l.tape.run(tape, make([]float64, 2*wide), make([][2]float64, 1)), v)
			require.Equal(t, done, l.tapeOfOne.run(tape, make([]float64, 2*wide), make([][2]float64, 1)), v)
		}
	})
}
