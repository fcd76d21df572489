package ad_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// moving lists the nodes of f that depend on the inputs to differentiate.
func moving(f *expr.Func) []expr.Node {
	var out []expr.Node
	for i, depends := range f.Order().Depends(f.Wrt()) {
		if n := f.Order().Node(i); depends && !n.IsInput() {
			out = append(out, n)
		}
	}
	return out
}

func TestAdjoints(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	top := expr.Max(x)
	f, err := g.Func(expr.In(x), expr.Out(expr.Scale(5, top)))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		rules ad.Rules
		sent  []string
	}{
		"records":  {ad.Rules{}, []string{"5", "0", "0"}},
		"all ones": {ad.WithRule(lookup(t, "amax"), allOnes), []string{"5", "5", "0"}},
	} {
		a, err := c.rules.Adjoints(f, top)
		require.NoError(t, err)
		a, err = ad.Wire(a, ad.AtSlot(1))
		require.NoError(t, err)
		out := optest.Exact(t, a, optest.ToRats([]float64{2, 2, 1}))
		require.Equal(t, [][]string{{"5"}, c.sent}, optest.Strings(out), name)
	}

	vector, err := g.Func(expr.In(x), expr.Out(x))
	require.NoError(t, err)
	_, err = ad.Rules{}.Adjoints(vector)
	require.ErrorContains(t, err, "one scalar output")
	_, err = ad.WithRule(lookup(t, "amax"), ad.Derivative{}).Adjoints(f, top)
	require.ErrorAs(t, err, new(*ad.RuleError))
}

// The errors of the nodes add up to that of the gradient: for any choice at the
// kinks, held against the one-sided derivative, which passes every node forwards.
func TestLawErrorsOfNodesAddUp(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		nodes := moving(p.Func)
		if len(nodes) == 0 {
			t.Skip("nothing to differentiate")
		}
		w := rapid.SampledFrom([]ad.Wiring{ad.AtSlot(0), ad.AtSlot(0.5), ad.AtSlot(1), ad.Gorgonia.Wiring()}).Draw(t, "wiring")
		gradient, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		if gradient, err = ad.Wire(gradient, w); err != nil {
			t.Skip(err)
		}
		adjoints, err := ad.Rules{}.Adjoints(p.Func, nodes...)
		require.NoError(t, err)
		if adjoints, err = ad.Wire(adjoints, w); err != nil {
			t.Skip(err)
		}
		all, err := p.Func.Graph().Func(expr.In(p.Func.In()...), expr.Out(append(nodes, p.Func.Out()...)...))
		require.NoError(t, err)
		along, err := ad.Directional(all)
		require.NoError(t, err)

		d := optest.AllToRats(optest.PointsFor(t, p.Func.Wrt(), "d"))
		tangents := map[expr.Node][]*big.Rat{}
		moved := optest.Exact(t, along, optest.Join(p.Rats(), d)...)[len(nodes)+1:]
		for i, n := range nodes {
			tangents[n] = moved[i]
		}
		for i, n := range p.Func.Wrt() {
			tangents[n] = d[i]
		}
		want := optest.DotRats(optest.Exact(t, gradient, p.Rats()...)[1:], d)
		want.Sub(want, moved[len(nodes)][0])

		sum := new(big.Rat)
		sent := optest.Exact(t, adjoints, p.Rats()...)
		for _, n := range nodes {
			sum.Sub(sum, dot(sent[0], tangents[n]))
			for k, a := range n.Args() {
				sum.Add(sum, dot(sent[1+k], tangents[a]))
			}
			sent = sent[1+len(n.Args()):]
		}
		require.Equal(t, want.RatString(), sum.RatString())
	})
}

func dot(x, y []*big.Rat) *big.Rat {
	if y == nil {
		return new(big.Rat)
	}
	return optest.DotRats([][]*big.Rat{x}, [][]*big.Rat{y})
}
