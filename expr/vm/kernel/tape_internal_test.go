package kernel

import (
	"math/rand/v2"
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
	case CodeGateStep:
		isNaN = v.GateStep(out, x, y, z, pair[0], pair[1])
	case CodeGateAdd:
		v.GateAdd(out, x, y, z)
	}
	return out, isNaN
}

func testTape[T Real](t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	wide := Wide[T]()
	pairs := [][2]float64{{1, 0}, {2, -1}, {-1.0 / 3, 0.1}}
	eachLinear(t, func(t *testing.T, l *linear[T]) {
		for range 300 {
			for code := CodeAdd; code <= CodeGateAdd; code++ {
				arena := drawn[T](r, 5*wide, r.IntN(2) == 0)
				at := [3]int32{int32(wide * r.IntN(4)), int32(wide * r.IntN(4)), int32(wide * r.IntN(4))}
				extra := r.IntN(3)
				value := func(i int32) []T { return arena[i : int(i)+wide] }
				want, isNaN := byKernel(code, value(at[0]), value(at[1]), value(at[2]), pairs[extra])
				entry := Entry{Code: code, Extra: int32(extra), Out: int32(4 * wide), In: at}
				before := append([]T{}, arena...)
				done := runTape(l, []Entry{entry, {}}, arena, pairs)
				if l.tape == nil || isNaN {
					require.Zero(t, done)
					sameBits(t, before, arena, code)
					continue
				}
				require.Equal(t, 1, done, "the second has no code")
				sameBits(t, want, arena[4*wide:], code)
				sameBits(t, before[:4*wide], arena[:4*wide], code)
			}
		}
	})
}

// An entry of the tape is what the kernel of its operation gives, and one whose switch is NaN is left to others.
func TestTape(t *testing.T) {
	t.Run("float64", testTape[float64])
	t.Run("float32", testTape[float32])
}
