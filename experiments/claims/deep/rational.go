package deep

import (
	"errors"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// exactGradient prepares value and gradient of a program without kinks for rationals.
func exactGradient(f *expr.Func) (*exact.Program, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	return exact.Compile(g)
}

// parsed reads a text whose inputs, parameters first, are given.
func parsed(text string, in ...parse.Input) (*expr.Func, error) {
	return parse.Parse(text, parse.Inputs(in...))
}

func parameter(name string, dims ...int) parse.Input {
	return parse.Input{Name: name, Dims: dims, Role: expr.Parameter}
}

func given(name string, dims ...int) parse.Input {
	return parse.Input{Name: name, Dims: dims, Role: expr.Datum}
}

// eighths draws multiples of 1/8 in [−2, 2] other than 0.
func eighths(n int, rng *rand.Rand) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		k := int64(1 + rng.IntN(16))
		if rng.IntN(2) == 0 {
			k = -k
		}
		out[i] = big.NewRat(k, 8)
	}
	return out
}

func zeros(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

// addScaled adds c·v to sum.
func addScaled(sum []*big.Rat, c *big.Rat, v []*big.Rat) {
	for i, x := range v {
		sum[i].Add(sum[i], new(big.Rat).Mul(c, x))
	}
}

// differing counts the entries in which two vectors differ.
func differing(u, v []*big.Rat) (count int) {
	for i := range u {
		if u[i].Cmp(v[i]) != 0 {
			count++
		}
	}
	return count
}

// rational returns the exact values of floats.
func rational(x []float64) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i, v := range x {
		out[i] = new(big.Rat).SetFloat64(v)
	}
	return out
}

// float returns the nearest float64.
func float(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

func floats(r []*big.Rat) []float64 {
	out := make([]float64, len(r))
	for i, v := range r {
		out[i] = float(v)
	}
	return out
}

// errSingular says that a quadratic has no unique minimiser.
var errSingular = errors.New("the least-squares problem has many solutions: take more rows")

// minimiser returns the only critical point of a quadratic whose gradient is given, by Gauss
// and Jordan's elimination.
func minimiser(n int, gradient func(w []*big.Rat) ([]*big.Rat, error)) ([]*big.Rat, error) {
	at, err := gradient(zeros(n))
	if err != nil {
		return nil, err
	}
	rows := make([][]*big.Rat, n) // the symmetric matrix of second derivatives, and the right side
	for i := range rows {
		unit := zeros(n)
		unit[i].SetInt64(1)
		g, err := gradient(unit)
		if err != nil {
			return nil, err
		}
		rows[i] = zeros(n)
		addScaled(rows[i], big.NewRat(1, 1), g)
		addScaled(rows[i], big.NewRat(-1, 1), at)
		rows[i] = append(rows[i], new(big.Rat).Neg(at[i]))
	}
	return solve(rows)
}

// solve returns the solution of a system whose rows end with the right side; it changes them.
func solve(rows [][]*big.Rat) ([]*big.Rat, error) {
	n := len(rows)
	for c := range n {
		pivot := c
		for pivot < n && rows[pivot][c].Sign() == 0 {
			pivot++
		}
		if pivot == n {
			return nil, errSingular
		}
		rows[c], rows[pivot] = rows[pivot], rows[c]
		inverse := new(big.Rat).Inv(rows[c][c])
		for k := c; k <= n; k++ {
			rows[c][k] = new(big.Rat).Mul(rows[c][k], inverse)
		}
		for r := range n {
			if r != c && rows[r][c].Sign() != 0 {
				addScaled(rows[r][c:], new(big.Rat).Neg(rows[r][c]), rows[c][c:])
			}
		}
	}
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = rows[i][n]
	}
	return out, nil
}
