package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// eachLinear calls f for the kernels of every path but the first.
func eachLinear[T Real](t *testing.T, f func(t *testing.T, l *linear[T])) {
	for i := range paths[1:] {
		p := &paths[i+1]
		t.Run(fmt.Sprintf("%s/%T", p.name, T(0)), func(t *testing.T) { f(t, linearOf[T](p)) })
	}
}

// drawn returns numbers, edges among them if asked.
func drawn[T Real](r *rand.Rand, n int, withEdges bool) []T {
	x := make([]T, n)
	for i := range x {
		if x[i] = T(r.NormFloat64()); withEdges {
			x[i] = T(drawEntry(r))
		}
	}
	return x
}

// sameBits holds numbers against others bit for bit, but for the bits of NaN.
func sameBits[T Real](t *testing.T, want, got []T, about ...any) {
	t.Helper()
	for i, w := range want {
		if g := got[i]; math.Float64bits(float64(w)) != math.Float64bits(float64(g)) && (w == w || g == g) {
			require.Equal(t, w, g, "entry %d of %v", i, about)
		}
	}
}

// naiveSum is the definition: term i goes to accumulator i modulo their number.
func naiveSum[T Real](terms int, add func(a T, i int) T) T {
	a := make([]T, Accumulators[T]())
	for i := range terms {
		a[i%len(a)] = add(a[i%len(a)], i)
	}
	for half := len(a) / 2; half > 0; half /= 2 {
		for i := range half {
			a[i] += a[i+half]
		}
	}
	return a[0]
}

func fmaOf[T Real](a, b, c T) T {
	if f, ok := any(c).(float32); ok {
		return T(FMA32(float32(a), float32(b), f))
	}
	return T(math.FMA(float64(a), float64(b), float64(c)))
}

func testReference[T Real](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		x, y := drawn[T](r, 3*n, n%2 == 0), drawn[T](r, 3*n, n%2 == 0)
		sums, dots, columns := make([]T, 3), make([]T, 3), make([]T, 3)
		sumRows(sums, x, n)
		dotRows(dots, x, y, n)
		sumColumns(columns, x, n, 3)
		for k := range 3 {
			sameBits(t, []T{naiveSum(n, func(a T, i int) T { return a + x[k*n+i] })}, sums[k:], n)
			sameBits(t, []T{naiveSum(n, func(a T, i int) T { return fmaOf(x[k*n+i], y[k*n+i], a) })}, dots[k:], n)
			sameBits(t, []T{naiveSum(n, func(a T, i int) T { return a + x[i*3+k] })}, columns[k:], n)
		}
	}
}

// Sums in Go are those of the definition.
func TestSums(t *testing.T) {
	testReference[float64](t)
	testReference[float32](t)
}

func testSums[T Real](t *testing.T) {
	eachLinear(t, func(t *testing.T, l *linear[T]) {
		r := rand.New(rand.NewPCG(3, 4))
		for n := range 70 {
			for rows := range 11 {
				for _, withEdges := range []bool{false, true} {
					x, y := drawn[T](r, rows*n, withEdges), drawn[T](r, rows*n, withEdges)
					want, got := make([]T, rows), make([]T, rows)
					sumRows(want, x, n)
					l.sumRows(got, x, n)
					sameBits(t, want, got, "sums", rows, n)
					for i := range got {
						var acc accumulators[T]
						a, row := acc[:Accumulators[T]()], x[i*n:(i+1)*n]
						first := r.IntN(n/len(a)+1) * len(a)
						l.sumOn(a, row[:first])
						l.sumOn(a, row[first:])
						got[i] = Combine(a)
					}
					sameBits(t, want, got, "sums in two parts", rows, n)
					dotRows(want, x, y, n)
					l.dotRows(got, x, y, n)
					sameBits(t, want, got, "dots", rows, n)
					stride := rows + r.IntN(3)
					x = drawn[T](r, n*stride+rows, withEdges)
					sumColumns(want, x, n, stride)
					l.sumColumns(got, x, n, stride)
					sameBits(t, want, got, "columns", rows, n)
				}
			}
			for _, columns := range []int{16, 31, 70} {
				want, got, x := make([]T, columns), make([]T, columns), drawn[T](r, n*columns, true)
				sumColumns(want, x, n, columns)
				l.sumColumns(got, x, n, columns)
				sameBits(t, want, got, "columns", columns, n)
			}
		}
	})
}

// Sums have the same bits on all paths.
func TestSumPathsAgree(t *testing.T) {
	t.Run("float64", testSums[float64])
	t.Run("float32", testSums[float32])
}

// An accumulator that a product rounded to −0 stays −0 beside an absent term.
func TestDotKeepsNegativeZero(t *testing.T) {
	x, y := make([]float64, 9), make([]float64, 9)
	for i := range x {
		x[i], y[i] = -math.SmallestNonzeroFloat64, 0.25
	}
	for _, p := range paths {
		out := []float64{1}
		p.l64.dotRows(out, x, y, 9)
		require.True(t, math.Signbit(out[0]), p.name)
	}
}

// The methods for callers take the shortest prefix and refuse to read further.
func TestSumBounds(t *testing.T) {
	out := make([]float64, 2)
	SumRows(out, []float64{1, 2, 3, 4, 5}, 2)
	require.Equal(t, []float64{3, 7}, out)
	SumColumns(out, []float64{1, 2, 3, 4, 5}, 2, 3)
	require.Equal(t, []float64{5, 7}, out)
	SumColumns(out, nil, 0, 3)
	require.Equal(t, []float64{0, 0}, out)
	require.Panics(t, func() { SumRows(out, make([]float64, 3), 2) })
	require.Panics(t, func() { DotRows(out, make([]float64, 4), make([]float64, 3), 2) })
	require.Panics(t, func() { SumColumns(out, make([]float64, 4), 2, 3) })
	require.Panics(t, func() { SumColumns(out, make([]float64, 4), 2, -1) })
}

func TestSumsDoNotAllocate(t *testing.T) {
	x, out := make([]float32, 100), make([]float32, 10)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		SumRows(out, x, 10)
		DotRows(out, x, x, 10)
		SumColumns(out, x, 10, 10)
		paths[0].l32.dotRows(out, x, x, 10)
	}))
}

func benchmarkSums[T Real](b *testing.B) {
	for _, p := range paths {
		l := linearOf[T](&p)
		x, out := drawn[T](rand.New(rand.NewPCG(1, 2)), 1<<14, false), make([]T, 1<<14)
		for _, n := range []int{8, 128, 1 << 14} {
			report := func(name string, f func()) {
				b.Run(fmt.Sprintf("%s/%v/%s/%d", p.name, reflect.TypeFor[T](), name, n), func(b *testing.B) {
					for b.Loop() {
						f()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/entry")
				})
			}
			report("SumRows", func() { l.sumRows(out[:len(x)/n], x, n) })
			report("DotRows", func() { l.dotRows(out[:len(x)/n], x, x, n) })
			report("SumColumns", func() { l.sumColumns(out[:n], x, len(x)/n, n) })
		}
	}
}

func BenchmarkSums(b *testing.B) {
	benchmarkSums[float64](b)
	benchmarkSums[float32](b)
}
