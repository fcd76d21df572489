package minimisation

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// chain is a point of Nesterov's function in rationals.
type chain []*big.Rat

// fold is 2|x| − 1, the place of the next variable on the curve.
func fold(x *big.Rat) *big.Rat {
	y := new(big.Rat).Abs(x)
	y.Add(y, y)
	return y.Sub(y, big.NewRat(1, 1))
}

// misses are the Fᵢ = xᵢ₊₁ − 2|xᵢ| + 1.
func (x chain) misses() []*big.Rat {
	var out []*big.Rat
	for i := range len(x) - 1 {
		out = append(out, new(big.Rat).Sub(x[i+1], fold(x[i])))
	}
	return out
}

// value is f(x), by the formula.
func (x chain) value() *big.Rat {
	sum := new(big.Rat).Sub(x[0], big.NewRat(1, 1))
	sum.Abs(sum).Mul(sum, big.NewRat(1, 4))
	for _, miss := range x.misses() {
		sum.Add(sum, miss.Abs(miss))
	}
	return sum
}

// signs are those of all functions that have kinks as zeros: x₁ − 1, xᵢ and Fᵢ for i < n.
func (x chain) signs() (out []int) {
	out = append(out, x[0].Cmp(big.NewRat(1, 1)))
	for i, miss := range x.misses() {
		out = append(out, x[i].Sign(), miss.Sign())
	}
	return out
}

// dimension is that of the points with the same signs, if the functions that vanish are independent.
func (x chain) dimension() int {
	zeros := 0
	for _, s := range x.signs() {
		if s == 0 {
			zeros++
		}
	}
	return len(x) - zeros
}

// onCurve says whether all Fᵢ are 0.
func (x chain) onCurve() bool {
	return !slices.ContainsFunc(x.misses(), func(miss *big.Rat) bool { return miss.Sign() != 0 })
}

func (x chain) String() string {
	var parts []string
	for _, v := range x {
		parts = append(parts, v.RatString())
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// levels returns the values of xᵢ, i = 1, …, n, at which a sign of a later function may change on the way: for n
// none, and else 0 and what is folded to a level of the next variable.
func levels(n int) [][]*big.Rat {
	out := make([][]*big.Rat, n)
	for i := n - 2; i >= 0; i-- {
		out[i] = []*big.Rat{new(big.Rat)}
		for _, y := range out[i+1] {
			x := new(big.Rat).Add(y, big.NewRat(1, 1))
			x.Mul(x, big.NewRat(1, 2))
			out[i] = append(out[i], x, new(big.Rat).Neg(x))
		}
	}
	out[0] = append(out[0], big.NewRat(1, 1))
	return out
}

// places returns the given values in order, with one between neighbours and one beyond each end.
func places(values []*big.Rat) []*big.Rat {
	values = slices.CompactFunc(slices.SortedFunc(slices.Values(values), (*big.Rat).Cmp), func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
	one := big.NewRat(1, 1)
	out := []*big.Rat{new(big.Rat).Sub(values[0], one)}
	for i, v := range values {
		out = append(out, v)
		if i+1 < len(values) {
			middle := new(big.Rat).Add(v, values[i+1])
			out = append(out, middle.Mul(middle, big.NewRat(1, 2)))
		}
	}
	return append(out, new(big.Rat).Add(values[len(values)-1], one))
}

// patterns returns a point for each pattern of signs that occurs.
func patterns(n int) []chain {
	points := []chain{nil}
	for i, level := range levels(n) {
		var longer []chain
		for _, x := range points {
			at := slices.Clone(level)
			if i > 0 {
				at = append(at, fold(x[i-1]))
			}
			for _, v := range places(at) {
				longer = append(longer, append(slices.Clone(x), v))
			}
		}
		points = distinct(longer, i == n-1)
	}
	return points
}

// distinct keeps one point for each pattern of signs; before the last variable, for each with the place of the last one, from which
// all that follows depends.
func distinct(points []chain, last bool) (out []chain) {
	seen := map[string]bool{}
	for _, x := range points {
		key := fmt.Sprint(x.signs())
		if !last {
			key += x[len(x)-1].RatString()
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, x)
		}
	}
	return out
}

// listed returns the stationary points by the theory of blocks.
func listed(n int) []chain {
	ones := make(chain, n)
	for i := range ones {
		ones[i] = big.NewRat(1, 1)
	}
	return append([]chain{ones}, blocks(n)...)
}

// blocks returns the ways to fill n variables with blocks and an end.
func blocks(n int) (out []chain) {
	for p := 1; p < n; p++ {
		for _, block := range waysToZero(p) {
			end := slices.Clone(block)
			for len(end) < n {
				end = append(end, fold(end[len(end)-1]))
			}
			out = append(out, end)
			for _, rest := range blocks(n - p) {
				out = append(out, append(slices.Clone(block), rest...))
			}
		}
	}
	return out
}

// waysToZero returns the p variables that are folded to 0 in the end.
func waysToZero(p int) []chain {
	if p == 1 {
		return []chain{{new(big.Rat)}}
	}
	var out []chain
	for _, rest := range waysToZero(p - 1) {
		x := new(big.Rat).Add(rest[0], big.NewRat(1, 1))
		x.Mul(x, big.NewRat(1, 2))
		out = append(out, append(chain{x}, rest...), append(chain{new(big.Rat).Neg(x)}, rest...))
	}
	return out
}
