package clarke_test

import (
	"math/big"
	"slices"
	"sort"
)

// recipe is a random program that is known in two ways: as a graph of package
// expr, in any of several spellings, and as a function of rationals that is
// computed here, without any code of the library. Nodes 0, …, n−1 are the inputs
// and each step adds one.
type recipe struct {
	x     []*big.Rat // the point that is looked at
	steps []step
	out   [][]term // a linear combination of nodes for every output
}

type step struct {
	op   string
	args []arg
	k    int        // of top-k and the like
	w    []*big.Rat // weights
}

// arg is a node plus a constant.
type arg struct {
	node  int
	shift *big.Rat
}

type term struct {
	c    *big.Rat
	node int
}

// nodes computes all nodes.
func (r *recipe) nodes(x []*big.Rat) []*big.Rat {
	v := slices.Clone(x)
	for i := range r.steps {
		s := &r.steps[i]
		u := make([]*big.Rat, len(s.args))
		for j, a := range s.args {
			u[j] = sum(v[a.node], a.shift)
		}
		v = append(v, s.value(u))
	}
	return v
}

// values computes the outputs.
func (r *recipe) values(x []*big.Rat) []*big.Rat {
	v := r.nodes(x)
	out := make([]*big.Rat, len(r.out))
	for i, terms := range r.out {
		out[i] = new(big.Rat)
		for _, t := range terms {
			out[i].Add(out[i], times(t.c, v[t.node]))
		}
	}
	return out
}

// function forgets all but the values.
func (r *recipe) function() function { return r.values }

// value computes one step from its arguments, by the definition of its op.
func (s *step) value(u []*big.Rat) *big.Rat {
	zero := new(big.Rat)
	switch s.op {
	case "linear":
		return dot(s.w, u)
	case "product":
		return times(u[0], u[1])
	case "relu":
		return last(ascending([]*big.Rat{u[0], zero}))
	case "abs":
		return new(big.Rat).Abs(u[0])
	case "leakyrelu":
		return last(ascending([]*big.Rat{u[0], times(s.w[0], u[0])}))
	case "pinball":
		return last(ascending([]*big.Rat{times(s.w[0], u[0]), times(sum(s.w[0], big.NewRat(-1, 1)), u[0])}))
	case "clamp":
		return ascending([]*big.Rat{last(ascending(u[:2])), u[2]})[0]
	case "max":
		return last(ascending(u))
	case "min":
		return ascending(u)[0]
	case "topksum":
		return total(ascending(u)[len(u)-s.k:])
	case "median":
		v := ascending(u)
		return times(big.NewRat(1, 2), sum(v[(len(v)-1)/2], v[len(v)/2]))
	case "sorted": // and quantiles, which are mixtures of two entries
		return dot(s.w, ascending(u))
	case "groupsort":
		var v []*big.Rat
		for g := range slices.Chunk(u, s.k) {
			v = append(v, ascending(g)...)
		}
		return dot(s.w, v)
	case "norm1":
		return total(sizes(u))
	case "norminf":
		return last(ascending(sizes(u)))
	}
	panic(s.op)
}

func sum(a, b *big.Rat) *big.Rat   { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
func last(v []*big.Rat) *big.Rat   { return v[len(v)-1] }
func total(v []*big.Rat) (s *big.Rat) {
	s = new(big.Rat)
	for _, x := range v {
		s.Add(s, x)
	}
	return s
}

func dot(a, b []*big.Rat) *big.Rat {
	s := new(big.Rat)
	for i, x := range a {
		if x.Sign() != 0 && b[i].Sign() != 0 {
			s.Add(s, times(x, b[i]))
		}
	}
	return s
}

func ascending(u []*big.Rat) []*big.Rat {
	v := slices.Clone(u)
	sort.Slice(v, func(i, j int) bool { return v[i].Cmp(v[j]) < 0 })
	return v
}

func sizes(u []*big.Rat) []*big.Rat {
	v := make([]*big.Rat, len(u))
	for i, x := range u {
		v[i] = new(big.Rat).Abs(x)
	}
	return v
}

// along returns x + t·d.
func along(x []*big.Rat, t *big.Rat, d []*big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i := range x {
		out[i] = sum(x[i], times(t, d[i]))
	}
	return out
}

// unit returns the direction of coordinate i.
func unit(n, i int) []*big.Rat {
	d := zeroes(n)
	d[i] = big.NewRat(1, 1)
	return d
}

func zeroes(n int) []*big.Rat {
	d := make([]*big.Rat, n)
	for i := range d {
		d[i] = new(big.Rat)
	}
	return d
}
