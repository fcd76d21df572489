package codegen_test

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// leastAbsolute is the mean of |w·a − b| over rows of a.
func leastAbsolute(t *testing.T) *expr.Func {
	g := expr.NewGraph()
	w, a, b := g.Param("w", 3), g.Data("a", 4, 3), g.Data("b", 4)
	return gradientOfWired(t, g, expr.Mean(expr.Abs(expr.Sub(expr.MatMul(a, w), b))), w, a, b)
}

func gradientOfWired(t *testing.T, g *expr.Graph, y expr.Node, in ...expr.Node) *expr.Func {
	f, err := g.Func(expr.In(in...), expr.Out(y))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err = ad.Wire(d, ad.PyTorch.Wiring())
	require.NoError(t, err)
	return d
}

func TestGoldenFile(t *testing.T) {
	got := textOf(t, leastAbsolute(t), codegen.Options{Package: "absolute", Func: "Gradient", Program: "mean(abs(matvec(a, w) - b))", Preset: "PyTorch"})
	const file = "testdata/absolute.golden"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestOutputDependsOnTheProgramOnly(t *testing.T) {
	o := codegen.Options{}
	require.Equal(t, textOf(t, leastAbsolute(t), o), textOf(t, leastAbsolute(t), o))
}

func TestNamesThatGoDoesNotAllow(t *testing.T) {
	f, err := parse.Parse("relu(x)")
	require.NoError(t, err)
	for _, o := range []codegen.Options{{Package: "a-b"}, {Package: "_"}, {Func: "1f"}, {Func: "func"}, {Func: "init"}} {
		var out bytes.Buffer
		var bad *codegen.NameError
		require.ErrorAs(t, codegen.Write(&out, f, o), &bad)
		require.Contains(t, bad.Error(), "give a Go identifier")
		require.Empty(t, out.String())
	}
}

// Inputs may be called like words of Go and names that the output uses.
func TestInputsMayHaveAnyName(t *testing.T) {
	f, err := parse.Parse("func + dst*math - relu(len) + max(range, i) + add1 + namesReLU + NamesWork")
	require.NoError(t, err)
	requireBits(t, appendWritten(t, nil, "Names", f, [][]float64{{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}}))
}

func TestUnsupportedOpsAreNamed(t *testing.T) {
	own, err := expr.Custom(expr.Op{
		Name: "expof", Doc: "eˣ", MinArgs: 1, Elementwise: true, Class: expr.DefinableExp, Local: expr.DefinableAn,
		Eval:   expr.MapFloat(math.Exp),
		Slopes: func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Exp(r.In(0))} },
		Sample: expr.SampleEntries(1, nil),
	})
	require.NoError(t, err)
	g := expr.NewGraph()
	x := g.Input("x", 4, 2)
	f, err := g.Func(expr.In(x), expr.Out(own.Apply(nil, x)))
	require.NoError(t, err)
	err = codegen.Write(new(bytes.Buffer), f, codegen.Options{})
	var unsupported *codegen.UnsupportedError
	require.ErrorAs(t, err, &unsupported)
	require.Contains(t, err.Error(), "node expof#1, op expof: ")
}

func TestErrorsOfTheWriterAreReturned(t *testing.T) {
	f, err := parse.Parse("x")
	require.NoError(t, err)
	require.ErrorIs(t, codegen.Write(broken{}, f, codegen.Options{}), errBroken)
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// Outputs that are inputs, constants, parts of inputs, or twice the same.
func TestOutputsOfAllKinds(t *testing.T) {
	g := expr.NewGraph()
	x, s := g.Input("x", 6), g.Input("s")
	y := expr.ReLU(x)
	c := g.Tensor([]float64{1, -2, 0.1}, 3)
	f, err := g.Func(expr.In(x, s), expr.Out(x, s, y, y, c, g.Const(-0.5), expr.Slice(x, 1, 3), expr.Index(x, 2), expr.BroadcastTo(s, 2, 2), expr.Sum(y)))
	require.NoError(t, err)
	requireBits(t, appendWritten(t, nil, "Outputs", f, [][]float64{{-1, 2, -3, 0, math.Copysign(0, -1), 5}, {7}}))
}

// Constants that appear only while values are found must not be summed by the Go compiler.
func TestGatesByConstants(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	a, b := expr.Gate(g.Tensor([]float64{0, 0, 0}, 3), x), expr.Gate(g.Tensor([]float64{0.1, 0.1, 0.1}, 3), x)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.Add(a, expr.Add(b, a))), expr.Add(a, a), expr.Mul(b, a)))
	require.NoError(t, err)
	requireBits(t, appendWritten(t, nil, "Gates", f, [][]float64{{math.Inf(1), -2, math.Copysign(0, -1)}}))
}

// A maximum over all entries is no maximum of each row.
func TestExtremaOfOtherShapes(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 2, 3)
	y := expr.Mul(x, x)
	f, err := g.Func(expr.In(x), expr.Out(expr.Add(expr.Max(expr.Reshape(y, 6)), expr.Sum(expr.Max(y)))))
	require.NoError(t, err)
	requireBits(t, appendGradient(t, nil, "Extrema", f, [][]float64{{1, 2, 2, -3, 0, 3}}))
}

func TestLargeProgramsTakeRoom(t *testing.T) {
	text := textOf(t, chainGradient(t, workload.Chains[0], 1000), codegen.Options{Func: "Gradient"})
	require.Contains(t, text, "const GradientWork = ")
	require.Contains(t, text, "func Gradient(dst []float64, work []float64, x []float64) float64 {")
	require.False(t, strings.Contains(text, "make("))
}
