package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func lookup(t testing.TB, name string) *expr.Op {
	op, ok := expr.Lookup(name)
	require.True(t, ok)
	return op
}

// gradientBy returns a gradient at a point, wired at kink value 0.
func gradientBy(t require.TestingT, r ad.Rules, f *expr.Func, at ...[]float64) [][]float64 {
	g, err := r.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, ad.AtKink(0))
	require.NoError(t, err)
	p, err := vm.Compile(g, vm.Options{})
	require.NoError(t, err)
	ws := p.NewWorkspace()
	for i, x := range at {
		copy(ws.In(i), x)
	}
	require.NoError(t, ws.Run())
	var out [][]float64
	for i := range f.Wrt() {
		out = append(out, append([]float64{}, ws.Out(1+i)...))
	}
	return out
}

// allOnes is the backward rule for the maximum of a row that Go's libraries
// have: 1 for every tied entry.
var allOnes = ad.Derivative{VJP: func(r *expr.Rule, ct expr.Node) []expr.Node {
	x := r.In(0)
	n := x.Shape().Dim(-1)
	is := expr.Where(expr.Sub(x, expr.Expand(r.Out(), n)), expr.Equal, r.Const(1), r.Const(0))
	return []expr.Node{expr.Mul(is, expr.Expand(ct, n))}
}}

func maxOf(t testing.TB) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Max(x)))
	require.NoError(t, err)
	return f
}

func TestWithRule(t *testing.T) {
	f, by := maxOf(t), ad.WithRule(lookup(t, "amax"), allOnes)
	require.Equal(t, []float64{1, 1, 0}, gradientBy(t, by, f, []float64{2, 2, 1})[0])
	require.Equal(t, []float64{0, 1, 0}, gradientBy(t, by, f, []float64{1, 2, 1})[0])
	require.Equal(t, []float64{0, 1, 0}, gradientBy(t, ad.Rules{}, f, []float64{2, 2, 1})[0], "records are untouched")

	_, err := by.Forward(f)
	var e *ad.RuleError
	require.ErrorAs(t, err, &e)
	require.Equal(t, "ad: the rule given for amax#1: it has neither Slopes nor a JVP, which forward mode needs", err.Error())
	require.NoError(t, f.Graph().Err())
}

// A rule for an op that only picks entries comes before their assembly.
func TestWithRuleForPicks(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Add(expr.Index(x, 0), expr.Index(x, 2))))
	require.NoError(t, err)
	nothing := ad.Derivative{VJP: func(r *expr.Rule, _ expr.Node) []expr.Node { return make([]expr.Node, 1) }}
	require.Equal(t, []float64{0, 0, 0}, gradientBy(t, ad.WithRule(lookup(t, "index"), nothing), f, []float64{1, 2, 3})[0])
}

func TestWithRuleDefects(t *testing.T) {
	other := expr.NewGraph().Const(1)
	one := func(n expr.Node) func(*expr.Rule) []expr.Node {
		return func(*expr.Rule) []expr.Node { return []expr.Node{n} }
	}
	for want, d := range map[string]ad.Derivative{
		"Slopes are for elementwise ops; give JVP and VJP":                                       {Slopes: one(other)},
		"it has neither Slopes nor a VJP, which backward mode needs":                             {},
		"0 results for 1 operands; an invalid Node stands for 0":                                 {VJP: func(*expr.Rule, expr.Node) []expr.Node { return nil }},
		"the cotangent of operand 0 belongs to another graph; build it from the rule's operands": {VJP: func(*expr.Rule, expr.Node) []expr.Node { return []expr.Node{other} }},
		"it panicked: runtime error: index out of range [1] with length 1": {VJP: func(r *expr.Rule, _ expr.Node) []expr.Node {
			return []expr.Node{r.In(1)}
		}},
		"the cotangent of operand 0 has shape [2]; it needs [3]": {VJP: func(r *expr.Rule, _ expr.Node) []expr.Node {
			return []expr.Node{expr.Slice(r.In(0), 0, 2)}
		}},
	} {
		_, err := ad.WithRule(lookup(t, "amax"), d).Gradient(maxOf(t))
		var e *ad.RuleError
		require.ErrorAs(t, err, &e, want)
		require.Equal(t, want, e.Why)
	}
}

// A panic of a rule is its defect in every form and mode.
func TestWithRulePanics(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.ReLU(x)))
	require.NoError(t, err)
	for _, d := range []ad.Derivative{
		{Slopes: func(*expr.Rule) []expr.Node { panic("no") }},
		{JVP: func(*expr.Rule, []expr.Node) expr.Node { panic("no") }, VJP: func(*expr.Rule, expr.Node) []expr.Node { panic("no") }},
	} {
		by := ad.WithRule(lookup(t, "relu"), d)
		for _, derive := range []func(*expr.Func) (*expr.Func, error){by.Forward, by.Backward, by.Gradient} {
			_, err := derive(f)
			require.EqualError(t, err, "ad: the rule given for relu#1: it panicked: no")
		}
	}
}

// A slot of the record's name with another key would be the record's.
func TestWithRuleSlotNames(t *testing.T) {
	rule := func(name string) ad.Derivative {
		return ad.Derivative{Slopes: func(r *expr.Rule) []expr.Node {
			return []expr.Node{r.Step(name, expr.Shift(r.In(0), 1))}
		}}
	}
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.ReLU(x)))
	require.NoError(t, err)
	_, err = ad.Gradient(f)
	require.NoError(t, err)
	wired, err := ad.WithRule(lookup(t, "relu"), rule("shifted")).Gradient(f)
	require.NoError(t, err)
	require.Len(t, wired.Slots(), 1)
	_, err = ad.WithRule(lookup(t, "relu"), rule("s")).Gradient(f)
	require.ErrorContains(t, err, `relu#1 has a slot "s" with another key; give this one a name of its own`)
}

// Rules that repeat the records give the records' derivatives, in both modes.
func TestLawWithRuleOfTheRecord(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true})
	var same ad.Rules
	for _, op := range expr.Ops() {
		switch {
		case op.Slopes != nil:
			same = same.WithRule(op, ad.Derivative{Slopes: op.Slopes})
		case op.JVP != nil:
			same = same.WithRule(op, ad.Derivative{JVP: op.JVP, VJP: op.VJP})
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		for _, derive := range []func(ad.Rules, *expr.Func) (*expr.Func, error){ad.Rules.Gradient, ad.Rules.Forward} {
			want, err := derive(ad.Rules{}, again(t, p.Func))
			require.NoError(t, err)
			got, err := derive(same, again(t, p.Func))
			require.NoError(t, err)
			require.Equal(t, want.Hash(), got.Hash())
		}
	})
}

// again returns the same program in a graph of its own.
func again(t *rapid.T, f *expr.Func) *expr.Func {
	g, err := parse.Parse(expr.Format(f), parse.Like(f))
	require.NoError(t, err)
	return g
}
