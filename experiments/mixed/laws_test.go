package mixed_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
)

// tree is a random expression over x and y with its value, computed beside it in
// rationals as expressions are built: no executor is involved.
type tree struct {
	node  expr.Node
	value *big.Rat
	size  float64 // the value with absolute values of all operands in place of them
}

func drawTree(t *rapid.T, g *expr.Graph, leaves []tree) tree {
	list := append([]tree{}, leaves...)
	pick := func() tree { return list[rapid.IntRange(0, len(list)-1).Draw(t, "operand")] }
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		a, b := pick(), pick()
		switch rapid.IntRange(0, 5).Draw(t, "op") {
		case 0:
			list = append(list, tree{expr.Add(a.node, b.node), new(big.Rat).Add(a.value, b.value), a.size + b.size})
		case 1:
			list = append(list, tree{expr.Sub(a.node, b.node), new(big.Rat).Sub(a.value, b.value), a.size + b.size})
		case 2:
			list = append(list, tree{expr.Mul(a.node, b.node), new(big.Rat).Mul(a.value, b.value), a.size * b.size})
		case 3:
			list = append(list, tree{expr.Abs(a.node), new(big.Rat).Abs(a.value), a.size})
		case 4:
			list = append(list, tree{expr.Max(a.node, b.node), larger(a.value, b.value), max(a.size, b.size)})
		case 5:
			list = append(list, tree{expr.ReLU(a.node), larger(a.value, new(big.Rat)), a.size})
		}
	}
	return list[len(list)-1]
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// Values are those of rational arithmetic done by hand; a smooth factor without rational
// values, e⁰ = 1 here, changes them by rounding at most.
func TestLawValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := expr.NewGraph()
		var leaves []tree
		var in []mixed.Vector
		var nodes []expr.Node
		for _, name := range []string{"x", "y"} {
			v := big.NewRat(rapid.Int64Range(-12, 12).Draw(t, name), rapid.Int64Range(1, 9).Draw(t, "denominator"))
			size, _ := new(big.Rat).Abs(v).Float64()
			leaves = append(leaves, tree{g.Input(name), v, size})
			nodes, in = append(nodes, leaves[len(leaves)-1].node), append(in, mixed.Rational([]*big.Rat{v}))
		}
		z := g.Input("z")
		nodes, in = append(nodes, z), append(in, mixed.Rational([]*big.Rat{new(big.Rat)}))
		root := drawTree(t, g, leaves)
		f, err := g.Func(expr.In(nodes...), expr.Out(root.node, expr.Add(root.node, expr.Sub(z, z))))
		require.NoError(t, err)
		p, err := mixed.Compile(f)
		require.NoError(t, err)
		out, err := p.Run(in...)
		require.NoError(t, err)
		want, _ := root.value.Float64()
		if p.Rational() && out[0].Exact != nil { // else a number was too long
			require.Zero(t, root.value.Cmp(out[0].Exact[0]))
			require.Equal(t, want, out[0].Float[0])
		}

		f, err = g.Func(expr.In(nodes...), expr.Out(expr.Mul(root.node, expr.Exp(z))))
		require.NoError(t, err)
		p, err = mixed.Compile(f)
		require.NoError(t, err)
		require.False(t, p.Rational())
		require.True(t, p.Decides())
		out, err = p.Run(in...)
		require.NoError(t, err)
		require.Nil(t, out[0].Exact)
		if size := root.size; size < math.MaxFloat64 { // no product overflows
			require.InDelta(t, want, out[0].Float[0], 1e-12*size)
		}
	})
}
