package vm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// applied runs one op on random numbers in T, and checks that a run allocates nothing.
func applied[T expr.Real](t *testing.T, op string, at expr.Attr, shapes ...[]int) (in [][]T, out []T) {
	g := expr.NewGraph()
	var args []expr.Node
	for i, s := range shapes {
		args = append(args, g.Input(fmt.Sprint("x", i), s...))
	}
	var y expr.Node
	for _, o := range expr.Ops() {
		if o.Name == op {
			y = o.Apply(at, args...)
		}
	}
	f, err := g.Func(expr.In(args...), expr.Out(y))
	require.NoError(t, err)
	options := vm.Options{}
	if _, ok := any(T(0)).(float32); ok {
		options.Precision = vm.Float32
	}
	p, err := vm.Compile(f, options)
	require.NoError(t, err)
	w := vm.NewWorkspaceOf[T](p)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range args {
		for k := range w.In(i) {
			w.In(i)[k] = T(rng.NormFloat64())
		}
		in = append(in, w.In(i))
	}
	require.Zero(t, testing.AllocsPerRun(2, func() { require.NoError(t, w.Run()) }))
	return in, w.Out(0)
}

// fused is the multiply-add of T.
func fused[T expr.Real](a, b, c T) T {
	if c, ok := any(c).(float32); ok {
		return T(kernel.FMA32(float32(a), float32(b), c))
	}
	return T(math.FMA(float64(a), float64(b), float64(c)))
}

func testChains[T expr.Real](t *testing.T) {
	for _, s := range []struct {
		la, lb, m, k, n int // la and lb positions
	}{{1, 1, 3, 4, 5}, {1, 1, 70, 400, 90}, {1, 1, 1, 50, 60}, {3, 1, 20, 70, 40}, {3, 3, 4, 5, 6}, {1, 4, 30, 33, 35}, {2, 2, 64, 330, 40}, {2, 1, 1, 9, 9}} {
		for flags := range 4 {
			ta, tb := flags&1, flags>>1
			shapeA, shapeB := []int{s.m, s.k}, []int{s.k, s.n}
			rowA, colA, rowB, colB := s.k, 1, s.n, 1
			if ta == 1 {
				shapeA, rowA, colA = []int{s.k, s.m}, 1, s.m
			}
			if tb == 1 {
				shapeB, rowB, colB = []int{s.n, s.k}, 1, s.k
			}
			if s.la > 1 {
				shapeA = append([]int{s.la}, shapeA...)
			}
			if s.lb > 1 {
				shapeB = append([]int{s.lb}, shapeB...)
			}
			in, out := applied[T](t, "matmul", expr.Ints(ta, tb), shapeA, shapeB)
			for i := range out {
				l, row, col := i/(s.m*s.n), i/s.n%s.m, i%s.n
				a, b := in[0][l%s.la*s.m*s.k:], in[1][l%s.lb*s.k*s.n:]
				var want T
				for p := range s.k {
					want = fused(a[row*rowA+p*colA], b[p*rowB+col*colB], want)
				}
				require.Equal(t, want, out[i], "%+v, flags %d %d, entry %d", s, ta, tb, i)
			}
		}
	}
}

// Products of matrices, whatever their shape, are chains of fused multiply-adds in the order of the summed index.
func TestMatMulIsChains(t *testing.T) {
	t.Run("float64", testChains[float64])
	t.Run("float32", testChains[float32])
}

func testVectors[T expr.Real](t *testing.T) {
	for _, s := range []struct{ lw, lx, rows, cols int }{{1, 1, 3, 4}, {1, 1, 50, 70}, {1, 6, 50, 70}, {5, 5, 9, 21}, {5, 1, 40, 19}} {
		for transposed := range 2 {
			m, k, row, col := s.rows, s.cols, s.cols, 1
			if transposed == 1 {
				m, k, row, col = s.cols, s.rows, 1, s.cols
			}
			w, x := []int{s.rows, s.cols}, []int{k}
			if s.lw > 1 {
				w = append([]int{s.lw}, w...)
			}
			if s.lx > 1 {
				x = append([]int{s.lx}, x...)
			}
			in, out := applied[T](t, "matvec", expr.Ints(transposed), w, x)
			for i := range out {
				l, r := i/m, i%m
				var want T
				for p := range k {
					want = fused(in[0][l%s.lw*m*k+r*row+p*col], in[1][l%s.lx*k+p], want)
				}
				require.Equal(t, want, out[i], "%+v, transposed %d, entry %d", s, transposed, i)
			}
		}
	}
	in, out := applied[T](t, "outer", nil, []int{3, 5}, []int{3, 21})
	for i, v := range out {
		require.Equal(t, in[0][i/21]*in[1][i/105*21+i%21], v)
	}
}

func TestMatVecIsChains(t *testing.T) {
	t.Run("float64", testVectors[float64])
	t.Run("float32", testVectors[float32])
}

func testReductions[T expr.Real](t *testing.T) {
	extents := []int{3, 4, 5, 7}
	strides := []int{140, 35, 7, 1}
	for pattern := range 16 { // which axes are summed
		at, kept, summed := []int{4}, []int{0}, []int{0}
		for a, n := range extents {
			places, own := &kept, n
			if pattern>>a&1 == 1 {
				places, own = &summed, 1
			}
			at = append(at, own)
			var next []int
			for _, p := range *places {
				for i := range n {
					next = append(next, p+i*strides[a])
				}
			}
			*places = next
		}
		in, out := applied[T](t, "sum", expr.Ints(at...), extents)
		_, means := applied[T](t, "mean", expr.Ints(at...), extents)
		for o, first := range kept {
			acc := make([]T, kernel.Accumulators[T]())
			for j, p := range summed {
				acc[j%len(acc)] += in[0][first+p]
			}
			want := kernel.Combine(acc)
			require.Equal(t, want, out[o], "axes %b, entry %d", pattern, o)
			require.Equal(t, want/T(len(summed)), means[o])
		}
	}
	in, out := applied[T](t, "dot", nil, []int{3, 50}, []int{3, 50})
	for l := range out {
		acc := make([]T, kernel.Accumulators[T]())
		for j := range 50 {
			acc[j%len(acc)] = fused(in[0][l*50+j], in[1][l*50+j], acc[j%len(acc)])
		}
		require.Equal(t, kernel.Combine(acc), out[l])
	}
}

// Sums over any axes, means and dot products deal their terms to accumulators in row-major order.
func TestReductionsAreInterleaved(t *testing.T) {
	t.Run("float64", testReductions[float64])
	t.Run("float32", testReductions[float32])
}
