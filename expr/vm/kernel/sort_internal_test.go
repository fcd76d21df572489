package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// orderOf is the order of a row by definition: a position comes before another if its entry is smaller, or not larger
// and it is the lower position. −0 and 0 are equal numbers.
func orderOf[T Real](x []T) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case x[i] < x[j]:
			return -1
		case x[i] > x[j]:
			return 1
		}
		return 0
	})
	return order
}

// rowsToSort are ways to draw the entries of a row; some fill it with ties, some with numbers that agree in the upper
// half of their bits.
var rowsToSort = map[string]func(r *rand.Rand, i, n int) float64{
	"normal":     func(r *rand.Rand, _, _ int) float64 { return r.NormFloat64() },
	"ties":       func(r *rand.Rand, _, _ int) float64 { return float64(r.IntN(4) - 2) },
	"zeros":      func(r *rand.Rand, _, _ int) float64 { return math.Copysign(0, float64(r.IntN(2))-0.5) },
	"neighbours": func(r *rand.Rand, _, _ int) float64 { return 1 + float64(r.IntN(1000))*0x1p-52 },
	"clusters": func(r *rand.Rand, _, _ int) float64 {
		return float64(r.IntN(9)-4) * (1 + float64(r.IntN(1<<20))*0x1p-52)
	},
	"few":        func(r *rand.Rand, i, n int) float64 { return float64(i*8/n) + float64(r.IntN(3))*0x1p-40 },
	"subnormals": func(r *rand.Rand, _, _ int) float64 { return float64(r.IntN(100)-50) * 0x1p-1074 },
	"edges": func(r *rand.Rand, _, _ int) float64 {
		for {
			if v := drawEntry(r); v == v {
				return v
			}
		}
	},
	"ascending":  func(_ *rand.Rand, i, _ int) float64 { return float64(i) },
	"descending": func(_ *rand.Rand, i, _ int) float64 { return -float64(i / 2) },
}

func drawRow[T Real](r *rand.Rand, n int, draw func(r *rand.Rand, i, n int) float64) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(draw(r, i, n))
	}
	return x
}

// The order is that of the definition, at every length and for all that is hard to order.
func TestOrder(t *testing.T) { eachSorting(t, requireOrder[float64], requireOrder[float32]) }

func requireOrder[T Real](t *testing.T, l *linear[T]) {
	r := rand.New(rand.NewPCG(1, 1))
	lengths := []int{100, 255, 256, 257, 1000, 1024, 5000, 70_000}
	for n := range longest {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		for name, draw := range rowsToSort {
			x := drawRow[T](r, n, draw)
			order := make([]int, n)
			require.True(t, l.orderRow(order, x, make([]int, n)), "%s, %d entries", name, n)
			require.True(t, slices.Equal(orderOf(x), order), "%s, %d entries", name, n)
			if n > 0 {
				x[r.IntN(n)] = T(math.NaN())
				require.False(t, l.orderRow(order, x, make([]int, n)), "%s, %d entries", name, n)
			}
		}
	}
}

// An order of random bits is that of the definition.
func TestLawOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOf(rapid.Float64()).Draw(t, "x")
		for range rapid.IntRange(0, 8).Draw(t, "doublings") { // so that entries tie
			x = append(x, x[:min(len(x), 300)]...)
		}
		order := make([]int, len(x))
		require.True(t, Order(order, x, make([]int, len(x))))
		require.Equal(t, orderOf(x), order)
	})
}

// eachSorting calls f for the sorting of rows along every path.
func eachSorting(t *testing.T, f64 func(t *testing.T, l *linear[float64]), f32 func(t *testing.T, l *linear[float32])) {
	for i := range paths {
		p := &paths[i]
		t.Run(p.name+"/float64", func(t *testing.T) { f64(t, linearOf[float64](p)) })
		t.Run(p.name+"/float32", func(t *testing.T) { f32(t, linearOf[float32](p)) })
	}
}

// Every path sorts rows, finds their orders and applies them as the definition says.
func TestSortRows(t *testing.T) {
	eachSorting(t,
		func(t *testing.T, l *linear[float64]) {
			requireRows(t, l, func(_ int, x []float64, _ bool) []float64 { return x })
		},
		func(t *testing.T, l *linear[float32]) {
			requireRows(t, l, func(_ int, x []float32, _ bool) []float32 { return x })
		})
}

// requireRows checks a path on four slices that room copies.
func requireRows[T Real](t *testing.T, l *linear[T], room func(i int, x []T, atEnd bool) []T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{1, 2, 2, 2, 2, 3, 4, 7, 8, 9, 16, 17, 41, 64} {
		for rows := range 40 {
			if 2*n*rows > 512 { // what a page holds
				break
			}
			for name, draw := range rowsToSort {
				atEnd := r.IntN(2) == 0
				x := room(0, drawRow[T](r, n*rows, draw), atEnd)
				y := room(1, make([]T, n*rows), atEnd)
				order := room(2, make([]T, 2*n*rows), atEnd)
				back := room(3, make([]T, n*rows), atEnd)
				for i := range back {
					y[i], back[i] = -1, -1
				}
				work := make([]int, 2*n)
				require.True(t, sortRows(l, y, x, n, work), name)
				require.True(t, orderRows(l, order, x, n, work), name)
				for b := range rows {
					requireRow(t, x[b*n:(b+1)*n], y[b*n:(b+1)*n], order[2*b*n:2*(b+1)*n])
				}
				require.True(t, permuteRows(l, back, order, x, n), name)
				requireSame(t, y, back)
				require.True(t, unpermuteRows(l, back, order, y, n), name)
				requireSame(t, x, back)
				if rows > 0 {
					x[r.IntN(len(x))] = T(math.NaN())
					require.False(t, sortRows(l, y, x, n, work), name)
					require.False(t, orderRows(l, order, x, n, work), name)
				}
			}
		}
	}
}

// requireRow checks the sorted row y of x and its order.
func requireRow[T Real](t *testing.T, x, y, order []T) {
	n := len(x)
	sorted, want := make([]T, n), make([]T, 2*n)
	first := 0
	for i, at := range orderOf(x) {
		sorted[i] = x[at]
		if sorted[i] != sorted[first] {
			first = i
		}
		want[i], want[n+i] = T(at), T(first)
	}
	require.True(t, slices.Equal(want, order), "%v orders %v", order, x)
	requireSame(t, sorted, y)
}

// requireSame tells −0 from 0.
func requireSame[T Real](t *testing.T, want, got []T) {
	same := slices.EqualFunc(want, got, func(v, w T) bool { return math.Float64bits(float64(v)) == math.Float64bits(float64(w)) })
	require.True(t, same, "%v, not %v", got, want)
}

// An order need not be a permutation: positions may occur several times, and what is none is refused.
func TestPermuteRows(t *testing.T) {
	eachSorting(t, requirePermuted[float64], requirePermuted[float32])
}

func requirePermuted[T Real](t *testing.T, l *linear[T]) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{1, 2, 2, 3, 5, 50} {
		for rows := range 30 {
			x := drawRow[T](r, n*rows, rowsToSort["normal"])
			order, want, back := make([]T, 2*n*rows), make([]T, n*rows), make([]T, n*rows)
			repeats := r.IntN(2) == 0
			for b := range rows {
				p := r.Perm(n)
				for i, at := range p {
					if repeats && r.IntN(rows*n) == 0 {
						at = r.IntN(n)
					}
					order[2*b*n+i] = T(at)
					want[b*n+i] = x[b*n+at]
					back[b*n+at] = x[b*n+i]
				}
			}
			got := make([]T, n*rows)
			require.True(t, permuteRows(l, got, order, x, n))
			require.Equal(t, want, got)
			require.True(t, unpermuteRows(l, got, order, x, n))
			require.Equal(t, back, got)
			for _, wrong := range []float64{-1, float64(n), 0.5, math.NaN(), math.Inf(1), math.Inf(-1), -0x1p-140, 1e30} {
				if rows > 0 {
					at := 2*n*r.IntN(rows) + r.IntN(n)
					right := order[at]
					order[at] = T(wrong)
					require.False(t, permuteRows(l, got, order, x, n), "%v", wrong)
					require.False(t, unpermuteRows(l, got, order, x, n), "%v", wrong)
					order[at] = right
				}
			}
		}
	}
}

func ExampleOrder() {
	x := []float64{2, 0, 1, math.Copysign(0, -1)}
	order := make([]int, len(x))
	ok := Order(order, x, make([]int, len(x)))
	fmt.Println(order, ok)
	// Output: [1 3 2 0] true
}
