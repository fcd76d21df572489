package verify

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// isAdditive reports whether choices add up: the derivative under any combination
// is that under the first choices plus what each other choice changes alone. The
// field is convex then.
func (r *recheck) isAdditive() bool {
	f := r.products
	base := f.elements[0].Vector
	alone := make([][]Vector, len(f.lists))
	for i, l := range f.lists {
		alone[i] = make([]Vector, len(l))
	}
	for _, e := range f.elements {
		if i, only := onlyOne(e.at); only {
			alone[i][e.at[i]] = minus(e.Vector, base)
		}
	}
	for _, e := range f.elements {
		rest := minus(e.Vector, base)
		for i, j := range e.at {
			if j > 0 {
				rest = minus(rest, alone[i][j])
			}
		}
		if rest.Exact != nil && !isZero(rest) || !near(rest, blankLike(rest), rounding*max(1, size(e.Vector), size(base))) {
			return false
		}
	}
	return true
}

// onlyOne returns the only index that is not 0.
func onlyOne(at []int) (i int, only bool) {
	n := 0
	for k, j := range at {
		if j > 0 {
			i, n = k, n+1
		}
	}
	return i, n == 1
}

// maxParts bounds the parts into which the choices are split.
const maxParts = 1 << 12

// splitSlots proves 0 ∉ D: the choices at kinks are split, at each kink into
// simplices, until 0 is in no hull of the derivatives at the corners of a part,
// which contains the derivative at all choices of the part.
func (r *recheck) splitSlots() (string, error) {
	parts := []simplices{{}}
	for i, k := range r.products.kinks {
		if k.Slot.Kind == expr.PermutationSlot && k.Tied() > 2 || k.Slot.Kind == expr.RankSlot && k.Count > 1 && k.Count < k.Tied()-1 {
			return "", open("no: the choices at %s are no simplex", k.Slot)
		}
		parts[0] = append(parts[0], valuesOf(r.products.lists[i]))
	}
	for looked := 0; len(parts) > 0; looked++ {
		s := parts[len(parts)-1]
		parts = parts[:len(parts)-1]
		if looked == maxParts || r.ctx.Err() != nil {
			return "", open("no: 0 is too near to D for %d parts", maxParts)
		}
		corners, err := r.corners(s)
		if err != nil {
			return "", err
		}
		zero, err := inHull(corners, blankLike(corners[0]))
		if err != nil {
			return "", err
		}
		if zero {
			parts = append(parts, s.halves()...)
		}
	}
	return "no, in no part of the choices", nil
}

// simplices has the corners of a part of the choices, for each kink.
type simplices [][][]*big.Rat

// valuesOf lists the choices at a kink, each once.
func valuesOf(list []choice) (out [][]*big.Rat) {
	for _, c := range list {
		same := func(v []*big.Rat) bool { return agree(rational(v), rational(c.values), 0) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, c.values)
		}
	}
	return out
}

// corners evaluates the derivative at all products of corners.
func (r *recheck) corners(s simplices) (out []Vector, err error) {
	lists := make([][]choice, len(s))
	for i, corners := range s {
		for _, v := range corners {
			lists[i] = append(lists[i], choice{values: v})
		}
	}
	err = products(lists, func(at []int) error {
		slots := r.p.rows.blank()
		for i, j := range at {
			r.p.rows.set(slots, &r.products.kinks[i], s[i][j])
		}
		v, err := r.p.derivative(r.p.x, slots)
		out = append(out, v)
		return err
	})
	return out, err
}

// halves splits the longest edge of all simplices.
func (s simplices) halves() []simplices {
	kink, from, to, longest := 0, 0, 0, new(big.Rat)
	for i, corners := range s {
		for a := range corners {
			for b := range a {
				d := minus(rational(corners[a]), rational(corners[b]))
				if length := dot(d, d).Exact[0]; length.Cmp(longest) > 0 {
					kink, from, to, longest = i, b, a, length
				}
			}
		}
	}
	middle := make([]*big.Rat, len(s[kink][from]))
	for i := range middle {
		middle[i] = new(big.Rat).Add(s[kink][from][i], s[kink][to][i])
		middle[i].Mul(middle[i], big.NewRat(1, 2))
	}
	var out []simplices
	for _, corner := range []int{from, to} {
		half := slices.Clone(s)
		half[kink] = slices.Clone(half[kink])
		half[kink][corner] = middle
		out = append(out, half)
	}
	return out
}
