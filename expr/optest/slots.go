package optest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// anywhere draws a point of a kink's slot set: a vertex, or a mean of two. In
// the ball of a Direction it is a point of the sphere, or of half its radius.
func anywhere(k *ad.Kink, rng *rand.Rand) []*big.Rat {
	if k.Slot.Kind == expr.DirectionSlot {
		return inBall(len(k.Entries), rng)
	}
	a, b := k.RandomVertex(rng), k.RandomVertex(rng)
	out := make([]*big.Rat, len(a))
	w := []*big.Rat{zero, zero, half, big.NewRat(1, 4)}[rng.IntN(4)]
	for i := range a {
		u, v := big.NewRat(int64(a[i]), 1), big.NewRat(int64(b[i]), 1)
		out[i] = u.Add(u, v.Mul(v.Sub(v, u), w))
	}
	return out
}

// inBall draws ±r·(3/5, 4/5) in two coordinates, or one of ±r in one.
func inBall(n int, rng *rand.Rand) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = zero
	}
	r := []*big.Rat{one, one, half, big.NewRat(-1, 1)}[rng.IntN(4)]
	i, j := rng.IntN(n), rng.IntN(n)
	if out[i] = r; i != j {
		out[i], out[j] = new(big.Rat).Mul(r, big.NewRat(3, 5)), new(big.Rat).Mul(r, big.NewRat(4, 5))
	}
	return out
}

// combinations returns every way to choose vertices of the kinks' slot sets, as
// slots of the germ; nil if there are more than most of them.
func (g *germ) combinations(kinks []ad.Kink, most int) [][][]*big.Rat {
	count := 1
	for _, k := range kinks {
		if k.Pieces == 0 || k.Pieces > most || count*k.Pieces > most {
			return nil
		}
		count *= k.Pieces
	}
	vertices := make([][][]int, len(kinks))
	for i := range kinks {
		for v := range kinks[i].Vertices() {
			vertices[i] = append(vertices[i], v)
		}
	}
	out := make([][][]*big.Rat, count)
	for c := range out {
		rest, at := c, 0
		out[c] = g.choose(kinks, func(k *ad.Kink) []*big.Rat {
			v := vertices[at][rest%k.Pieces]
			rest, at = rest/k.Pieces, at+1
			x := make([]*big.Rat, len(v))
			for i, w := range v {
				x[i] = big.NewRat(int64(w), 1)
			}
			return x
		})
	}
	return out
}

// outside returns why the value of a selector node is none that its slot's set
// allows for these values of its operands, or "". It is written from the
// definition of the sets and shares nothing with the selectors' own code.
func outside(n expr.Node, keys [][]float64, value []float64) string {
	size := 1
	if n.Op().Name != "step" {
		size = n.Args()[0].Shape().Dim(-1)
	}
	for row := range len(keys[0]) / size {
		part := func(x []float64) []float64 {
			return x[row*len(x)/len(keys[0])*size : (row*size+size)*len(x)/len(keys[0])]
		}
		own := make([][]float64, len(keys))
		for i, k := range keys {
			own[i] = part(k)
		}
		v := part(value)
		var why string
		switch n.Op().Name {
		case "step":
			why = outsideStep(own, v[0])
		case "rank":
			why = outsideRank(own, v, n.Attr().Int(0), n.Attr().Int(1))
		case "permutation":
			why = outsidePermutation(own, v)
		case "direction":
			why = outsideBall(v)
		}
		if why != "" {
			return fmt.Sprintf("%v in row %d: %s: %v at keys %v", n, row, why, v, own)
		}
	}
	return ""
}

const room = 1e-12 // for the rounding of even splits

func outsideStep(keys [][]float64, v float64) string {
	sign := 0.0
	for i := len(keys) - 1; i >= 0; i-- { // the first that is not 0 decides
		if keys[i][0] != 0 {
			sign = keys[i][0]
		}
	}
	switch {
	case sign > 0 && v != 1, sign < 0 && v != 0:
		return "a step on the wrong side"
	case !(v >= 0 && v <= 1):
		return "a step outside [0, 1]"
	}
	return ""
}

// above counts the entries whose keys are larger than those of entry i, and
// those that tie with it, itself included.
func above(keys [][]float64, i int) (larger, tied int) {
	for j := range keys[0] {
		switch c := compareEntries(keys, j, i); {
		case c > 0:
			larger++
		case c == 0:
			tied++
		}
	}
	return larger, tied
}

func compareEntries(keys [][]float64, i, j int) int {
	for _, k := range keys {
		switch {
		case k[i] > k[j]:
			return 1
		case k[i] < k[j]:
			return -1
		}
	}
	return 0
}

// outsideRank wants the entries of each block of ties to share the ranks that
// fall on it.
func outsideRank(keys [][]float64, v []float64, from, to int) string {
	for i, w := range v {
		larger, tied := above(keys, i)
		count := float64(max(0, min(larger+tied, to)-max(larger, from)))
		sum := 0.0
		for j := range v {
			if compareEntries(keys, i, j) == 0 {
				sum += v[j]
			}
		}
		if !(w >= 0 && w <= 1) || !(math.Abs(sum-count) <= room) {
			return fmt.Sprintf("weights of a tie that do not share %v ranks", count)
		}
	}
	return ""
}

// outsidePermutation wants an order of the keys, and doubly stochastic mixing of
// ties only.
func outsidePermutation(keys [][]float64, v []float64) string {
	n := len(keys[0])
	order := v[:n]
	seen := make([]bool, n)
	for p, x := range order {
		i := int(x)
		if float64(i) != x || i < 0 || i >= n || seen[i] || p > 0 && compareEntries(keys, int(order[p-1]), i) > 0 {
			return "no ascending order"
		}
		seen[i] = true
	}
	for i := range n {
		var rows, columns float64
		for j := range n {
			if len(v) == 2*n {
				return ""
			}
			w, back := v[(2+i)*n+j], v[(2+j)*n+i]
			rows, columns = rows+w, columns+back
			if !(w >= 0 && w <= 1) || w > 0 && compareEntries(keys, int(order[i]), int(order[j])) != 0 {
				return "mixing of entries that do not tie"
			}
		}
		if !(math.Abs(rows-1) <= room && math.Abs(columns-1) <= room) {
			return "mixing that is not doubly stochastic"
		}
	}
	return ""
}

func outsideBall(v []float64) string {
	square := 0.0
	for _, x := range v {
		square += float64(x * x)
	}
	if !(square <= 1+room) {
		return "a direction longer than 1"
	}
	return ""
}

// Outside returns the first selector of f whose value, at these inputs and
// slots, its set does not allow, with the reason; "" if there is none.
func Outside(f *expr.Func, in ...[]float64) string {
	value, _ := Floats(f, in...)
	for _, n := range f.Nodes() {
		switch n.Op().Name {
		case "step", "rank", "permutation", "direction":
			args := n.Args()
			keys := make([][]float64, len(args)-1)
			for i := range keys {
				keys[i] = value[args[i]]
			}
			if why := outside(n, keys, value[n]); why != "" {
				return why
			}
		}
	}
	return ""
}
