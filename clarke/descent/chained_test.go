package descent_test

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// link is a term of a chained function, in two neighbouring variables.
type link func(g []float64, x, y float64) float64

func chained(x, g []float64, f link) float64 {
	sum := 0.0
	for i := range len(x) - 1 {
		sum += f(g[i:i+2], x[i], x[i+1])
	}
	return sum
}

func lq(g []float64, x, y float64) float64 {
	return largest(g, piece{-x - y, []float64{-1, -1}},
		piece{-x - y + x*x + y*y - 1, []float64{2*x - 1, 2*y - 1}})
}

func mifflin(g []float64, x, y float64) float64 {
	q := x*x + y*y - 1
	w := 2 + math.Copysign(1.75, q)
	g[0] += 2*w*x - 1
	g[1] += 2 * w * y
	return -x + w*q
}

func crescent(g []float64, x, y float64) float64 {
	return largest(g, crescents(x, y)...)
}

func crescents(x, y float64) []piece {
	q := x*x + (y-1)*(y-1)
	return []piece{{q + y - 1, []float64{2 * x, 2*y - 1}}, {-q + y + 1, []float64{-2 * x, -2*y + 3}}}
}

func cb3(g []float64, x, y float64) float64 { return charalambous(g, x, y, 4, 2) }

// brown is |x|^(y²+1) + |y|^(x²+1).
func brown(g []float64, x, y float64) float64 {
	half := func(g []float64, i, j int, x, y float64) float64 {
		e, a := y*y+1, math.Abs(x)
		f := kernel.Pow(a, e)
		if a > 0 {
			g[i] += math.Copysign(e*kernel.Pow(a, e-1), x)
			g[j] += 2 * y * f * kernel.Log(a)
		}
		return f
	}
	return half(g, 0, 1, x, y) + half(g, 1, 0, y, x)
}

// haarala returns F1 to F10 of M. Haarala, K. Miettinen and M. Mäkelä, Optim. Methods Softw. 19,
// 2004, in n variables. The minimum of F8 has no formula and is given for n = 50.
func haarala(n int) []*problem {
	half := repeat(n, 0)
	for i := range half {
		half[i] = float64(i + 1)
		if i >= n/2 {
			half[i] = -half[i]
		}
	}
	root, m := math.Sqrt2, float64(n-1)
	return []*problem{
		{"F1", half, float64(n * n), 0, maxq},
		{"F2", repeat(n, 1), harmonic(n), 0, mxhilb},
		{"F3", repeat(n, -.5), m, -m * root, func(x, g []float64) float64 { return chained(x, g, lq) }},
		{"F4", repeat(n, 2), 20 * m, 2 * m, func(x, g []float64) float64 { return chained(x, g, cb3) }},
		{"F5", repeat(n, 2), 20 * m, 2 * m, func(x, g []float64) float64 {
			return sums(x, g, func(x, y float64) []piece {
				var out []piece
				for i := range 3 {
					p := piece{0, make([]float64, 2)}
					p.f = cb3Piece(p.g, i, x, y)
					out = append(out, p)
				}
				return out
			})
		}},
		{"F6", repeat(n, 1), kernel.Log(float64(n + 1)), 0, faces},
		{"F7", repeat(n, -1, 1), 2 * m, 0, func(x, g []float64) float64 { return chained(x, g, brown) }},
		{"F8", repeat(n, -1), 4.75 * m, -34.7951814095, func(x, g []float64) float64 { return chained(x, g, mifflin) }},
		{"F9", repeat(n, -1.5, 2), 6*m - 1.75, 0, func(x, g []float64) float64 { return sums(x, g, crescents) }},
		{"F10", repeat(n, -1.5, 2), 6*m - 1.75, 0, func(x, g []float64) float64 { return chained(x, g, crescent) }},
	}
}

func harmonic(n int) float64 {
	sum := 0.0
	for i := range n {
		sum += 1 / float64(i+1)
	}
	return sum
}

// antidiagonals is the sum of the entries 1/k of the Hilbert matrix, which lie on antidiagonals.
func antidiagonals(n int) float64 {
	sum := 0.0
	for k := 1; k < 2*n; k++ {
		sum += float64(min(k, 2*n-k)) / float64(k)
	}
	return sum
}

// sums is the maximum over k of the sums along the chain of the k-th pieces.
func sums(x, g []float64, pieces func(x, y float64) []piece) float64 {
	var totals []piece
	for i := range len(x) - 1 {
		for k, p := range pieces(x[i], x[i+1]) {
			if k == len(totals) {
				totals = append(totals, piece{0, make([]float64, len(x))})
			}
			totals[k].f += p.f
			totals[k].g[i] += p.g[0]
			totals[k].g[i+1] += p.g[1]
		}
	}
	return largest(g, totals...)
}

func cb3Piece(g []float64, i int, x, y float64) float64 {
	switch i {
	case 0:
		g[0], g[1] = 4*power(x, 3), 2*y
		return power(x, 4) + y*y
	case 1:
		g[0], g[1] = -2*(2-x), -2*(2-y)
		return (2-x)*(2-x) + (2-y)*(2-y)
	}
	e := 2 * kernel.Exp(y-x)
	g[0], g[1] = -e, e
	return e
}

func maxq(x, g []float64) float64 {
	best := 0
	for i := range x {
		if math.Abs(x[i]) > math.Abs(x[best]) {
			best = i
		}
	}
	g[best] = 2 * x[best]
	return x[best] * x[best]
}

// hilbert is row i of the Hilbert matrix times x.
func hilbert(x []float64, i int) float64 {
	sum := 0.0
	for j := range x {
		sum += x[j] / float64(i+j+1)
	}
	return sum
}

func mxhilb(x, g []float64) float64 {
	at, best := 0, 0.0
	for i := range x {
		if h := hilbert(x, i); math.Abs(h) > math.Abs(best) {
			at, best = i, h
		}
	}
	for j := range g {
		g[j] = math.Copysign(1/float64(at+j+1), best)
	}
	return math.Abs(best)
}

func l1hilb(x, g []float64) float64 {
	sum := 0.0
	for i := range x {
		h := hilbert(x, i)
		sum += math.Abs(h)
		for j := range g {
			g[j] += math.Copysign(1/float64(i+j+1), h)
		}
	}
	return sum
}

func faces(x, g []float64) float64 {
	total, at := 0.0, -1
	for _, v := range x {
		total -= v
	}
	largest := math.Abs(total)
	for i, v := range x {
		if math.Abs(v) > largest {
			at, largest = i, math.Abs(v)
		}
	}
	slope := 1 / (largest + 1)
	for i := range g {
		if at < 0 {
			g[i] = -math.Copysign(slope, total)
		}
	}
	if at >= 0 {
		g[at] = math.Copysign(slope, x[at])
	}
	return kernel.Log(largest + 1)
}

// large are the problems whose size is free, as the literature sets it.
func large() []*problem {
	half := repeat(20, 0)
	for i := range half {
		half[i] = math.Copysign(float64(i+1), 9.5-float64(i))
	}
	return append(haarala(50),
		&problem{"MAXQ", half, 400, 0, maxq},
		&problem{"L1HILB", repeat(50, 1), antidiagonals(50), 0, l1hilb})
}
