package clarke_test

import (
	"math/big"

	"pgregory.net/rapid"
)

// convexRecipes draws convex piecewise affine functions: sums with positive
// coefficients, and convex functions that do not decrease, of convex ones; and
// convex functions of affine ones.
func convexRecipes() *rapid.Generator[*recipe] {
	return rapid.Custom(func(t *rapid.T) *recipe {
		d := &drawing{t: t, r: &recipe{}}
		for range 1 + d.below(3, "inputs") {
			d.r.x = append(d.r.x, oneOf(d, []*big.Rat{new(big.Rat), oneRat, big.NewRat(1, 3)}, "x"))
		}
		affine := make([]int, len(d.r.x))
		for i := range affine {
			affine[i] = i
		}
		for range 2 + d.below(5, "steps") {
			op := oneOf(d, []string{"linear", "relu", "max", "topksum", "leakyrelu", "sorted", "abs", "norm1", "norminf", "pinball"}, "op")
			s := step{op: op, k: 1, args: d.args(2)}
			straight := true
			switch op {
			case "linear":
				s.w, straight = d.mixture(affine, s.args)
			case "relu":
				s.args = s.args[:1]
			case "leakyrelu":
				s.args, s.w = s.args[:1], []*big.Rat{big.NewRat(1, 4)}
			case "max", "topksum", "sorted":
				s.args = append(s.args, d.args(1)...)
				s.w = []*big.Rat{new(big.Rat), big.NewRat(1, 2), big.NewRat(2, 1)}
				s.k = 1 + d.below(2, "k")
			default:
				for i := range s.args {
					s.args[i] = d.centred(oneOf(d, affine, "affine"))
				}
				if op == "abs" || op == "pinball" {
					s.args, s.w = s.args[:1], []*big.Rat{big.NewRat(1, 4)}
				}
			}
			if node := d.add(s); op == "linear" && straight {
				affine = append(affine, node)
			}
		}
		nodes := len(d.r.x) + len(d.r.steps)
		all := []arg{{nodes - 1, nil}, {d.below(nodes, "node"), nil}, {d.below(nodes, "node"), nil}}
		w, _ := d.mixture(affine, all)
		d.r.out = [][]term{{{w[0], all[0].node}, {w[1], all[1].node}, {w[2], all[2].node}}}
		return d.r
	})
}

// mixture draws coefficients, positive ones of nodes that are only convex.
func (d *drawing) mixture(affine []int, args []arg) (w []*big.Rat, straight bool) {
	w, straight = d.coefficients(len(args)), true
	for i, a := range args {
		isAffine := false
		for _, n := range affine {
			isAffine = isAffine || n == a.node
		}
		if !isAffine {
			w[i], straight = new(big.Rat).Abs(w[i]), false
		}
	}
	return w, straight
}
