package optest

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// A law that cannot fail is worth nothing: each of these rules is wrong in one
// way, and the law named after it has to say so.

// wrong returns a copy of a registered op with one mistake.
func wrong(t *testing.T, name string, spoil func(*expr.Op)) *expr.Op {
	op, ok := expr.Lookup(name)
	require.True(t, ok)
	bad := *op
	bad.Name = "wrong" + name
	spoil(&bad)
	return &bad
}

func constant(v float64) func(*expr.Rule) []expr.Node {
	return func(r *expr.Rule) []expr.Node { return []expr.Node{r.Const(v)} }
}

func TestLawsCatch(t *testing.T) {
	tests := []struct {
		law, op string
		spoil   func(*expr.Op)
	}{
		{"adjoint", "outer", func(op *expr.Op) { // the two cotangents are scaled
			right := op.VJP
			op.VJP = func(r *expr.Rule, ct expr.Node) []expr.Node { return right(r, expr.Scale(2, ct)) }
		}},
		{"adjoint", "sort", func(op *expr.Op) { // the adjoint applies the order again
			op.VJP = func(r *expr.Rule, ct expr.Node) []expr.Node {
				return []expr.Node{expr.Permute(r.Permutation("p", r.In(0)), ct)}
			}
		}},
		{"linear", "outer", func(op *expr.Op) { // a tangent is squared
			op.JVP = func(r *expr.Rule, dx []expr.Node) expr.Node { return expr.Outer(dx[0], dx[1]) }
		}},
		{"difference", "relu", func(op *expr.Op) { op.Slopes = constant(1) }},
		{"difference", "abs", func(op *expr.Op) { // right everywhere but at the kink
			op.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Sign(r.In(0))} }
		}},
		{"difference", "amax", func(op *expr.Op) { // every tied entry gets 1, as three Go libraries do
			op.Weights = func(r *expr.Rule) expr.Node { return expr.TieBreak(expr.TieAll, 0, 1, r.In(0)) }
		}},
		{"difference", "max", func(op *expr.Op) { // max(x, x) has derivative 0
			op.Slopes = func(r *expr.Rule) []expr.Node {
				x, y := r.In(0), r.In(1)
				return []expr.Node{expr.ReLU(expr.Sign(expr.Sub(x, y))), expr.ReLU(expr.Sign(expr.Sub(y, x)))}
			}
		}},
		{"difference", "tanh", func(op *expr.Op) {
			op.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Mul(r.Out(), r.Out())} }
		}},
		{"exact", "abs", func(op *expr.Op) {
			op.Exact = func(c *expr.Call[*big.Rat]) { copy(c.Out, c.In[0]) }
		}},
		{"lanes", "norm1", func(op *expr.Op) { // rows are not told apart
			right := op.Eval
			op.Eval = func(c *expr.Call[float64]) {
				right(c)
				for i := range c.Out {
					c.Out[i] = c.Out[0]
				}
			}
		}},
		{"batch", "softplus", func(op *expr.Op) { // the place in the buffer matters
			op.Eval = func(c *expr.Call[float64]) {
				for i, x := range c.In[0] {
					c.Out[i] = x + float64(i)
				}
			}
		}},
	}
	for _, test := range tests {
		op := wrong(t, test.op, test.spoil)
		require.NoError(t, op.Check())
		require.True(t, caught(test.law, op), "the law %s passes a wrong %s", test.law, test.op)
		sound, _ := expr.Lookup(test.op)
		require.False(t, caught(test.law, sound), "the law %s rejects %s", test.law, test.op)
	}
}

// caught reports whether a law fails on one of its first examples.
func caught(name string, op *expr.Op) bool {
	for _, l := range laws {
		for seed := 0; l.name == name && seed < 100; seed++ {
			if fails(func(t *rapid.T) { l.check(t, op, op.Sample(seeded(t))) }, seed) {
				return true
			}
		}
	}
	return false
}

// fails runs a check on the random bits of one seed.
func fails(check func(t *rapid.T), seed int) (failed bool) {
	rapid.Custom(func(t *rapid.T) bool {
		defer func() { failed = recover() != nil }()
		check(t)
		return true
	}).Example(seed)
	return failed
}
