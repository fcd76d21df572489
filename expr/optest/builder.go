package optest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// builder grows a program op by op. It knows the value of every node, so that
// it can put operands onto kinks and keep numbers finite and small.
type builder struct {
	t    *rapid.T
	cfg  Config
	g    *expr.Graph
	in   []expr.Node
	at   [][]float64
	pool []expr.Node // nodes to draw operands from
	used map[expr.Node]bool
	ops  []*expr.Op

	float  map[expr.Node][]float64
	exact  map[expr.Node][]*big.Rat // nil above rational arithmetic
	degree map[expr.Node]int
}

const (
	maxEntries = 24 // of a node drawn
	maxRank    = 4
	maxValue   = 1 << 12
	maxDegree  = 4
)

func newBuilder(t *rapid.T, cfg Config) *builder {
	b := &builder{
		t: t, cfg: cfg, g: expr.NewGraph(), used: map[expr.Node]bool{}, ops: drawn(cfg),
		float: map[expr.Node][]float64{}, exact: map[expr.Node][]*big.Rat{}, degree: map[expr.Node]int{},
	}
	shapes := [][]int{{3}, nil, {2}, {2, 2}, {4}, {2, 3}, {1, 2}}
	for i := range rapid.IntRange(1, 3).Draw(t, "inputs") {
		dims := rapid.SampledFrom(shapes).Draw(t, "shape")
		if i < 2 {
			b.input(b.g.Input(fmt.Sprintf("x%d", i), dims...))
		} else {
			b.input(b.g.Data(fmt.Sprintf("x%d", i), dims...))
		}
	}
	return b
}

func (b *builder) input(n expr.Node) {
	x := Dyadics(b.t, n.Shape().Size(), "at")
	b.in, b.at = append(b.in, n), append(b.at, x)
	b.float[n], b.exact[n], b.degree[n] = x, ToRats(x), 1
	b.pool = append(b.pool, n)
}

// step draws one op and adds it, unless that would leave the class, the domain
// or the bounds.
func (b *builder) step() {
	n := b.again()
	if !n.Valid() {
		op := rapid.SampledFrom(b.ops).Draw(b.t, "op")
		n = moveOf(op)(b, op)
	}
	if !n.Valid() || !b.know(n) {
		return
	}
	b.pool = append(b.pool, n)
	b.use(n)
}

// again draws, now and then, another occurrence of an op that is there already.
func (b *builder) again() expr.Node {
	odds := 8
	if b.cfg.Repeat {
		odds = 2
	}
	if b.below(odds) != odds/4 {
		return expr.Node{}
	}
	n := b.any()
	if n.IsInput() {
		return expr.Node{}
	}
	return n.Op().Apply(n.Attr(), n.Args()...)
}

// use marks the operands of a node, through the constants' and shifts' nodes
// that came with it.
func (b *builder) use(n expr.Node) {
	for _, a := range n.Args() {
		if !b.used[a] {
			b.used[a] = true
			b.use(a)
		}
	}
}

// know computes the value of n and whatever it is made of; it reports whether
// all of that is admitted.
func (b *builder) know(n expr.Node) bool {
	if _, ok := b.float[n]; ok {
		return true
	}
	for _, a := range n.Args() {
		if !b.know(a) {
			return false
		}
	}
	if !b.admits(n) {
		return false
	}
	var fault expr.Fault
	v := apply(n, b.float, n.Op().Eval, &fault)
	for _, x := range v {
		if !(math.Abs(x) <= maxValue) {
			return false
		}
	}
	b.float[n] = v
	b.exact[n] = b.rational(n)
	return true
}

func (b *builder) rational(n expr.Node) []*big.Rat {
	op := n.Op()
	if op.Exact == nil || op.Name == "pow" && !n.Attr()[0].Rat().IsInt() {
		return nil
	}
	for _, a := range n.Args() {
		if b.exact[a] == nil {
			return nil
		}
	}
	var fault expr.Fault
	if v := apply(n, b.exact, op.Exact, &fault); !fault.Set {
		return v
	}
	return nil
}

// admits checks class, degree and, unless jumps are wanted, regularity.
func (b *builder) admits(n expr.Node) bool {
	op := n.Op()
	class, deg := op.Class, []int{}
	if op.ClassAt != nil {
		class = op.ClassAt(n.Attr())
	}
	d := 0
	for _, a := range n.Args() {
		deg = append(deg, b.degree[a])
		d = max(d, b.degree[a])
	}
	if op.Degree != nil && class <= expr.PiecewisePolynomial {
		d = op.Degree(deg, n.Attr())
	}
	if b.degree[n] = d; class > b.cfg.Class || d > maxDegree || b.cfg.Class <= expr.PiecewiseAffine && d > 1 {
		return false
	}
	if b.cfg.Jumps || op.Regular == nil {
		return true
	}
	var fault expr.Fault
	c := callOf[float64](n, &fault)
	for _, a := range n.Args() {
		c.In = append(c.In, b.float[a])
	}
	return op.Regular(c) == ""
}

// apply adds an op if its operands fit.
func (b *builder) apply(op *expr.Op, at expr.Attr, args ...expr.Node) expr.Node {
	shapes := make([]expr.Shape, len(args))
	for i, a := range args {
		shapes[i] = a.Shape()
		if op.Elementwise && shapes[i] != shapes[0] {
			return expr.Node{}
		}
	}
	s, err := op.Shape(shapes, at)
	if err != nil || s.Size() > maxEntries || s.Rank() > maxRank {
		return expr.Node{}
	}
	return op.Apply(at, b.steer(op, args)...)
}

// steer shifts the operands of an op with kinks or a domain, half of the time,
// to values that the op's sampler draws.
func (b *builder) steer(op *expr.Op, args []expr.Node) []expr.Node {
	if op.Class == expr.Affine || !rapid.Bool().Draw(b.t, "steer") {
		return args
	}
	e := op.Sample(b.rng())
	out := append([]expr.Node(nil), args...)
	for i, a := range args {
		v := e.Values[min(i, len(e.Values)-1)]
		want := make([]float64, a.Shape().Size())
		for j := range want {
			want[j] = v[j%len(v)]
		}
		out[i] = b.shift(a, want)
	}
	return out
}

// shift adds constants to x, so that it takes the wanted value.
func (b *builder) shift(x expr.Node, want []float64) expr.Node {
	delta := make([]expr.Number, len(want))
	for i, w := range want {
		if r := b.exact[x]; r != nil {
			delta[i] = expr.Rational(new(big.Rat).Sub(new(big.Rat).SetFloat64(w), r[i]))
		} else {
			delta[i] = expr.Num(w - b.float[x][i])
		}
	}
	return expr.Add(x, b.g.Numbers(delta, x.Shape().Dims()...))
}

func (b *builder) rng() *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(b.t, "seed"), 2))
}
