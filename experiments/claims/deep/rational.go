package deep

import (
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
