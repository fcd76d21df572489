package expr_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// site remembers the source line of the mistake that a case makes.
type site struct{ line int }

func (s *site) here() { _, _, s.line, _ = runtime.Caller(1) }

// fixture is a graph with nodes of several shapes.
type fixture struct {
	site
	g             *expr.Graph
	x, v, w, m, b expr.Node // [] [3] [4] [2,3] [5,2,3]
	other         expr.Node // of another graph
}

func newFixture() *fixture {
	g := expr.NewGraph()
	return &fixture{
		g: g, x: g.Input("x"), v: g.Input("v", 3), w: g.Param("w", 4), m: g.Data("m", 2, 3), b: g.Input("b", 5, 2, 3),
		other: expr.NewGraph().Input("y"),
	}
}

// mistakes lists malformed graphs with the error that each gives, to which the
// place of the call is added.
var mistakes = []struct {
	name string
	make func(f *fixture)
	want string
}{
	{"shapes", func(f *fixture) { f.here(); expr.Add(f.v, f.w) }, "add of [3] × [4]: shapes [3] and [4] do not broadcast: extents 3 and 4 meet"},
	{"foreign graph", func(f *fixture) { f.here(); expr.Mul(f.x, f.other) }, "mul of [] × []: operand 1 belongs to another graph; build both in one"},
	{"zero node", func(f *fixture) { f.here(); expr.Sub(f.x, expr.Node{}) }, "sub of []: operand 1 is the zero Node; make nodes with a Graph"},
	{"zero node first", func(f *fixture) { f.here(); expr.Concat(expr.Node{}, f.v) }, "concat of [3]: operand 0 is the zero Node; make nodes with a Graph"},
	{"NaN slope", func(f *fixture) { f.here(); expr.LeakyReLU(f.x, math.NaN()) }, "leakyrelu of []: attribute 0 is NaN; it must be finite"},
	{"infinite scale", func(f *fixture) { f.here(); expr.Scale(math.Inf(1), f.x) }, "affine of []: attribute 0 is +Inf; it must be finite"},
	{"NaN power", func(f *fixture) { f.here(); expr.Pow(f.x, math.NaN()) }, "pow of []: attribute 0 is NaN; it must be finite"},
	{"negative threshold", func(f *fixture) { f.here(); expr.SoftThreshold(f.x, -1) }, "softthreshold of []: the threshold is -1; it must be positive"},
	{"permutation repeats", func(f *fixture) { f.here(); expr.Transpose(f.m, 0, 0) }, "transpose of [2,3]: [0 0] is not a permutation of trailing axes of shape [2,3]"},
	{"permutation too long", func(f *fixture) { f.here(); expr.Transpose(f.m, 0, 1, 2) }, "transpose of [2,3]: [0 1 2] is not a permutation of trailing axes of shape [2,3]"},
	{"index", func(f *fixture) { f.here(); expr.Index(f.v, 3) }, "index of [3]: index 3 is outside 0…2"},
	{"negative index", func(f *fixture) { f.here(); expr.Index(f.v, -1) }, "index of [3]: index -1 is outside 0…2"},
	{"index of a scalar", func(f *fixture) { f.here(); expr.Index(f.x, 0) }, "index of []: shape [] has no axis to index"},
	{"slice", func(f *fixture) { f.here(); expr.Slice(f.m, 1, 4) }, "slice of [2,3]: slice 1:4:1 of axis 1 from the last does not fit shape [2,3]"},
	{"empty slice", func(f *fixture) { f.here(); expr.Slice(f.v, 2, 2) }, "slice of [3]: slice 2:2:1 of axis 1 from the last does not fit shape [3]"},
	{"gather", func(f *fixture) { f.here(); expr.Gather(f.v, 0, 7) }, "gather of [3]: index 7 is outside 0…2"},
	{"top 4 of 3", func(f *fixture) { f.here(); expr.TopK(f.v, 4) }, "topk of [3]: 4 entries asked of 3"},
	{"top 0", func(f *fixture) { f.here(); expr.TopK(f.v, 0) }, "topk of [3]: 0 entries asked of 3"},
	{"top −1", func(f *fixture) { f.here(); expr.TopK(f.v, -1) }, "topk of [3]: -1 entries asked of 3"},
	{"sum of top 4", func(f *fixture) { f.here(); expr.TopKSum(f.v, 4) }, "topksum of [3]: 4 entries asked of 3"},
	{"sum of top 0", func(f *fixture) { f.here(); expr.TopKSum(f.v, 0) }, "topksum of [3]: 0 entries asked of 3"},
	{"median of a scalar", func(f *fixture) { f.here(); expr.Median(f.x) }, "median of []: it needs a vector, got a scalar"},
	{"sort of a scalar", func(f *fixture) { f.here(); expr.Sort(f.x) }, "sort of []: it needs a vector, got a scalar"},
	{"norm of a scalar", func(f *fixture) { f.here(); expr.Norm2(f.x) }, "norm2 of []: it needs a vector, got a scalar"},
	{"dot of scalars", func(f *fixture) { f.here(); expr.Dot(f.x, f.x) }, "dot of [] × []: dot needs vectors"},
	{"outer of a scalar", func(f *fixture) { f.here(); expr.Outer(f.x, f.v) }, "outer of [] × [3]: operand 0 has shape []; it needs at least 1 axes"},
	{"rank too large", func(f *fixture) { f.here(); f.g.Input("r", 1, 1, 1, 1, 1, 1) }, "input r: rank 6 is above the limit of 5"},
	{"rank far too large", func(f *fixture) { f.here(); f.g.Input("r", 1, 1, 1, 1, 1, 1, 1, 1) }, "input r: rank 8 is above the limit of 5"},
	{"rank of a constant", func(f *fixture) { f.here(); f.g.Tensor([]float64{1}, 1, 1, 1, 1, 1, 1) }, "const: rank 6 is above the limit of 5"},
	{"rank of a stack", func(f *fixture) { r := expr.Reshape(f.v, 1, 1, 1, 1, 3); f.here(); expr.Stack(r) }, "stack of [1,1,1,1,3]: rank 6 is above the limit of 5"},
	{"zero extent", func(f *fixture) { f.here(); f.g.Param("p", 2, 0) }, "input p: extents [2 0]: each must be at least 1"},
	{"negative extent", func(f *fixture) { f.here(); f.g.Data("d", -3) }, "input d: extents [-3]: each must be at least 1"},
	{"huge size", func(f *fixture) { f.here(); f.g.Input("h", 1<<20, 1<<20) }, "input h: extents [1048576 1048576]: each must be at least 1 and their product at most"},
	{"overflowing size", func(f *fixture) { f.here(); f.g.Input("h", math.MaxInt, math.MaxInt) }, "each must be at least 1 and their product at most"},
	{"huge broadcast", func(f *fixture) { f.here(); expr.Add(f.g.Input("p", 1<<16, 1), f.g.Input("q", 1<<16)) }, "add of [65536,1] × [65536]: extents [65536 65536]: each must be at least 1 and their product at most"},
	{"no name", func(f *fixture) { f.here(); f.g.Input("", 2) }, "input: an input needs a name"},
	{"tensor length", func(f *fixture) { f.here(); f.g.Tensor([]float64{1, 2, 3}, 2, 2) }, "const: shape [2,2] has 4 entries, got 3 values"},
	{"NaN constant", func(f *fixture) { f.here(); f.g.Const(math.NaN()) }, "const: entry 0 is NaN; constants must be finite"},
	{"infinite entry", func(f *fixture) { f.here(); f.g.Tensor([]float64{1, math.Inf(-1)}, 2) }, "const: entry 1 is -Inf; constants must be finite"},
	{"inner extents", func(f *fixture) { f.here(); expr.MatMul(f.m, f.m) }, "matmul of [2,3] × [2,3]: inner extents 3 and 2 differ; transpose one operand or check the shapes"},
	{"matrix and vector", func(f *fixture) { f.here(); expr.MatMul(f.m, f.w) }, "matvec of [2,3] × [4]: the matrix has 3 columns, the vector 4 entries"},
	{"batch", func(f *fixture) { f.here(); expr.MatMul(f.b, f.g.Input("c", 4, 3, 2)) }, "matmul of [5,2,3] × [4,3,2]: leading axes [5] and [4] differ; they must agree or be absent"},
	{"matmul of a scalar", func(f *fixture) { f.here(); expr.MatMul(f.x, f.m) }, "matmul of [] × [2,3]: operand 0 has shape []; it needs at least 2 axes"},
	{"concat", func(f *fixture) { f.here(); expr.Concat(f.m, f.v) }, "concat of [2,3] × [3]: axis 1 from the last needs operands of one rank of at least 1"},
	{"concat extents", func(f *fixture) { f.here(); expr.Concat(f.m, expr.Transpose(f.m)) }, "concat of [2,3] × [3,2]: shapes [2,3] and [3,2] differ away from the joined axis"},
	{"comparison", func(f *fixture) { f.here(); expr.Where(f.x, 6, f.x, f.x) }, "where of [] × [] × []: unknown comparison; it must be 0 to 5 for < <= == != >= >"},
	{"negative comparison", func(f *fixture) { f.here(); expr.Where(f.x, -1, f.x, f.x) }, "where of [] × [] × []: unknown comparison"},
	{"reshape", func(f *fixture) { f.here(); expr.Reshape(f.m, 4) }, "reshape of [2,3]: [2,3] has 6 entries, [4] has 4"},
	{"reshape to nothing", func(f *fixture) { f.here(); expr.Reshape(f.m, 0) }, "reshape of [2,3]: extents [0]: each must be at least 1"},
	{"broadcast", func(f *fixture) { f.here(); expr.BroadcastTo(f.v, 2, 4) }, "broadcast of [3]: [3] does not broadcast to [2,4]"},
	{"broadcast down", func(f *fixture) { f.here(); expr.BroadcastTo(f.m, 3) }, "broadcast of [2,3]: [2,3] does not broadcast to [3]"},
	{"expand by 0", func(f *fixture) { f.here(); expr.Expand(f.v, 0) }, "broadcast of [3]: extents [0]: each must be at least 1"},
	{"huge integer", func(f *fixture) { f.here(); expr.TopK(f.v, math.MaxInt) }, "topk of [3]: attribute 0 is 9223372036854775808; it must be an integer between"},
	{"no operands", func(f *fixture) { f.here(); expr.Max(expr.Node{}, f.x) }, "max of []: operand 0 is the zero Node"},
	{"ranks", func(f *fixture) { f.here(); expr.TieBreak(expr.TieFirst, 2, 5, f.v) }, "tiebreak of [3]: ranks 2 to 5 are not within the 3 entries of the last axis"},
	{"tie mode", func(f *fixture) { f.here(); expr.TieBreak(9, 0, 1, f.v) }, "tiebreak of [3]: unknown tie mode 9; it must be 0 to 3"},
	{"assemble", func(f *fixture) { f.here(); expr.Assemble(f.v.Shape(), []expr.Node{f.x}, [][]int32{{5}}) }, "assemble of []: position 5 is outside 0…2"},
	{"assemble too few", func(f *fixture) { f.here(); expr.Assemble(f.v.Shape(), []expr.Node{f.v}, [][]int32{{1}}) }, "assemble of [3]: the positions do not fit the operands"},
	{"assemble of other axes", func(f *fixture) { f.here(); named("assemble").Apply(expr.Ints(1, 4, 0, 2, 0, 2), f.v, f.x) }, "assemble of [3] × []: operand 1 has leading axes [], the first has [3]: broadcast it"},
	{"leaf", func(f *fixture) { f.here(); op, _ := expr.Lookup("input"); op.Apply(nil, f.x) }, "input of []: got 1 operands; it takes 0"},
	{"too many operands", func(f *fixture) { f.here(); op, _ := expr.Lookup("relu"); op.Apply(nil, f.x, f.x) }, "relu of [] × []: got 2 operands; it takes 1"},
	{"missing attribute", func(f *fixture) { f.here(); op, _ := expr.Lookup("leakyrelu"); op.Apply(nil, f.x) }, "leakyrelu of []: got 0 attributes; it takes 1 (a)"},
}

func named(op string) *expr.Op {
	found, _ := expr.Lookup(op)
	return found
}

func TestMistakes(t *testing.T) {
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture()
			c.make(f)
			_, err := f.g.Func(expr.In(f.x), expr.Out(f.x))
			require.Error(t, err)
			require.Contains(t, err.Error(), "expr: ")
			require.Contains(t, err.Error(), c.want)
			require.NotContains(t, err.Error(), "\n")
			require.True(t, strings.HasSuffix(err.Error(), fmt.Sprintf(" (graph_test.go:%d)", f.line)), "%v, made in line %d", err, f.line)
			var build *expr.BuildError
			require.ErrorAs(t, err, &build)
			require.Error(t, build.Unwrap())
		})
	}
}

// The first mistake wins, also over those that follow from it.
func TestMistakesStick(t *testing.T) {
	f := newFixture()
	f.here()
	bad := expr.Add(f.v, f.w)
	require.False(t, bad.Valid())
	require.Equal(t, "failed node", fmt.Sprint(bad))
	line := f.line + 1
	worse := expr.Sort(expr.ReLU(bad))
	expr.Slice(worse, 9, 1)
	f.g.Const(math.NaN())
	require.False(t, worse.Valid())
	_, err := f.g.Func(expr.In(f.x), expr.Out(f.x))
	require.ErrorContains(t, err, "add of [3] × [4]")
	require.ErrorContains(t, err, fmt.Sprintf("(graph_test.go:%d)", line))
	require.Equal(t, err, f.g.Err())
}

// A mistake that involves two graphs is known to both.
func TestMistakeOfTwoGraphs(t *testing.T) {
	f := newFixture()
	expr.Add(f.x, f.other)
	require.Error(t, f.g.Err())
	require.Error(t, f.other.Graph().Err())
}

func TestFuncMistakes(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(f *fixture) (*expr.Func, error)
		want string
	}{
		{"no outputs", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.In(f.x)) }, "expr: a Func needs at least one output; name it with expr.Out"},
		{"foreign output", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.Out(f.other)) }, "expr: output 0 is not a node of this graph"},
		{"zero output", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.Out(expr.Node{})) }, "expr: output 0 is not a node of this graph"},
		{"foreign input", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.In(f.other), expr.Out(f.x)) }, "expr: input 0 is not a node of this graph"},
		{"computed input", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.In(expr.Neg(f.x)), expr.Out(f.x)) }, "expr: input 0 is neg#5, which is computed; only inputs of the graph can be inputs of a Func"},
		{"unlisted", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.In(f.v), expr.Out(f.x)) }, `expr: the outputs need input "x", which is not listed in expr.In`},
		{"twice", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.In(f.x, f.x), expr.Out(f.x)) }, `expr: two inputs are named "x"; names must differ`},
		{"same name", func(f *fixture) (*expr.Func, error) { return f.g.Func(expr.In(f.x, f.g.Input("x")), expr.Out(f.x)) }, `expr: two inputs are named "x"; names must differ`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.make(newFixture())
			require.EqualError(t, err, c.want)
		})
	}
}

// Nodes that stand for nothing answer without a panic.
func TestNodesOfNothing(t *testing.T) {
	f := newFixture()
	for _, n := range []expr.Node{{}, expr.Add(f.v, f.w)} {
		require.False(t, n.Valid())
		require.Equal(t, -1, n.ID())
		require.Equal(t, "[]", n.Shape().String())
		require.NotEmpty(t, n.String())
		for _, apply := range []func(expr.Node) expr.Node{
			expr.ReLU, expr.Sort, expr.Sum, expr.SumLast,
			func(n expr.Node) expr.Node { return expr.Add(n, n) },
			func(n expr.Node) expr.Node { return expr.Max(n, n, n) },
			func(n expr.Node) expr.Node { return expr.MatMul(n, n) },
			func(n expr.Node) expr.Node { return expr.Index(n, 0) },
			func(n expr.Node) expr.Node { return expr.Reshape(n, 2) },
			func(n expr.Node) expr.Node { return expr.Slice(n, 0, 1) },
		} {
			require.False(t, apply(n).Valid())
		}
	}
	require.False(t, expr.Max().Valid())
	require.False(t, expr.Stack().Valid())
}
