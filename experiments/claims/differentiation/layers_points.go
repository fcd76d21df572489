package differentiation

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// kinkPoint draws whole numbers for the weights, biases and inputs of a network
// such that the first unit of every hidden layer is exactly at its kink.
func kinkPoint(rng *rand.Rand, sizes []int) clarke.Point {
	small := func() int64 { return rng.Int64N(5) - 2 }
	h := make([]int64, sizes[0])
	for i := range h {
		h[i] = 1 + rng.Int64N(2)
	}
	x := h
	var in [][]*big.Rat
	for layer := range sizes[1:] {
		rows, cols := sizes[layer], sizes[layer+1]
		w, b, next := make([]int64, rows*cols), make([]int64, cols), make([]int64, cols)
		for j := range cols {
			for i := range rows {
				w[i*cols+j] = small()
				next[j] += w[i*cols+j] * h[i]
			}
			if b[j] = small(); j == 0 && layer < len(sizes)-2 {
				b[j] = -next[j]
			}
			next[j] = max(next[j]+b[j], 0)
		}
		in, h = append(in, rationals(w), rationals(b)), next
	}
	return clarke.RationalPoint(append(in, rationals(x))...)
}

func rationals(v []int64) []*big.Rat {
	out := make([]*big.Rat, len(v))
	for i, x := range v {
		out[i] = new(big.Rat).SetInt64(x)
	}
	return out
}

// fieldsAt are the conservative fields of the three programs at one point.
type fieldsAt struct{ layers, graph, tree *conservative.Field }

// maxSlots bounds the choices at a point: 2^maxSlots vectors have as many entries
// as the network has parameters, and their hull is found in rationals.
const maxSlots = 8

// findFields needs all vertices in rationals.
func findFields(ctx context.Context, programs [3]*expr.Func, at clarke.Point) (fieldsAt, error) {
	var found [3]*conservative.Field
	for i, f := range programs {
		var err error
		if found[i], err = conservative.At(ctx, f, at, conservative.Options{MaxSlots: maxSlots, MaxParts: 1}); err != nil {
			return fieldsAt{}, err
		}
		if err := ctx.Err(); err != nil {
			return fieldsAt{}, err
		}
		if !found[i].Complete || found[i].Arithmetic != "rational" {
			return fieldsAt{}, fmt.Errorf("the field has too many kinks to be listed in rationals (%s): make the network smaller", found[i].Why)
		}
	}
	return fieldsAt{found[0], found[1], found[2]}, nil
}

// treeContains reports whether every vertex of the layers' field is in the tree's hull.
func (f fieldsAt) treeContains() (bool, error) {
	for _, v := range f.layers.Vertices {
		if inside, err := clarke.HullContains(f.tree.Vertices, v); err != nil || !inside {
			return false, err
		}
	}
	return true, nil
}

// cancelling looks at the network x ↦ relu(y + 1) − relu(y + 1) with y the unit
// relu(w₀x + b₀), at w₀ = x = 1 and b₀ = −1: it is 0, and the choice at y cancels
// if there is one.
func cancelling(ctx context.Context) ([]claim.Check, error) {
	programs, err := threePrograms([]int{1, 1, 2, 1})
	if err != nil {
		return nil, err
	}
	at := clarke.RationalPoint(
		rationals([]int64{1}), rationals([]int64{-1}),
		rationals([]int64{1, 1}), rationals([]int64{1, 1}),
		rationals([]int64{1, -1}), rationals([]int64{0}), rationals([]int64{1}),
	)
	fields, err := findFields(ctx, programs, at)
	if err != nil {
		return nil, err
	}
	width := func(d *conservative.Field) claim.Measurement {
		last := len(d.Vertices) - 1
		return claim.Measured(d.Vertices[last].Float[0] - d.Vertices[0].Float[0]) // sorted by the entry of w₀
	}
	return []claim.Check{
		{Label: "cancelling-graph", Predicted: claim.Exact(0), Measured: width(fields.graph)},
		{Label: "cancelling-tree", Predicted: claim.Exact(2), Measured: width(fields.tree)},
	}, nil
}
