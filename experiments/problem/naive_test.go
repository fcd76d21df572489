package problem_test

import (
	"math"
)

// naive holds every function once more, as loops over scalars that share nothing with the programs.
var naive = map[string]func(x []float64) float64{
	"cb2": func(x []float64) float64 {
		return max(x[0]*x[0]+math.Pow(x[1], 4), (2-x[0])*(2-x[0])+(2-x[1])*(2-x[1]), 2*math.Exp(x[1]-x[0]))
	},
	"cb3": func(x []float64) float64 { return slicesMax(naiveCB3(x[0], x[1])) },
	"dem": func(x []float64) float64 {
		return max(5*x[0]+x[1], -5*x[0]+x[1], x[0]*x[0]+x[1]*x[1]+4*x[1])
	},
	"ql": func(x []float64) float64 {
		q := x[0]*x[0] + x[1]*x[1]
		return max(q, q+10*(-4*x[0]-x[1]+4), q+10*(-x[0]-2*x[1]+6))
	},
	"lq": func(x []float64) float64 { return naiveLQ(x[0], x[1]) },
	"rosen-suzuki": func(x []float64) float64 {
		a, b, c, d := x[0], x[1], x[2], x[3]
		f := a*a + b*b + 2*c*c + d*d - 5*a - 5*b - 21*c + 7*d
		return max(f,
			f+10*(a*a+b*b+c*c+d*d+a-b+c-d-8),
			f+10*(a*a+2*b*b+c*c+2*d*d-a-d-10),
			f+10*(a*a+b*b+c*c+2*a-b-d-5))
	},
	"wong1": func(x []float64) float64 { return slicesMax(naiveWong1(x)) },
	"mifflin1": func(x []float64) float64 {
		return -x[0] + 20*max(x[0]*x[0]+x[1]*x[1]-1, 0)
	},
	"mifflin2": func(x []float64) float64 { return naiveMifflin2(x[0], x[1]) },
	"crescent": func(x []float64) float64 { return slicesMax(naiveCrescent(x[0], x[1])) },
	"wolfe": func(x []float64) float64 {
		switch a, b := x[0], math.Abs(x[1]); {
		case a > b:
			return 5 * math.Sqrt(9*a*a+16*b*b)
		case a > 0:
			return 9*a + 16*b
		default:
			return 9*a + 16*b - math.Pow(a, 9)
		}
	},
	"rosenbrock": func(x []float64) float64 {
		return 8*math.Abs(x[0]*x[0]-x[1]) + (1-x[0])*(1-x[0])
	},
	"shor":    func(x []float64) float64 { return slicesMax(naiveShor(x)) },
	"maxquad": func(x []float64) float64 { return slicesMax(naiveMaxquad(x)) },
	"maxq":    naiveMaxq,
	"mxhilb":  func(x []float64) float64 { return slicesMax(naiveHilbert(x)) },
	"l1hilb": func(x []float64) (sum float64) {
		for _, y := range naiveHilbert(x) {
			sum += y
		}
		return sum
	},
	"ncr1": func(x []float64) float64 {
		return 0.25*(x[0]-1)*(x[0]-1) + pairs(x, func(a, b float64) float64 { return math.Abs(b - 2*a*a + 1) })
	},
	"ncr2": func(x []float64) float64 {
		return 0.25*math.Abs(x[0]-1) + pairs(x, func(a, b float64) float64 { return math.Abs(b - 2*math.Abs(a) + 1) })
	},
	"f1": naiveMaxq,
	"f2": func(x []float64) float64 { return slicesMax(naiveHilbert(x)) },
	"f3": func(x []float64) float64 { return pairs(x, naiveLQ) },
	"f4": func(x []float64) float64 {
		return pairs(x, func(a, b float64) float64 { return slicesMax(naiveCB3(a, b)) })
	},
	"f5": func(x []float64) float64 { return sums(x, naiveCB3) },
	"f6": func(x []float64) float64 {
		g := func(y float64) float64 { return math.Log(math.Abs(y) + 1) }
		sum, value := 0.0, 0.0
		for _, y := range x {
			sum += y
			value = max(value, g(y))
		}
		return max(value, g(-sum))
	},
	"f7": func(x []float64) float64 {
		return pairs(x, func(a, b float64) float64 {
			return math.Pow(math.Abs(a), b*b+1) + math.Pow(math.Abs(b), a*a+1)
		})
	},
	"f8": func(x []float64) float64 { return pairs(x, naiveMifflin2) },
	"f9": func(x []float64) float64 { return sums(x, naiveCrescent) },
	"f10": func(x []float64) float64 {
		return pairs(x, func(a, b float64) float64 { return slicesMax(naiveCrescent(a, b)) })
	},
}

func slicesMax(pieces []float64) float64 {
	value := math.Inf(-1)
	for _, p := range pieces {
		value = max(value, p)
	}
	return value
}

func pairs(x []float64, f func(a, b float64) float64) (sum float64) {
	for i := 1; i < len(x); i++ {
		sum += f(x[i-1], x[i])
	}
	return sum
}

// sums is the maximum of the sums of each piece.
func sums(x []float64, f func(a, b float64) []float64) float64 {
	total := make([]float64, len(f(0, 0)))
	for i := 1; i < len(x); i++ {
		for k, v := range f(x[i-1], x[i]) {
			total[k] += v
		}
	}
	return slicesMax(total)
}

func naiveCB3(a, b float64) []float64 {
	return []float64{math.Pow(a, 4) + b*b, (2-a)*(2-a) + (2-b)*(2-b), 2 * math.Exp(b-a)}
}

func naiveLQ(a, b float64) float64 { return max(-a-b, -a-b+a*a+b*b-1) }

func naiveMifflin2(a, b float64) float64 {
	u := a*a + b*b - 1
	return -a + 2*u + 1.75*math.Abs(u)
}

func naiveCrescent(a, b float64) []float64 {
	return []float64{a*a + (b-1)*(b-1) + b - 1, -a*a - (b-1)*(b-1) + b + 1}
}

func naiveMaxq(x []float64) (value float64) {
	for _, y := range x {
		value = max(value, y*y)
	}
	return value
}

func naiveHilbert(x []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		for j, y := range x {
			out[i] += y / float64(i+j+1)
		}
		out[i] = math.Abs(out[i])
	}
	return out
}

// naiveWong1 returns f and f + 10·g for the constraints of problem 100 of Hock and Schittkowski.
func naiveWong1(x []float64) []float64 {
	a, b, c, d, e, f, g := x[0], x[1], x[2], x[3], x[4], x[5], x[6]
	v := (a-10)*(a-10) + 5*(b-12)*(b-12) + math.Pow(c, 4) + 3*(d-11)*(d-11) + 10*math.Pow(e, 6) + 7*f*f +
		math.Pow(g, 4) - 4*f*g - 10*f - 8*g
	return []float64{
		v,
		v + 10*(2*a*a+3*math.Pow(b, 4)+c+4*d*d+5*e-127),
		v + 10*(7*a+3*b+10*c*c+d-e-282),
		v + 10*(23*a+b*b+6*f*f-8*g-196),
		v + 10*(4*a*a+b*b-3*a*b+2*c*c+5*f-11*g),
	}
}

var shorRows = []string{"00000", "21113", "12112", "14122", "32101", "02101", "11111", "10121", "00210", "11200"}

func naiveShor(x []float64) []float64 {
	b := []float64{1, 5, 10, 2, 4, 3, 1.7, 2.5, 6, 3.5}
	out := make([]float64, len(b))
	for i, row := range shorRows {
		for j, y := range x {
			out[i] += b[i] * math.Pow(y-float64(row[j]-'0'), 2)
		}
	}
	return out
}

// maxquadEntry returns Aₖ[i, j] off the diagonal, for indices from 1.
func maxquadEntry(k, i, j int) float64 {
	i, j = min(i, j), max(i, j)
	return math.Exp(float64(i)/float64(j)) * math.Cos(float64(i*j)) * math.Sin(float64(k))
}

func naiveMaxquad(x []float64) []float64 {
	out := make([]float64, 5)
	for k := 1; k <= 5; k++ {
		for i := 1; i <= 10; i++ {
			diagonal := float64(i) / 10 * math.Abs(math.Sin(float64(k)))
			for j := 1; j <= 10; j++ {
				if j != i {
					a := maxquadEntry(k, i, j)
					out[k-1] += a * x[i-1] * x[j-1]
					diagonal += math.Abs(a)
				}
			}
			out[k-1] += diagonal*x[i-1]*x[i-1] - math.Exp(float64(i)/float64(k))*math.Sin(float64(i*k))*x[i-1]
		}
	}
	return out
}
