package expr_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// Each of these records is wrong in one way, which Custom has to name.
func TestCustomRefuses(t *testing.T) {
	type op = expr.Op
	for _, test := range []struct {
		name, rule, want string
		record           func() op
		spoil            func(*op)
	}{
		{"no name", "Name", "the text form cannot call it so", logCosh, func(r *op) { r.Name = "" }},
		{"name with a point", "Name", "the text form cannot call it so", logCosh, func(r *op) { r.Name = "log.cosh" }},
		{"reserved name", "Name", "no word of the language", logCosh, func(r *op) { r.Name = "let" }},
		{"name of a primitive", "Name", "a primitive has this name", logCosh, func(r *op) { r.Name = "relu" }},
		{"no mathematics", "", "a line of mathematics", logCosh, func(r *op) { r.Doc = "" }},
		{"two lines", "Doc", "several lines", logCosh, func(r *op) { r.Doc = "a\nb" }},
		{"no operands", "MinArgs", "give at least 1", logCosh, func(r *op) { r.MinArgs = 0 }},
		{"fewer at most", "MinArgs", "2 to 1 operands", logCosh, func(r *op) { r.MinArgs, r.MaxArgs = 2, 1 }},
		{"undeclared", "", "the class is undeclared", logCosh, func(r *op) { r.Class = 0 }},
		{"no such class", "Class", "unknown class 100", logCosh, func(r *op) { r.Class = 100 }},
		{"no Eval", "", "Eval and Sample are required", logCosh, func(r *op) { r.Eval = nil }},
		{"no Exact", "", "Exact is required", deadZone, func(r *op) { r.Exact = nil }},
		{"no derivative", "", "exactly one form", logCosh, func(r *op) { r.Slopes = nil }},
		{"two derivatives", "", "exactly one form", logCosh, func(r *op) { r.Constant = true }},
		{"half a pair", "", "exactly one form", cross, func(r *op) { r.VJP = nil }},
		{"partial only", "", "Partial and Regular go together", logCosh, func(r *op) { r.Partial = true }},
		{"picks entries", "", "give Transpose instead", cyclicDifference, func(r *op) { r.View = true }},
		{"shares", "Shares", "list the trailing axes of each", cross, func(r *op) { r.Shares = []int{1} }},

		{"sample panics", "Sample", "it panicked", logCosh, func(r *op) { r.Sample = func(*rand.Rand) expr.Example { panic("no") } }},
		{"sample of nothing", "Sample", "it drew 0 operands", logCosh, func(r *op) { r.Sample = func(*rand.Rand) (e expr.Example) { return e } }},
		{"sample without values", "Sample", "they go together", logCosh, func(r *op) {
			r.Sample = func(*rand.Rand) expr.Example { return expr.Example{Shapes: make([]expr.Shape, 1)} }
		}},
		{"sample too short", "Sample", "give 1 finite ones", logCosh, func(r *op) {
			r.Sample = func(*rand.Rand) expr.Example {
				return expr.Example{Shapes: make([]expr.Shape, 1), Values: make([][]float64, 1)}
			}
		}},
		{"sample without attributes", "Sample", "got 0 attributes; it takes 1 (w)", deadZone, func(r *op) { r.Sample = expr.SampleEntries(1, nil) }},
		{"shape panics", "Shape", "it panicked: runtime error: index out of range", logCosh, func(r *op) {
			r.Shape = func(in []expr.Shape, _ expr.Attr) (expr.Shape, error) { return in[1], nil }
		}},
		{"shape of another", "Shape", "an elementwise op has the shape of its operands", logCosh, func(r *op) {
			r.Shape = func([]expr.Shape, expr.Attr) (expr.Shape, error) { return expr.NewShape(7) }
		}},
		{"shape without batch", "Shape", "leading axes are a batch", cyclicDifference, func(r *op) {
			r.Shape = func([]expr.Shape, expr.Attr) (expr.Shape, error) { return expr.NewShape(4) }
		}},
		{"index panics", "Index", "it panicked", cross, func(r *op) { r.Index = func([]expr.Shape, expr.Shape, expr.Attr) []int32 { panic(1) } }},
		{"work is negative", "Work", "it gave -1", cross, func(r *op) { r.Work = func([]expr.Shape) int { return -1 } }},
		{"scratch is negative", "Scratch", "it gave -1", cross, func(r *op) { r.Scratch = func([]expr.Shape, expr.Attr) int { return -1 } }},
		{"flops panics", "Flops", "it panicked", cross, func(r *op) { r.Flops = func([]expr.Shape, expr.Shape, expr.Attr) int { panic(1) } }},

		{"eval panics", "Eval", "it panicked", logCosh, func(r *op) { r.Eval = func(c *expr.Call[float64]) { c.Out[0] = c.In[1][0] } }},
		{"eval skips", "Eval", "write every entry", logCosh, func(r *op) {
			r.Eval = func(c *expr.Call[float64]) {
				for i := range c.Out[1:] {
					c.Out[i] = 0
				}
			}
		}},
		{"eval remembers", "Eval", "two runs differ", logCosh, func(r *op) {
			runs := 0.0
			r.Eval = func(c *expr.Call[float64]) {
				runs++
				for i := range c.Out {
					c.Out[i] = runs
				}
			}
		}},
		{"eval writes operands", "Eval", "it changed an operand", logCosh, func(r *op) {
			r.Eval = func(c *expr.Call[float64]) { copy(c.Out, c.In[0]); c.In[0][0] = 7 }
		}},
		{"eval gives NaN", "Eval", "it gave NaN", logCosh, func(r *op) { r.Eval = expr.MapFloat(math.Log) }},
		{"eval clears first", "Eval", "in the place of operand 0", logCosh, func(r *op) {
			r.Eval = func(c *expr.Call[float64]) {
				clear(c.Out)
				for i, x := range c.In[0] {
					c.Out[i] += math.Abs(x)
				}
			}
		}},
		{"eval of one row", "Eval", "leading axes are a batch", cyclicDifference, func(r *op) {
			right := r.Eval
			r.Eval = func(c *expr.Call[float64]) {
				clear(c.Out)
				right(&expr.Call[float64]{Out: c.Out[:4], In: [][]float64{c.In[0][:4]}, Shape: c.Shape, Shapes: c.Shapes})
			}
		}},
		{"eval32 panics", "Eval32", "it panicked", logCosh, func(r *op) { r.Eval32 = func(*expr.Call[float32]) { panic(1) } }},
		{"eval32 differs", "Eval32", "from Eval", logCosh, func(r *op) {
			r.Eval32 = func(c *expr.Call[float32]) { copy(c.Out, c.In[0]) }
		}},
		{"scalar kernel", "Scalar", "leave it out", logCosh, func(r *op) { r.Scalar = func(expr.Attr, int) expr.Scalar { return nil } }},
		{"fused op", "", "WithRow, OfStep, Added, InOrder, Gates and OfRow are for primitives", logCosh, func(r *op) { r.Added = new(op) }},
		{"exact panics", "Exact", "it panicked", deadZone, func(r *op) { r.Exact = func(*expr.Call[*big.Rat]) { panic(1) } }},
		{"exact skips", "Exact", "left entry 0", deadZone, func(r *op) { r.Exact = func(*expr.Call[*big.Rat]) {} }},
		{"exact differs", "Exact", "from Eval", deadZone, func(r *op) { r.Exact = expr.MapExact(func(x *big.Rat) *big.Rat { return x }) }},
		{"exact writes operands", "Exact", "it changed an operand", deadZone, func(r *op) {
			right := r.Exact
			r.Exact = func(c *expr.Call[*big.Rat]) { right(c); c.In[0][0].SetInt64(9) }
		}},

		{"regular panics", "Regular", "it panicked", logCosh, func(r *op) {
			r.Partial, r.Regular = true, func(c *expr.Call[float64]) string { _ = c.In[0][1]; return "" }
		}},
		{"range panics", "Range", "it panicked", logCosh, func(r *op) { r.Range = func(k *expr.Known) expr.Interval { return k.In[1] } }},
		{"range too small", "Range", "is outside the range", deadZone, func(r *op) {
			r.Range = func(*expr.Known) expr.Interval { return expr.Interval{Lo: 0, Hi: 0.25, Zero: true} }
		}},
		{"range without 0", "Range", "is outside the range", deadZone, func(r *op) {
			r.Range = func(*expr.Known) expr.Interval { return expr.Interval{Lo: 0, Hi: 2} }
		}},
		{"everywhere panics", "Everywhere", "it panicked", logCosh, func(r *op) { r.Everywhere = func(*expr.Known) (expr.Regularity, string) { panic(1) } }},
		{"degree panics", "Degree", "it panicked", deadZone, func(r *op) { r.Degree = func([]int, expr.Attr) int { panic(1) } }},
		{"class panics", "ClassAt", "it panicked", deadZone, func(r *op) { r.ClassAt = func(expr.Attr) expr.Kind { panic(1) } }},
		{"class unknown", "ClassAt", "unknown class 0", deadZone, func(r *op) { r.ClassAt = func(expr.Attr) expr.Kind { return 0 } }},

		{"slopes panic", "", "Slopes: it panicked", logCosh, func(r *op) { r.Slopes = func(*expr.Rule) []expr.Node { panic("no") } }},
		{"too few slopes", "", "Slopes: it returned 0 nodes; return 1", logCosh, func(r *op) { r.Slopes = func(*expr.Rule) []expr.Node { return nil } }},
		{"slope of another graph", "", "it belongs to another graph", logCosh, func(r *op) {
			r.Slopes = func(*expr.Rule) []expr.Node { return []expr.Node{expr.NewGraph().Const(1)} }
		}},
		{"slope of a wrong shape", "", "its shape is [9]", logCosh, func(r *op) {
			r.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{expr.BroadcastTo(r.Const(1), 9)} }
		}},
		{"slope that cannot be built", "Slopes", "median of", logCosh, func(r *op) {
			r.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Median(r.Const(1))} }
		}},
		{"weights panic", "", "Weights: it panicked", excess, func(r *op) { r.Weights = func(*expr.Rule) expr.Node { panic("no") } }},
		{"transpose of a wrong shape", "", "Transpose: result 0: its shape is []", cyclicDifference, func(r *op) {
			r.Transpose = func(_ *expr.Rule, ct expr.Node) []expr.Node { return []expr.Node{expr.Sum(ct)} }
		}},
		{"tangent of a wrong shape", "", "JVP: result 0: its shape is []", cross, func(r *op) {
			r.JVP = func(_ *expr.Rule, dx []expr.Node) expr.Node { return expr.Sum(dx[0]) }
		}},
		{"too few cotangents", "", "VJP: it returned 1 nodes; return 2", cross, func(r *op) {
			r.VJP = func(_ *expr.Rule, ct expr.Node) []expr.Node { return []expr.Node{ct} }
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			record := test.record()
			test.spoil(&record)
			_, err := expr.Custom(record)
			var defect *expr.CustomError
			require.ErrorAs(t, err, &defect)
			require.Equal(t, test.rule, defect.Rule, err)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
			require.Error(t, defect.Unwrap())
		})
	}
}

// fickle works on its samples and fails where entries are above 100.
func fickle(t *testing.T) *expr.Op {
	record := deadZone()
	eval, exactly := record.Eval, record.Exact
	record.Eval = func(c *expr.Call[float64]) {
		if eval(c); c.In[0][0] > 100 {
			panic("too large")
		}
	}
	record.Exact = func(c *expr.Call[*big.Rat]) {
		if exactly(c); c.In[0][0].Cmp(big.NewRat(100, 1)) > 0 {
			c.Out[0] = nil
		}
	}
	return custom(t, record)
}

// A panic at run time is the error of that run, and not of the next.
func TestCustomPanicsAreErrorsOfTheRun(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.ReLU(fickle(t).Apply(expr.Attr{expr.Num(0.5)}, x))))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	out := [][]float64{{0}}
	require.ErrorContains(t, p.Run(out, []float64{101}), "a panic (too large) of Eval: operand 0 of deadzone#1")
	require.True(t, math.IsNaN(out[0][0]))
	require.NoError(t, p.Run(out, []float64{3}))
	require.Equal(t, [][]float64{{2.5}}, out)

	q, err := exact.Compile(f)
	require.NoError(t, err)
	_, err = q.Run([]*big.Rat{big.NewRat(101, 1)})
	require.EqualError(t, err, "exact: an entry without a value from Exact in deadzone#1 at entry 0")
	_, err = q.Run([]*big.Rat{big.NewRat(3, 1)})
	require.NoError(t, err)
}

// What only fails on shapes that no sample shows is a mistake of the graph.
func TestCustomShapesAreMistakesOfTheGraph(t *testing.T) {
	record := cyclicDifference()
	shape, transpose := record.Shape, record.Transpose
	record.Shape = func(in []expr.Shape, at expr.Attr) (expr.Shape, error) {
		if in[0].Size() == 5 {
			panic("five")
		}
		return shape(in, at)
	}
	record.Transpose = func(r *expr.Rule, ct expr.Node) []expr.Node {
		if ct.Shape().Size() == 6 {
			return []expr.Node{expr.Sum(ct)}
		}
		return transpose(r, ct)
	}
	op := custom(t, record)
	g := expr.NewGraph()
	require.False(t, op.Apply(nil, g.Input("x", 5)).Valid())
	require.ErrorContains(t, g.Err(), "cyclicdiff of [5]: it panicked: five")

	g = expr.NewGraph()
	x := g.Input("x", 6)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(op.Apply(nil, x))))
	require.NoError(t, err)
	_, err = ad.Gradient(f)
	require.ErrorContains(t, err, "cyclicdiff of [6]: Transpose: result 0: its shape is []; it must be [6]")
}

// What the class analysis asks and does not get counts as not known.
func TestCustomAnalysisPanicsAreUnknown(t *testing.T) {
	record := deadZone()
	fail := func(at expr.Attr) {
		if at[0].Float() == 7 {
			panic("seven")
		}
	}
	record.Partial = true
	record.Range = func(k *expr.Known) expr.Interval {
		fail(k.Attr)
		return expr.Interval{Lo: 0, Hi: math.Inf(1), Zero: true}
	}
	record.Regular = func(c *expr.Call[float64]) string { fail(c.Attr); return "" }
	record.Everywhere = func(k *expr.Known) (expr.Regularity, string) { fail(k.Attr); return expr.LocallyLipschitz, "" }
	record.Degree = func(deg []int, at expr.Attr) int { fail(at); return deg[0] }
	op := custom(t, record)
	for w, want := range map[int]string{1: "", 7: "deadzone#1: Everywhere of deadzone panicked"} {
		g := expr.NewGraph()
		x := g.Input("x")
		f, err := g.Func(expr.In(x), expr.Out(op.Apply(expr.Ints(w), x)))
		require.NoError(t, err)
		require.Equal(t, want, f.Class().Refused())
		require.Equal(t, want == "", f.Class().Kind == expr.PiecewiseAffine)
		require.Equal(t, want == "", f.ClassAt(func(expr.Node) []float64 { return []float64{2} }).Lipschitz)
	}
}

// Tangents of operands that are not differentiated are zeros for a custom JVP.
func TestCustomJVPOfData(t *testing.T) {
	g := expr.NewGraph()
	x, d := g.Input("x", 3), g.Data("d", 3)
	f, err := g.Func(expr.In(x, d), expr.Out(custom(t, cross()).Apply(nil, x, d)))
	require.NoError(t, err)
	j, err := ad.Forward(f)
	require.NoError(t, err)
	p, err := vm.Compile(j, vm.Options{})
	require.NoError(t, err)
	y, dy := make([]float64, 3), make([]float64, 3)
	require.NoError(t, p.Run([][]float64{y, dy}, []float64{1, 0, 0}, []float64{0, 1, 0}, []float64{0, 0, 2}))
	require.Equal(t, []float64{0, 0, 1}, y)
	require.Equal(t, []float64{-2, 0, 0}, dy)
}
