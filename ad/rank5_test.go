package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// sorts lists what orders entries. The slot of an order has an axis more than
// the entries, which the largest rank leaves no room for, so it belongs to rows.
var sorts = map[string]func(x expr.Node) expr.Node{
	"sort":      expr.Sort,
	"topk":      func(x expr.Node) expr.Node { return expr.TopK(x, 2) },
	"groupsort": func(x expr.Node) expr.Node { return expr.GroupSort(x, 3) },
	"quantile":  func(x expr.Node) expr.Node { return expr.Quantile(x, 0.25) },
	"norminf":   expr.NormInf,
}

// Sorting has derivatives at every rank, in both modes and in lanes.
func TestLawSortOfEveryRank(t *testing.T) {
	for name, build := range sorts {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			dims := [][]int{{3}, {2, 3}, {2, 1, 3}, {1, 2, 1, 3}, {1, 2, 1, 2, 3}}[rapid.IntRange(0, 4).Draw(t, "rank")]
			g := expr.NewGraph()
			x := g.Input("x", dims...)
			f, err := g.Func(expr.In(x), expr.Out(build(x)))
			require.NoError(t, err)
			p := optest.Program{Func: f, At: optest.PointsFor(t, f.In(), "at")}
			optest.CheckAdjoint(t, p)
			optest.CheckDirectional(t, p, true)
			b, err := ad.Backward(f)
			require.NoError(t, err)
			require.NoError(t, g.Err())
			optest.CheckLanes(t, b, optest.Join(p.At, optest.PointsFor(t, f.Out(), "v"), optest.Choices{}.Of(t, b)))
			for _, w := range []ad.Wiring{ad.AtSlot(0), ad.AtSlot(0.5), ad.Along(ad.Coordinates(f)...)} {
				_, err := ad.Wire(b, w)
				require.NoError(t, err)
			}
		}))
	}
}
