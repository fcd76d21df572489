package descent_test

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// problem is a test problem of nonsmooth optimisation with its known minimum.
type problem struct {
	name    string
	start   []float64
	atStart float64 // f(start)
	minimum float64
	f       func(x, g []float64) float64
}

// Dim and Evaluate make a problem an oracle written by hand.
func (p *problem) Dim() int { return len(p.start) }

func (p *problem) Evaluate(x, gradient []float64) (float64, error) {
	if gradient == nil {
		gradient = make([]float64, len(x))
	}
	clear(gradient)
	return p.f(x, gradient), nil
}

// piece is a smooth function with its gradient at a point.
type piece struct {
	f float64
	g []float64
}

// largest is the maximum of pieces, with the gradient of the first largest.
func largest(g []float64, pieces ...piece) float64 {
	best := pieces[0]
	for _, p := range pieces[1:] {
		if p.f > best.f {
			best = p
		}
	}
	for i, v := range best.g {
		g[i] += v
	}
	return best.f
}

func (p piece) plus(t float64, q piece) piece {
	out := piece{p.f + t*q.f, make([]float64, len(p.g))}
	for i := range out.g {
		out.g[i] = p.g[i] + t*q.g[i]
	}
	return out
}

// small are the problems of fixed size: C. Lemaréchal and R. Mifflin, Nonsmooth Optimization, 1978;
// L. Lukšan and J. Vlček, report V-798, 2000; M. Gürbüzbalaban and M. Overton, Nonlinear Anal. 75,
// 2012 (the two of Nesterov); F. Curtis and M. Overton, SIAM J. Optim. 22, 2012 (Rosenbrock).
var small = []*problem{
	{"CB2", []float64{1, -.1}, 5.41, 1.952224493870659, func(x, g []float64) float64 { return charalambous(g, x[0], x[1], 2, 4) }},
	{"CB3", []float64{2, 2}, 20, 2, func(x, g []float64) float64 { return charalambous(g, x[0], x[1], 4, 2) }},
	{"DEM", []float64{1, 1}, 6, -3, demyanov},
	{"QL", []float64{-1, 5}, 56, 7.2, func(x, g []float64) float64 {
		q := piece{x[0]*x[0] + x[1]*x[1], []float64{2 * x[0], 2 * x[1]}}
		return largest(g, q,
			q.plus(10, piece{-4*x[0] - x[1] + 4, []float64{-4, -1}}),
			q.plus(10, piece{-x[0] - 2*x[1] + 6, []float64{-1, -2}}))
	}},
	{"LQ", []float64{-.5, -.5}, 1, -math.Sqrt2, func(x, g []float64) float64 { return chained(x, g, lq) }},
	{"Mifflin 1", []float64{.8, .6}, -.8, -1, func(x, g []float64) float64 {
		q := x[0]*x[0] + x[1]*x[1] - 1
		return largest(g, piece{-x[0], []float64{-1, 0}},
			piece{-x[0] + 20*q, []float64{-1 + 40*x[0], 40 * x[1]}})
	}},
	{"Mifflin 2", []float64{-1, -1}, 4.75, -1, func(x, g []float64) float64 { return chained(x, g, mifflin) }},
	{"Crescent", []float64{-1.5, 2}, 4.25, 0, func(x, g []float64) float64 { return chained(x, g, crescent) }},
	{"Wolfe", []float64{3, 2}, 5 * math.Sqrt(145), -8, wolfeFunction},
	{"Rosen-Suzuki", make([]float64, 4), 0, -44, rosenSuzuki},
	{"Shor", []float64{0, 0, 0, 0, 1}, 80, 22.600162095770895, shor},
	{"MAXQUAD", repeat(10, 1), 5337.066429, -.8414083345964149, maxquad},
	{"Wong 1", []float64{1, 2, 0, 4, 0, 1, 1}, 714, 680.630057374402, wong},
	{"Rosenbrock", []float64{-1, 1}, 4, 0, func(x, g []float64) float64 {
		s := math.Copysign(8, x[0]*x[0]-x[1])
		g[0], g[1] = 2*s*x[0]-2*(1-x[0]), -s
		return s*(x[0]*x[0]-x[1]) + (1-x[0])*(1-x[0])
	}},
	{"NCR1", []float64{-1, 1}, 1, 0, func(x, g []float64) float64 {
		f := (x[0] - 1) * (x[0] - 1) / 4
		g[0] = (x[0] - 1) / 2
		for i := range len(x) - 1 {
			z := x[i+1] - 2*x[i]*x[i] + 1
			s := math.Copysign(1, z)
			f += s * z
			g[i+1] += s
			g[i] -= 4 * s * x[i]
		}
		return f
	}},
	{"NCR2", []float64{-1, 1}, .5, 0, func(x, g []float64) float64 {
		f := math.Abs(x[0]-1) / 4
		g[0] = math.Copysign(.25, x[0]-1)
		for i := range len(x) - 1 {
			z := x[i+1] - 2*math.Abs(x[i]) + 1
			s := math.Copysign(1, z)
			f += s * z
			g[i+1] += s
			g[i] -= 2 * math.Copysign(s, s*x[i])
		}
		return f
	}},
}

// charalambous is CB2 for the exponents 2, 4 and CB3 for 4, 2.
func charalambous(g []float64, x, y float64, p, q int) float64 {
	e := 2 * kernel.Exp(y-x)
	return largest(g,
		piece{power(x, p) + power(y, q), []float64{float64(p) * power(x, p-1), float64(q) * power(y, q-1)}},
		piece{(2-x)*(2-x) + (2-y)*(2-y), []float64{-2 * (2 - x), -2 * (2 - y)}},
		piece{e, []float64{-e, e}})
}

func power(x float64, n int) float64 {
	out := 1.0
	for range n {
		out *= x
	}
	return out
}

func demyanov(x, g []float64) float64 {
	return largest(g,
		piece{5*x[0] + x[1], []float64{5, 1}},
		piece{-5*x[0] + x[1], []float64{-5, 1}},
		piece{x[0]*x[0] + x[1]*x[1] + 4*x[1], []float64{2 * x[0], 2*x[1] + 4}})
}

func wolfeFunction(x, g []float64) float64 {
	s := math.Copysign(1, x[1])
	switch {
	case x[0] > math.Abs(x[1]):
		r := math.Sqrt(9*x[0]*x[0] + 16*x[1]*x[1])
		g[0], g[1] = 45*x[0]/r, 80*x[1]/r
		return 5 * r
	case x[0] > 0:
		g[0], g[1] = 9, 16*s
		return 9*x[0] + 16*math.Abs(x[1])
	}
	g[0], g[1] = 9-9*power(x[0], 8), 16*s
	return 9*x[0] + 16*math.Abs(x[1]) - power(x[0], 9)
}

func rosenSuzuki(x, g []float64) float64 {
	a, b, c, d := x[0], x[1], x[2], x[3]
	f := piece{a*a + b*b + 2*c*c + d*d - 5*a - 5*b - 21*c + 7*d, []float64{2*a - 5, 2*b - 5, 4*c - 21, 2*d + 7}}
	return largest(g, f,
		f.plus(10, piece{a*a + b*b + c*c + d*d + a - b + c - d - 8, []float64{2*a + 1, 2*b - 1, 2*c + 1, 2*d - 1}}),
		f.plus(10, piece{a*a + 2*b*b + c*c + 2*d*d - a - d - 10, []float64{2*a - 1, 4 * b, 2 * c, 4*d - 1}}),
		f.plus(10, piece{a*a + b*b + c*c + 2*a - b - d - 5, []float64{2*a + 2, 2*b - 1, 2 * c, -1}}))
}

func shor(x, g []float64) float64 {
	centres := []string{"00000", "21113", "12112", "14122", "32101", "02101", "11111", "10121", "00210", "11200"}
	weights := []float64{1, 5, 10, 2, 4, 3, 1.7, 2.5, 6, 3.5}
	var pieces []piece
	for i, centre := range centres {
		p := piece{g: make([]float64, 5)}
		for j, digit := range centre {
			d := x[j] - float64(digit-'0')
			p.f += weights[i] * d * d
			p.g[j] = 2 * weights[i] * d
		}
		pieces = append(pieces, p)
	}
	return largest(g, pieces...)
}

func maxquad(x, g []float64) float64 {
	var pieces []piece
	for k := 1.0; k <= 5; k++ {
		p := piece{g: make([]float64, 10)}
		for i := range x {
			row := float64(i + 1)
			diagonal := row / 10 * math.Abs(kernel.Sin(k))
			for j := range x {
				if i == j {
					continue
				}
				low, high := math.Min(row, float64(j+1)), math.Max(row, float64(j+1))
				a := kernel.Exp(low/high) * kernel.Cos(low*high) * kernel.Sin(k)
				diagonal += math.Abs(a)
				p.f += x[i] * a * x[j]
				p.g[i] += 2 * a * x[j]
			}
			b := kernel.Exp(row/k) * kernel.Sin(row*k)
			p.f += diagonal*x[i]*x[i] - b*x[i]
			p.g[i] += 2*diagonal*x[i] - b
		}
		pieces = append(pieces, p)
	}
	return largest(g, pieces...)
}

func wong(v, g []float64) float64 {
	a, b, c, d, e, x, y := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
	f := piece{
		(a-10)*(a-10) + 5*(b-12)*(b-12) + power(c, 4) + 3*(d-11)*(d-11) + 10*power(e, 6) + 7*x*x + power(y, 4) - 4*x*y - 10*x - 8*y,
		[]float64{2 * (a - 10), 10 * (b - 12), 4 * power(c, 3), 6 * (d - 11), 60 * power(e, 5), 14*x - 4*y - 10, 4*power(y, 3) - 4*x - 8},
	}
	return largest(g, f,
		f.plus(10, piece{2*a*a + 3*power(b, 4) + c + 4*d*d + 5*e - 127, []float64{4 * a, 12 * power(b, 3), 1, 8 * d, 5, 0, 0}}),
		f.plus(10, piece{7*a + 3*b + 10*c*c + d - e - 282, []float64{7, 3, 20 * c, 1, -1, 0, 0}}),
		f.plus(10, piece{23*a + b*b + 6*x*x - 8*y - 196, []float64{23, 2 * b, 0, 0, 0, 12 * x, -8}}),
		f.plus(10, piece{4*a*a + b*b - 3*a*b + 2*c*c + 5*x - 11*y, []float64{8*a - 3*b, 2*b - 3*a, 4 * c, 0, 0, 5, -11}}))
}

func repeat(n int, pattern ...float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = pattern[i%len(pattern)]
	}
	return out
}
