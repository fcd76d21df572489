package differentiation

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// threePrograms are one dense relu network of given sizes, whose last is 1, as
// layers of package network, as a graph of units that each name their parents,
// and as a tree: the graph in which every use of a unit is computed anew. Their
// inputs are the same: w0, b0, w1, … and one row x.
func threePrograms(sizes []int) (programs [3]*expr.Func, err error) {
	if programs[0], err = network.Dense(sizes...).Outputs(1); err != nil {
		return programs, err
	}
	if programs[1], err = ofUnits(sizes, true); err != nil {
		return programs, err
	}
	programs[2], err = ofUnits(sizes, false)
	return programs, err
}

// units builds a network unit by unit.
type units struct {
	x      expr.Node
	w, b   []expr.Node
	sizes  []int
	shared bool
	made   map[[2]int]expr.Node // shared units by layer and number
}

func ofUnits(sizes []int, shared bool) (*expr.Func, error) {
	g := expr.NewGraph()
	u := &units{sizes: sizes, shared: shared, made: map[[2]int]expr.Node{}}
	var in []expr.Node
	for i := range sizes[1:] {
		u.w = append(u.w, g.Param(fmt.Sprintf("w%d", i), sizes[i], sizes[i+1]))
		u.b = append(u.b, g.Param(fmt.Sprintf("b%d", i), sizes[i+1]))
		in = append(in, u.w[i], u.b[i])
	}
	u.x = g.Data(network.Inputs, 1, sizes[0])
	last := len(sizes) - 2
	return g.Func(expr.In(in...), expr.In(u.x), expr.Out(u.sum(last, 0)))
}

// sum is what unit j of a layer receives: ⟨wⱼ, parents⟩ + bⱼ.
func (u *units) sum(layer, j int) expr.Node {
	parents := u.x
	if layer > 0 {
		row := make([]expr.Node, u.sizes[layer])
		for i := range row {
			row[i] = u.unit(layer-1, i)
		}
		parents = expr.Concat(row...)
	}
	return expr.Add(expr.MatMul(parents, expr.Slice(u.w[layer], j, j+1)), expr.Slice(u.b[layer], j, j+1))
}

// unit is a hidden unit: made once if units are shared, else once for each use.
func (u *units) unit(layer, j int) expr.Node {
	key := [2]int{layer, j}
	if n, ok := u.made[key]; ok && u.shared {
		return n
	}
	n := expr.ReLU(u.sum(layer, j))
	u.made[key] = n
	return n
}
