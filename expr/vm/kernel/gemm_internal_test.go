package kernel

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// matrices are a product's operands and its result by definition.
type matrices[T Real] struct {
	Product
	a, b, bias, want []T
}

// drawProduct draws products of an extent; transposed operands, gaps between rows, shared ones, bias and relu too.
func drawProduct[T Real](r *rand.Rand, m, n, k int, withEdges bool) *matrices[T] {
	p := &matrices[T]{Product: Product{M: m, N: n, K: k, Count: 1 + r.IntN(3), ReLU: r.IntN(2) == 0, RowC: n + r.IntN(3)}}
	p.RowA, p.ColA, p.NextA = layout(r, m, k)
	p.RowB, p.ColB, p.NextB = layout(r, k, n)
	p.NextC = p.RowC*m + r.IntN(3)
	p.a, p.b = drawn[T](r, p.Count*p.NextA+m*k, withEdges), drawn[T](r, p.Count*p.NextB+k*n, withEdges)
	if p.NextA == 0 || p.NextB == 0 {
		p.a, p.b = drawn[T](r, p.Count*(m+9)*(k+9), withEdges), drawn[T](r, p.Count*(n+9)*(k+9), withEdges)
	}
	if r.IntN(2) == 0 {
		p.NextBias = r.IntN(2) * (n + r.IntN(3))
		p.bias = drawn[T](r, (p.Count-1)*p.NextBias+n, withEdges)
	}
	p.want = p.define()
	return p
}

// layout returns the strides of a matrix and to the next one.
func layout(r *rand.Rand, rows, columns int) (row, column, next int) {
	row, column = columns+r.IntN(3), 1
	next = row*rows + r.IntN(3)
	if r.IntN(2) == 0 {
		row, column = 1, rows+r.IntN(3)
		next = column*columns + r.IntN(3)
	}
	if r.IntN(4) == 0 {
		next = 0
	}
	return row, column, next
}

// blank is the result before a product: what is not written must stay.
func (p *matrices[T]) blank() []T {
	c := make([]T, p.Count*p.NextC+p.M*p.RowC)
	for i := range c {
		c[i] = 77
	}
	return c
}

// define computes the products from the definition.
func (p *matrices[T]) define() []T {
	c := p.blank()
	for q := range p.Count {
		for i := range p.M {
			for j := range p.N {
				var s T
				for k := range p.K {
					s = fmaOf(p.a[q*p.NextA+i*p.RowA+k*p.ColA], p.b[q*p.NextB+k*p.RowB+j*p.ColB], s)
				}
				if p.bias != nil {
					s += p.bias[q*p.NextBias+j]
				}
				if p.ReLU && s < 0 {
					s = 0
				}
				c[q*p.NextC+i*p.RowC+j] = s
			}
		}
	}
	return c
}

// check computes the products along a path.
func (p *matrices[T]) check(t *testing.T, l *linear[T]) {
	t.Helper()
	c := p.blank()
	multiply(l, p.Product, c, p.a, p.b, p.bias, make([]T, p.Scratch()))
	sameBits(t, p.want, c, fmt.Sprintf("%+v, bias %v", p.Product, p.bias != nil))
}

func multiply[T Real](l *linear[T], p Product, c, a, b, bias, scratch []T) {
	m := newMultiplier(l, p)
	m.Multiply(c, a, b, bias, scratch)
}

func testProducts[T Real](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(m, n, k int) {
		p := drawProduct[T](r, m, n, k, r.IntN(2) == 0)
		for i := range paths {
			p.check(t, linearOf[T](&paths[i]))
		}
	}
	extent := 20
	if testing.Short() {
		extent = 6
	}
	for m := range extent + 1 {
		for n := range extent + 1 {
			for k := range extent + 1 {
				check(m, n, k)
			}
		}
	}
	for range 40 { // panels, chunks and blocks of all kinds
		check(1+r.IntN(4), 1+r.IntN(300), 1+r.IntN(500))
		check(1+r.IntN(100), 1+r.IntN(100), 1+r.IntN(400))
		check(1+r.IntN(10), 1+r.IntN(100), 1+r.IntN(100))
		check(32+r.IntN(100), 1+r.IntN(25), 16+r.IntN(100))
	}
	check(50, 40, 700)
	check(40, 33, 1024)
}

// Products have the bits of the definition on every path, for all small shapes and some large ones.
func TestProducts(t *testing.T) {
	t.Run("float64", testProducts[float64])
	t.Run("float32", testProducts[float32])
}

// Products so large that A is copied by blocks, in both directions, against the path in Go.
func testCopied[T Real](t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, transposed := range []bool{false, true} {
		p := &matrices[T]{Product: Product{M: 512, N: 150, K: 350, RowB: 150, ColB: 1, RowC: 150, Count: 1, RowA: 512, ColA: 1}}
		if transposed {
			p.RowA, p.ColA = 1, 512
		}
		require.True(t, p.copies())
		p.a, p.b = drawn[T](r, 512*512, false), drawn[T](r, 350*150, false)
		p.want = p.blank()
		plainProducts(&p.Product, p.want, p.a, p.b, nil)
		eachLinear(t, func(t *testing.T, l *linear[T]) { p.check(t, l) })
	}
}

func TestCopiedProducts(t *testing.T) {
	t.Run("float64", testCopied[float64])
	t.Run("float32", testCopied[float32])
}

func TestMultiplyDoesNotAllocate(t *testing.T) {
	for _, p := range []Product{
		{M: 50, N: 70, K: 400, RowA: 400, ColA: 1, RowB: 1, ColB: 400, RowC: 70, Count: 1},
		{M: 7, N: 70, K: 400, RowA: 400, ColA: 1, RowB: 1, ColB: 400, RowC: 70, Count: 1},
		{M: 50, N: 10, K: 400, RowA: 1, ColA: 50, RowB: 10, ColB: 1, RowC: 10, Count: 1},
	} {
		a, b, c, s := make([]float32, p.M*p.K), make([]float32, p.N*p.K), make([]float32, p.M*p.N), make([]float32, p.Scratch())
		m := NewMultiplier[float32](p)
		require.Zero(t, testing.AllocsPerRun(5, func() { m.Multiply(c, a, b, nil, s) }))
		require.Zero(t, testing.AllocsPerRun(5, func() { m.Multiply(c, a, b, nil, nil) }))
	}
}

// Matrices that are too short are refused before anything is written.
func TestMultiplyBounds(t *testing.T) {
	p := Product{M: 2, N: 3, K: 4, RowA: 4, ColA: 1, RowB: 3, ColB: 1, RowC: 3, Count: 2, NextA: 8, NextC: 6}
	call := func(c, a, b, bias int) func() {
		return func() {
			NewMultiplier[float64](p).Multiply(make([]float64, c), make([]float64, a), make([]float64, b), make([]float64, bias), nil)
		}
	}
	require.NotPanics(t, call(12, 16, 12, 3))
	for _, short := range []func(){call(11, 16, 12, 3), call(12, 15, 12, 3), call(12, 16, 11, 3), call(12, 16, 12, 2)} {
		require.Panics(t, short)
	}
	p.ColB = -1
	require.Panics(t, call(12, 16, 12, 3))
}

// shapes for benchmarks: squares, and the products of a network with layers 784, 256, 128 and 10 at batch 128.
func benchmarkShapes() (out []Product) {
	add := func(m, k, n int, ta, tb bool) {
		p := Product{M: m, N: n, K: k, RowA: k, ColA: 1, RowB: n, ColB: 1, RowC: n, Count: 1}
		if ta {
			p.RowA, p.ColA = 1, m
		}
		if tb {
			p.RowB, p.ColB = 1, k
		}
		out = append(out, p)
	}
	for _, n := range []int{4, 8, 16, 32, 64, 128, 256, 512, 1024} {
		add(n, n, n, false, false)
	}
	for _, s := range [][3]int{{128, 784, 256}, {128, 256, 128}, {128, 128, 10}} {
		add(s[0], s[1], s[2], false, false)
		add(s[0], s[2], s[1], false, true) // C·Bᵀ
		add(s[1], s[0], s[2], true, false) // Aᵀ·C
	}
	add(512, 512, 512, false, true)
	add(512, 512, 512, true, false)
	add(1, 784, 256, false, false)
	add(256, 784, 1, false, false)
	add(1000, 1000, 1, false, false)
	add(1000, 1000, 1, true, false)
	add(4, 784, 256, false, true)
	add(8, 784, 256, false, false)
	add(4, 4, 4, false, false)
	batch := &out[len(out)-1]
	batch.Count, batch.NextA, batch.NextB, batch.NextC = 1000, 16, 16, 16
	return out
}

func benchmarkProducts[T Real](b *testing.B) {
	for i := range paths {
		l := linearOf[T](&paths[i])
		for _, p := range benchmarkShapes() {
			r := rand.New(rand.NewPCG(1, 2))
			x, y := drawn[T](r, p.Count*p.M*p.K, false), drawn[T](r, p.Count*p.K*p.N, false)
			c, s := make([]T, p.Count*p.M*p.N), make([]T, p.Scratch())
			flags := ""
			if p.RowA == 1 && p.M > 1 {
				flags += "ᵀ"
			}
			if p.transposed() {
				flags += "·ᵀ"
			}
			if p.Count > 1 {
				flags += "·" + fmt.Sprint(p.Count)
			}
			b.Run(fmt.Sprintf("%s/%v/%dx%dx%d%s", paths[i].name, reflect.TypeFor[T](), p.M, p.K, p.N, flags), func(b *testing.B) {
				for b.Loop() {
					multiply(l, p, c, x, y, nil, s)
				}
				b.ReportMetric(2*float64(p.Count)*float64(p.M)*float64(p.N)*float64(p.K)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}

func BenchmarkProducts(b *testing.B) {
	benchmarkProducts[float32](b)
	benchmarkProducts[float64](b)
}
