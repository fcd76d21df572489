package expr_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// scalars expands a program into its entries by trial: an entry depends on those
// of operands that change it when they change. It knows no op's formula, only
// what one entry of an op costs in terms of what it depends on.
type scalars struct {
	t   require.TestingT
	rng *rand.Rand
	of  map[expr.Node][]*scalar
}

// scalar is one entry of a node.
type scalar struct {
	varies bool
	empty  bool        // a 0 that nothing was done for
	deps   [][]*scalar // for each operand, the entries it depends on, zeros excepted
	needed bool
}

func (s *scalars) add(n expr.Node) {
	out := make([]*scalar, n.Shape().Size())
	for k := range out {
		out[k] = &scalar{varies: n.IsInput(), deps: make([][]*scalar, len(n.Args()))}
	}
	s.of[n] = out
	if n.IsInput() {
		return
	}
	s.tryAll(n, out, 0, 1)
	s.tryAll(n, out, 1, -2)
	for _, e := range out {
		e.empty = !e.varies && s.untouched(n, e)
	}
}

// untouched reports whether a 0 is one that nothing was computed for.
func (s *scalars) untouched(n expr.Node, e *scalar) bool {
	if v, ok := n.Uniform(); ok && len(n.Args()) == 0 {
		return v.Float() == 0
	}
	for _, d := range e.deps {
		if len(d) > 0 {
			return false
		}
	}
	switch name := n.Op().Name; {
	case len(n.Args()) == 0:
		return false
	case name == "affine":
		return n.Attr()[1].Float() == 0
	default: // kinks count as something done, whatever they are done to
		return name != "relu" && name != "leakyrelu" && name != "step"
	}
}

// base draws values of the operands, fixed ones too: a weight that happens to be
// 0 is not passed over. Varying ones are 0, where selectors show their slots, or
// positive, where kinks pass on what they get.
func (s *scalars) base(n expr.Node, scale float64) [][]float64 {
	in := make([][]float64, len(n.Args()))
	for i, a := range n.Args() {
		for _, e := range s.of[a] {
			v := 0.0
			switch {
			case e.varies:
				v = scale * (1 + s.rng.Float64())
			case !e.empty:
				v = 1 + s.rng.Float64()
			}
			in[i] = append(in[i], v)
		}
	}
	return in
}

func (s *scalars) eval(n expr.Node, in [][]float64) []float64 {
	g := expr.NewGraph()
	args := make([]expr.Node, len(in))
	for i, a := range n.Args() {
		args[i] = g.Input(string(rune('a'+i)), a.Shape().Dims()...)
	}
	out := n
	if len(args) > 0 {
		out = n.Op().Apply(n.Attr(), args...)
	}
	f, err := out.Graph().Func(expr.In(args...), expr.Out(out))
	require.NoError(s.t, err)
	value, _ := optest.Floats(f, in...)
	return value[out]
}

// tryAll adds a number to every entry of the operands that is not an empty 0.
func (s *scalars) tryAll(n expr.Node, out []*scalar, scale, change float64) {
	in := s.base(n, scale)
	before := s.eval(n, in)
	for i, a := range n.Args() {
		for j, e := range s.of[a] {
			if e.empty {
				continue
			}
			old := in[i][j]
			in[i][j] += change
			for k, v := range s.eval(n, in) {
				if v != before[k] {
					out[k].depend(i, e)
				}
			}
			in[i][j] = old
		}
	}
}

func (e *scalar) depend(i int, on *scalar) {
	for _, d := range e.deps[i] {
		if d == on {
			return
		}
	}
	e.deps[i] = append(e.deps[i], on)
	e.varies = e.varies || on.varies
}

// count adds up what the needed entries of the program cost.
func (s *scalars) count(f *expr.Func) (total int) {
	for _, n := range f.Nodes() {
		s.add(n)
	}
	for _, n := range f.Out() {
		for _, e := range s.of[n] {
			e.needed = true
		}
	}
	nodes := f.Nodes()
	for i := len(nodes) - 1; i >= 0; i-- {
		for _, e := range s.of[nodes[i]] {
			if !e.needed || !e.varies || nodes[i].IsInput() {
				continue
			}
			total += e.cost(nodes[i])
			for _, deps := range e.deps {
				for _, d := range deps {
					d.needed = true
				}
			}
		}
	}
	return total
}

// cost is the price of one entry: n − 1 additions for n summands, of which all
// fixed ones are one, a product for each pair, 1 for all else.
func (e *scalar) cost(n expr.Node) int {
	varying, fixed := make([]int, len(e.deps)), make([]int, len(e.deps))
	all, still := 0, 0
	for i, deps := range e.deps {
		for _, d := range deps {
			if d.varies {
				varying[i]++
				all++
			} else {
				fixed[i]++
				still = 1
			}
		}
	}
	switch n.Op().Name {
	case "reshape":
		return 0
	case "broadcast":
		if n.Shape().Size() == n.Args()[0].Shape().Size() {
			return 0
		}
		return all
	case "slice", "index", "gather", "take", "assemble", "stack", "concat", "transpose":
		return all
	case "add", "sum":
		return all + still - 1
	case "sub":
		if all == 1 && still == 0 && varying[1] == 1 {
			return 1
		}
		return all + still - 1
	case "mean":
		return all + still
	case "dot", "matvec", "matmul":
		pairs := varying[0] + fixed[0]
		alone := 0 // pairs that are fixed: known if one side varies throughout, or is fixed throughout
		if varying[0] == 0 || varying[1] == 0 {
			alone = min(fixed[0], fixed[1])
		}
		return 2*(pairs-alone) + min(alone, 1) - 1
	}
	return 1
}

// affineReLU are the ops of affine–relu programs.
var affineReLU = []string{
	"add", "sub", "neg", "affine", "sum", "mean", "stack", "concat", "reshape", "transpose", "broadcast",
	"slice", "index", "gather", "take", "assemble", "matvec", "matmul", "relu", "leakyrelu",
}

// Counting by analysis is counting by trial.
func TestLawOperationsByTrial(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Ops: affineReLU, Steps: 6, Vector: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		g, err := ad.Backward(p.Func)
		require.NoError(t, err)
		for _, f := range []*expr.Func{p.Func, g} {
			s := &scalars{t: t, rng: rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed"))), of: map[expr.Node][]*scalar{}}
			require.Equal(t, s.count(f), expr.Operations(f), "%v", f)
		}
	})
}
