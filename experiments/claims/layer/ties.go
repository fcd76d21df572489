package layer

import (
	"context"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// tiedEntries compares both sets with the permutations that sort, at one point
// for each pattern of ties.
func tiedEntries(ctx context.Context, c *claim.Context, sort func(expr.Node) expr.Node) ([]claim.Check, error) {
	n := c.Int("size")
	f, err := layerOf(sort, n)
	if err != nil {
		return nil, err
	}
	both, err := newSets(f)
	if err != nil {
		return nil, err
	}
	points, sameClarke, sameField, most := 0, 0, 0, 0
	for x := range patterns(n) {
		set, field, err := both.at(ctx, x)
		if err != nil {
			return nil, err
		}
		want := sortingMatrices(x)
		points++
		if set.Exact && sameVertices(set.Vertices, want) {
			sameClarke++
		}
		if field.Complete && sameVertices(field.Vertices, want) {
			sameField++
		}
		most = max(most, len(set.Vertices))
	}
	share := func(k int) claim.Measurement { return claim.Measured(float64(k) / float64(points)) }
	return []claim.Check{
		{Label: "clarke-jacobian", Predicted: claim.Exact(1), Measured: share(sameClarke), At: map[string]any{"points": points}, Sentence: "At every pattern of ties the Clarke Jacobian is exactly the hull of the permutations that sort."},
		{Label: "field", Predicted: claim.Exact(1), Measured: share(sameField), At: map[string]any{"points": points}, Sentence: "The conservative field of the primitive sort has the same hull."},
		{Label: "all-tied", Predicted: claim.Exact(factorial(n)), Measured: claim.Measured(float64(most)), Sentence: "The largest Clarke Jacobian, where all n entries tie, is Birkhoff's polytope with n! vertices."},
	}, nil
}

func factorial(n int) float64 {
	out := 1.0
	for k := 2; k <= n; k++ {
		out *= float64(k)
	}
	return out
}

// patterns yields every vector of n entries with values in 1, …, n.
func patterns(n int) func(yield func([]*big.Rat) bool) {
	return func(yield func([]*big.Rat) bool) {
		digits := make([]int, n)
		for {
			x := make([]*big.Rat, n)
			for i, d := range digits {
				x[i] = big.NewRat(int64(d+1), 1)
			}
			i := 0
			for ; i < n && digits[i] == n-1; i++ {
				digits[i] = 0
			}
			if !yield(x) || i == n {
				return
			}
			digits[i]++
		}
	}
}

// sortingMatrices lists the matrices of all permutations that sort x, flat, by
// trying all.
func sortingMatrices(x []*big.Rat) [][]float64 {
	n := len(x)
	var out [][]float64
	var extend func(order []int)
	extend = func(order []int) {
		if len(order) == n {
			m := make([]float64, n*n)
			for row, i := range order {
				m[row*n+i] = 1
			}
			out = append(out, m)
			return
		}
		for i := range n {
			if !slices.Contains(order, i) && (len(order) == 0 || x[order[len(order)-1]].Cmp(x[i]) <= 0) {
				extend(append(slices.Clone(order), i))
			}
		}
	}
	extend(nil)
	return out
}

// sameVertices compares sets of points, whatever their order.
func sameVertices(got []clarke.Vector, want [][]float64) bool {
	have := make([][]float64, len(got))
	for i, v := range got {
		have[i] = v.Float
	}
	slices.SortFunc(have, slices.Compare)
	want = slices.Clone(want)
	slices.SortFunc(want, slices.Compare)
	return slices.EqualFunc(have, want, slices.Equal)
}
