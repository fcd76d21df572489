package optest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"sync"

	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// degrees that are tried, in this order.
var degrees = []*big.Rat{
	big.NewRat(1, 1), new(big.Rat), big.NewRat(2, 1), big.NewRat(3, 1), big.NewRat(-1, 1), big.NewRat(1, 2),
}

// degreeOf returns the k with f(4x) = 4^k f(x) exactly, at applications that the
// sampler draws with these attributes and at such with an operand of zeros; nil
// if there is none. It is found by values, whatever the record says.
func degreeOf(op *expr.Op, at expr.Attr) *big.Rat {
	key := attributed{op, fmt.Sprint(at)}
	if k, known := degreesFound.Load(key); known {
		return k.(*big.Rat)
	}
	var found *big.Rat
	for _, k := range degrees {
		if hasDegree(op, at, k) {
			found = k
			break
		}
	}
	degreesFound.Store(key, found)
	return found
}

// degreesFound keeps what degreeOf has found, a *big.Rat by attributed.
var degreesFound sync.Map

type attributed struct {
	op *expr.Op
	at string
}

func hasDegree(op *expr.Op, at expr.Attr, k *big.Rat) bool {
	power, _ := k.Float64()
	factor := math.Pow(4, power)
	rng := rand.New(rand.NewPCG(1, 11))
	seen := false
	for range 200 {
		e := op.Sample(rng)
		if !e.Attr.Equal(at) {
			continue
		}
		if i := rng.IntN(2 * len(e.Values)); i < len(e.Values) {
			clear(e.Values[i])
		}
		p := Single(failNow{}, op, e)
		four := make([][]float64, len(e.Values))
		for i, x := range e.Values {
			for _, v := range x {
				four[i] = append(four[i], 4*v)
			}
		}
		y, _ := Floats(p.Func, e.Values...)
		z, _ := Floats(p.Func, four...)
		for i, v := range y[p.Func.Out()[0]] {
			w := z[p.Func.Out()[0]][i]
			if finite(v) && finite(w) {
				if seen = true; w != factor*v {
					return false
				}
			}
		}
	}
	return seen
}

// CheckEuler holds Euler's identity ⟨J, x⟩ = k·f(x) for a positively homogeneous
// program of degree k, for any choice of the slots: the segment from 0 to x lies
// within one stratum of its kinks.
func CheckEuler(t *rapid.T, p Program, k *big.Rat) {
	if !regular(p) {
		return
	}
	g := newGerm(t, p.Func)
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "slots"), 12))
	slots := g.choose(g.kinks(p.Rats()), func(k *ad.Kink) []*big.Rat { return anywhere(k, rng) })
	if y, dy, ok := g.run(p.Rats(), p.Rats(), slots); ok {
		want := make([][]*big.Rat, len(y))
		for i, row := range y {
			for _, v := range row {
				want[i] = append(want[i], new(big.Rat).Mul(k, v))
			}
		}
		g.requireClose(want, dy, "k·f(x) and J·x for degree k = %v and slots %v", k, Strings(slots))
	}
}
