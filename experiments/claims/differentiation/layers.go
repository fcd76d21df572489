package differentiation

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// layersAndGraph compares a network written as a composition of layers with the
// same network written as a graph of units.
func layersAndGraph() claim.Claim {
	return claim.Claim{
		Numbers:     []int{1},
		Name:        "layers-and-graph",
		Theorem:     claim.Identity,
		Decides:     []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence:    "A feedforward network is the same program whether it is written as a composition of layers or as a directed acyclic graph of units with their parents: values agree bit for bit, and so do the conservative fields, exactly. A tree that computes a unit anew for each of its children has the same values and a larger field.",
		Source:      "Pauwels, CIMI lecture 2021 (compositional structure, directed acyclic graph); Bolte and Pauwels, Math. Program. 188 (2021), arXiv 1909.10300",
		Mathematics: layersMathematics,
		Params: []claim.Param{
			claim.Int("inputs", 2, "inputs of the network").Between(1, 5),
			claim.Ints("hidden", []int{3, 2}, "widths of the hidden layers").Between(2, 4),
			claim.Int("points", 12, "points at kinks where fields are compared in rationals").AtFull(100).Between(1, 10000),
			claim.Int("evaluations", 500, "random parameters at which values are compared in float64").AtFull(20000).Between(1, 1e6),
		},
		Run: runLayers,
	}
}

const layersMathematics = "A feedforward network is `F_θ = f_L ∘ ⋯ ∘ f_1` with layers `f_i(z) = relu(zW_i + b_i)`, or a directed acyclic graph in which every unit `j` computes `relu(Σ_i w_{ij}z_i + b_j)` from its parents `i`. " +
	"A layer is a row of units, so the second form says no more than the first. If products are summed in the same order, values are the same floating-point numbers, bit for bit.\n\n" +
	"The conservative field `D` depends on the program through its kinks and the paths between them. In both forms each unit is one kink with one choice `s_j ∈ [0, 1]` for relu′(0), and " +
	"the Jacobian is the same polynomial in the choices, the sum over all paths of the products of weights and choices along the path. So the fields are equal as sets, and `conv D` has the same vertices, which is checked in rationals at parameters for which the first unit of each hidden layer is at its kink.\n\n" +
	"What matters is that a unit with several children is one node. A tree that computes a unit anew for each child computes the same values, but has as many choices for the unit as it has copies. Equal choices for all copies give the elements of the graph's field, so\n\n" +
	"\tD_graph ⊂ D_tree\n\n" +
	"and the inclusion is strict where the adjoints that arrive at the copies pull in different directions: for `y := relu(z)` at `z = 0`, `relu(y + 1) − relu(y + 1)` has derivative `s − s = 0` with one choice, and `s_1 − s_2 ∈ [−1, 1]` with two. " +
	"This is the network with widths 1, 1, 2, 1 of the last two checks. " +
	"Gradients in float64 agree to rounding only, since the adjoint of a unit is summed in another order: relative to the largest entry, within `10^{−12}`."

func runLayers(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	sizes := append(append([]int{c.Int("inputs")}, c.Ints("hidden")...), 1)
	if hidden := len(sizes) - 2; hidden > maxHidden {
		return claim.Outcome{}, fmt.Errorf("hidden: the tree of %d layers is too large; give at most %d widths", hidden, maxHidden)
	}
	programs, err := threePrograms(sizes)
	if err != nil {
		return claim.Outcome{}, err
	}
	out, err := compareForms(ctx, c, sizes, programs)
	if err != nil {
		return out, err
	}
	checks, err := cancelling(ctx)
	out.Checks = append(out.Checks, checks...)
	return out, err
}

// maxHidden bounds the depth, since a tree has as many units as there are paths.
const maxHidden = 3

func compareForms(ctx context.Context, c *claim.Context, sizes []int, programs [3]*expr.Func) (claim.Outcome, error) {
	values, gradients, err := compareFloats(ctx, c, programs)
	if err != nil {
		return claim.Outcome{}, err
	}
	fields := make([]fieldsAt, c.Int("points"))
	err = c.Each(ctx, len(fields), func(ctx context.Context, i int) (err error) {
		fields[i], err = findFields(ctx, programs, kinkPoint(c.Rand(claim.At("stream", "kinks"), claim.At("point", i)), sizes))
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	var equal, inside, larger float64
	for _, f := range fields {
		contained, err := f.treeContains()
		if err != nil {
			return claim.Outcome{}, err
		}
		equal += count1(sameVertices(f.layers.Vertices, f.graph.Vertices))
		inside += count1(contained)
		larger += count1(!sameVertices(f.layers.Vertices, f.tree.Vertices))
		if err := c.Trace(jsonnum.Object{"kinks": len(f.layers.Kinks), "layers": len(f.layers.Vertices), "graph": len(f.graph.Vertices), "tree": len(f.tree.Vertices)}); err != nil {
			return claim.Outcome{}, err
		}
	}
	points := claim.Exact(float64(len(fields)))
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "different-values", Predicted: claim.Exact(0), Measured: claim.Measured(values)},
			{Label: "gradients", Predicted: claim.AtMost(gradientTolerance), Measured: claim.Measured(gradients)},
			{Label: "equal-fields", Predicted: points, Measured: claim.Measured(equal)},
			{Label: "inside-tree", Predicted: points, Measured: claim.Measured(inside)},
		},
		Result: jsonnum.Object{"points": len(fields), "equal_fields": equal, "strictly_larger_trees": larger},
	}, c.Figure("vertices", verticesFigure(fields))
}

// gradientTolerance is relative to the largest entry: exact to rounding.
const gradientTolerance = 1e-12

// compareFloats counts the random parameters at which values differ in a bit,
// and returns the largest relative difference of gradients.
func compareFloats(ctx context.Context, c *claim.Context, programs [3]*expr.Func) (different, deviation float64, err error) {
	var code [3]*vm.Program
	for i, f := range programs {
		g, err := scalarGradient(f)
		if err != nil {
			return 0, 0, err
		}
		if code[i], err = vm.Compile(g, vm.Options{}); err != nil {
			return 0, 0, err
		}
	}
	rng := c.Rand(claim.At("stream", "values"))
	for range c.Int("evaluations") {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		var out [3][][]float64
		in := normalInputs(programs[0], func(v []float64) { random.Normals(v, 1, rng) })
		for i := range code {
			if out[i], err = run(code[i], in); err != nil {
				return 0, 0, err
			}
		}
		different += count1(math.Float64bits(out[0][0][0]) != math.Float64bits(out[1][0][0]))
		different += count1(math.Float64bits(out[0][0][0]) != math.Float64bits(out[2][0][0]))
		deviation = max(deviation, relativeDifference(out[0][1:], out[1][1:]), relativeDifference(out[0][1:], out[2][1:]))
	}
	return different, deviation, nil
}

// scalarGradient is value and gradient of a program whose output has one entry.
func scalarGradient(f *expr.Func) (*expr.Func, error) {
	scalar, err := f.Graph().Func(expr.In(f.In()...), expr.Out(expr.Sum(f.Out()[0])))
	if err != nil {
		return nil, err
	}
	g, err := ad.Gradient(scalar)
	if err != nil {
		return nil, err
	}
	return ad.Wire(g, ad.AtKink(0))
}

func normalInputs(f *expr.Func, fill func([]float64)) [][]float64 {
	var in [][]float64
	for _, n := range f.In() {
		v := make([]float64, n.Shape().Size())
		fill(v)
		in = append(in, v)
	}
	return in
}

// run returns the outputs of a compiled program.
func run(p *vm.Program, in [][]float64) ([][]float64, error) {
	var out [][]float64
	for _, n := range p.Func().Out() {
		out = append(out, make([]float64, n.Shape().Size()))
	}
	return out, p.Run(out, in...)
}

// relativeDifference is max |v − w| over max |v|, 0 for lists of zeros.
func relativeDifference(v, w [][]float64) float64 {
	apart, size := 0.0, 0.0
	for i := range v {
		for k := range v[i] {
			apart, size = max(apart, math.Abs(v[i][k]-w[i][k])), max(size, math.Abs(v[i][k]))
		}
	}
	if apart == 0 {
		return 0
	}
	return apart / size
}

func verticesFigure(fields []fieldsAt) figure.Figure {
	var at, layers, graph, tree []float64
	for i, f := range fields {
		at = append(at, float64(i+1))
		layers = append(layers, float64(len(f.layers.Vertices)))
		graph = append(graph, float64(len(f.graph.Vertices)))
		tree = append(tree, float64(len(f.tree.Vertices)))
	}
	return figure.Figure{
		Title:   "Vertices of the conservative field of one network, written three ways",
		Caption: "At points where units are at their kinks, the layers and the graph of units have the same vertices. A tree that computes a unit anew for each of its children has more choices, and a larger field.",
		X:       figure.Axis{Label: "point", Unit: "1"}, Y: figure.Axis{Label: "vertices of conv D", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "layers", Style: figure.Measured, X: at, Y: layers, Color: 1},
			{Name: "graph of units", Style: figure.Measured, X: at, Y: graph, Color: 5},
			{Name: "tree", Style: figure.Measured, X: at, Y: tree, Color: 3},
		},
	}
}
