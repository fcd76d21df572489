package expr_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// logCosh is a smooth function of scalars: an absolute value without a kink.
func logCosh() expr.Op {
	return expr.Op{
		Name: "logcosh", Doc: "log cosh x", MinArgs: 1, Elementwise: true,
		Class: expr.DefinableExp, Local: expr.DefinableAn,
		Eval: expr.MapFloat(func(x float64) float64 {
			a := math.Abs(x) // cosh itself overflows
			return a + math.Log1p(math.Exp(-2*a)) - math.Ln2
		}),
		Slopes: func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Tanh(r.In(0))} },
		Sample: expr.SampleEntries(1, nil),
	}
}

// deadZone is a kink of scalars, with two slots: max(|x| − w, 0).
func deadZone() expr.Op {
	beyond := func(x, w *big.Rat) *big.Rat {
		z := new(big.Rat).Abs(x)
		if z.Sub(z, w).Sign() < 0 {
			z.SetInt64(0)
		}
		return z
	}
	return expr.Op{
		Name: "deadzone", Doc: "max(|x| − w, 0), w > 0", MinArgs: 1, Elementwise: true,
		Attrs: expr.AttrSpec{Names: "w", Min: 1, Max: 1},
		Class: expr.PiecewiseAffine,
		Eval: func(c *expr.Call[float64]) {
			for i, x := range c.In[0] {
				c.Out[i] = max(math.Abs(x)-c.Attr[0].Float(), 0)
			}
		},
		Exact: func(c *expr.Call[*big.Rat]) {
			for i, x := range c.In[0] {
				c.Out[i] = beyond(x, c.Attr[0].Rat())
			}
		},
		Slopes: func(r *expr.Rule) []expr.Node {
			w := r.Attr()[0].Float()
			right := r.Step("hi", expr.Shift(r.In(0), -w))
			left := r.Step("lo", expr.AffineOf(r.In(0), -1, -w))
			return []expr.Node{expr.Sub(right, left)}
		},
		Sample: expr.SampleEntries(1, expr.Attr{expr.Num(0.5)}, -0.5, 0.5),
	}
}

// excess is a reduction: the largest entry minus the mean.
func excess() expr.Op {
	return expr.Op{
		Name: "excess", Doc: "max x − mean x over the last axis", MinArgs: 1,
		Class: expr.PiecewiseAffine,
		Eval: func(c *expr.Call[float64]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				top, sum := math.Inf(-1), 0.0
				for _, v := range c.In[0][b*n : (b+1)*n] {
					top, sum = max(top, v), sum+v
				}
				c.Out[b] = top - sum/float64(n)
			}
		},
		Exact: func(c *expr.Call[*big.Rat]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				row := c.In[0][b*n : (b+1)*n]
				top, mean := row[0], new(big.Rat)
				for _, v := range row {
					if mean.Add(mean, v); v.Cmp(top) > 0 {
						top = v
					}
				}
				mean.Quo(mean, big.NewRat(int64(n), 1))
				c.Out[b] = new(big.Rat).Sub(top, mean)
			}
		},
		Weights: func(r *expr.Rule) expr.Node {
			x := r.In(0)
			share := x.Graph().Number(expr.Ratio(1, int64(x.Shape().Dim(-1))))
			return expr.Sub(r.Rank("top", x, 0, 1), share)
		},
		Sample: expr.SampleRows(nil),
	}
}

// cyclicDifference is a linear map with its transpose.
func cyclicDifference() expr.Op {
	shift := func(n, by int) []int { // i ↦ i + by modulo n
		list := make([]int, n)
		for i := range list {
			list[i] = (i + by + n) % n
		}
		return list
	}
	return expr.Op{
		Name: "cyclicdiff", Doc: "xᵢ₊₁ − xᵢ over the last axis, which is a circle", MinArgs: 1,
		Shape: func(in []expr.Shape, _ expr.Attr) (expr.Shape, error) {
			if in[0].Rank() == 0 {
				return in[0], fmt.Errorf("it needs a vector, got a scalar")
			}
			return in[0], nil
		},
		Class: expr.Affine,
		Eval: func(c *expr.Call[float64]) {
			n := c.Shape.Dim(-1)
			for b := 0; b < len(c.Out); b += n {
				for i := range n {
					c.Out[b+i] = c.In[0][b+(i+1)%n] - c.In[0][b+i]
				}
			}
		},
		Exact: func(c *expr.Call[*big.Rat]) {
			n := c.Shape.Dim(-1)
			for b := 0; b < len(c.Out); b += n {
				for i := range n {
					c.Out[b+i] = new(big.Rat).Sub(c.In[0][b+(i+1)%n], c.In[0][b+i])
				}
			}
		},
		Transpose: func(r *expr.Rule, ct expr.Node) []expr.Node {
			return []expr.Node{expr.Sub(expr.Gather(ct, shift(ct.Shape().Dim(-1), -1)...), ct)}
		},
		Sample: expr.SampleShaped(nil, []int{4}),
	}
}

// cross is none of these: it is linear in each operand only.
func cross() expr.Op {
	product := func(x, y expr.Node) expr.Node {
		left := expr.Mul(expr.Gather(x, 1, 2, 0), expr.Gather(y, 2, 0, 1))
		return expr.Sub(left, expr.Mul(expr.Gather(x, 2, 0, 1), expr.Gather(y, 1, 2, 0)))
	}
	return expr.Op{
		Name: "cross", Doc: "cross product of the last axes, of extent 3", MinArgs: 2,
		Shape: func(in []expr.Shape, _ expr.Attr) (expr.Shape, error) {
			if in[0] != in[1] || in[0].Rank() == 0 || in[0].Dim(-1) != 3 {
				return in[0], fmt.Errorf("it needs two operands of one shape, the last extent 3")
			}
			return in[0], nil
		},
		Class:  expr.PiecewisePolynomial,
		Degree: func(deg []int, _ expr.Attr) int { return deg[0] + deg[1] },
		Eval: func(c *expr.Call[float64]) {
			for b := 0; b < len(c.Out); b += 3 {
				x, y := c.In[0][b:b+3], c.In[1][b:b+3]
				for i := range 3 {
					j, k := (i+1)%3, (i+2)%3
					c.Out[b+i] = float64(x[j]*y[k]) - float64(x[k]*y[j])
				}
			}
		},
		Exact: func(c *expr.Call[*big.Rat]) {
			for b := 0; b < len(c.Out); b += 3 {
				x, y := c.In[0][b:b+3], c.In[1][b:b+3]
				for i := range 3 {
					j, k := (i+1)%3, (i+2)%3
					z := new(big.Rat).Mul(x[j], y[k])
					c.Out[b+i] = z.Sub(z, new(big.Rat).Mul(x[k], y[j]))
				}
			}
		},
		JVP: func(r *expr.Rule, dx []expr.Node) expr.Node {
			return expr.Add(product(dx[0], r.In(1)), product(r.In(0), dx[1]))
		},
		VJP: func(r *expr.Rule, ct expr.Node) []expr.Node {
			return []expr.Node{product(r.In(1), ct), product(ct, r.In(0))}
		},
		Sample: expr.SampleShaped(nil, []int{3}, []int{3}),
	}
}

// A custom op in a program: its two kinks are slots like any others.
func ExampleCustom() {
	dead, err := expr.Custom(deadZone())
	if err != nil {
		fmt.Println(err)
		return
	}
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(dead.Apply(expr.Attr{expr.Num(1)}, x))))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(expr.Format(f))
	gradient, err := ad.Gradient(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = ad.Wire(gradient, ad.PyTorch.Wiring())
	var noRule *ad.NoRuleError
	if errors.As(err, &noRule) {
		fmt.Println(noRule.Reason)
	}
	half, err := ad.Wire(gradient, ad.AtSlot(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := vm.Compile(half, vm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	value, slope := make([]float64, 1), make([]float64, 3)
	if err := p.Run([][]float64{value, slope}, []float64{-1, 0, 3}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(value, slope)
	// Output:
	// let a = deadzone(x, 1); sum(a, 1)
	// the preset does not know the op deadzone; wire this slot with Override, or all slots with AtSlot
	// [2] [-0.5 0 1]
}

func custom(t require.TestingT, record expr.Op) *expr.Op {
	op, err := expr.Custom(record)
	require.NoError(t, err)
	return op
}

// allCustom has one op of each form of derivative.
func allCustom(t require.TestingT) []*expr.Op {
	var out []*expr.Op
	for _, record := range []expr.Op{logCosh(), deadZone(), excess(), cyclicDifference(), cross()} {
		out = append(out, custom(t, record))
	}
	return out
}

func TestLawsOfCustomOps(t *testing.T) {
	for _, op := range allCustom(t) {
		require.True(t, op.IsCustom())
		t.Run(op.Name, func(t *testing.T) { optest.Run(t, op) })
	}
}

// customProgram uses every custom op of allCustom, and two primitives.
func customProgram(t require.TestingT) *expr.Func {
	ops := allCustom(t)
	g := expr.NewGraph()
	x := g.Input("x", 2, 3)
	z := ops[1].Apply(expr.Attr{expr.Ratio(1, 3)}, ops[0].Apply(nil, x))
	y := ops[2].Apply(nil, ops[4].Apply(nil, ops[3].Apply(nil, x), expr.ReLU(z)))
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(y)))
	require.NoError(t, err)
	return f
}

func TestCustomOpsInText(t *testing.T) {
	f := customProgram(t)
	text := expr.Format(f)
	require.Equal(t, "let a = logcosh(x); let b = deadzone(a, 1/3); let c = cyclicdiff(x); let d = relu(b); "+
		"let e = cross(c, d); let f = excess(e); sum(f, 1)", text)
	back, err := parse.Parse(text, parse.Like(f))
	require.NoError(t, err)
	require.Equal(t, f.Hash(), back.Hash())
	named, err := parse.Parse(text, parse.Shapes(map[string][]int{"x": {2, 3}}), parse.Ops(allCustom(t)...))
	require.NoError(t, err)
	require.Equal(t, f.Hash(), named.Hash())
	require.Equal(t, f.String(), named.String())
	require.Contains(t, f.String(), "deadzone(logcosh#1; 1/3)")
	require.Contains(t, expr.DOT(f), `[label="deadzone#2\n1/3\n[2,3]", style=filled`)

	_, err = parse.Parse(text)
	require.ErrorContains(t, err, `there is no function "logcosh"`)
	_, err = parse.Parse("exces(x)", parse.Ops(allCustom(t)...))
	require.ErrorContains(t, err, "did you mean excess?")
	_, err = parse.Parse("deadzone(x)", parse.Ops(allCustom(t)...))
	require.ErrorContains(t, err, "deadzone takes 1 argument and then 1 number (w)")
}

func TestParseRefusesOpsOfOneName(t *testing.T) {
	relu, _ := expr.Lookup("relu")
	other := *relu
	for _, ops := range [][]*expr.Op{{custom(t, excess()), custom(t, excess())}, {&other}, {nil}} {
		_, err := parse.Parse("x", parse.Ops(ops...))
		require.Error(t, err)
	}
	_, err := parse.Parse("relu(x)", parse.Ops(relu))
	require.NoError(t, err)
}

// The names of bindings avoid those of custom ops.
func TestFormatAvoidsCustomNames(t *testing.T) {
	record := logCosh()
	record.Name = "a"
	op := custom(t, record)
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.Abs(op.Apply(nil, x))))
	require.NoError(t, err)
	require.Equal(t, "let b = a(x); abs(b)", expr.Format(f))
}

// A custom op counts in hashes by name and meaning, and is never a primitive.
func TestHashOfCustomOps(t *testing.T) {
	hash := func(op *expr.Op) string {
		g := expr.NewGraph()
		x := g.Input("x")
		f, err := g.Func(expr.In(x), expr.Out(op.Apply(nil, x)))
		require.NoError(t, err)
		return f.Hash()
	}
	one, two, three := logCosh(), logCosh(), logCosh()
	two.Doc = "log cosh x, up to 1e−3"
	three.Name = "lc"
	require.Equal(t, hash(custom(t, one)), hash(custom(t, logCosh())))
	require.NotEqual(t, hash(custom(t, one)), hash(custom(t, two)))
	require.NotEqual(t, hash(custom(t, one)), hash(custom(t, three)))
}

func TestClassOfCustomOps(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	for i, want := range []string{
		"definable in R_exp", "piecewise affine", "piecewise affine", "affine", "piecewise polynomial of degree 2",
	} {
		op, args := allCustom(t)[i], []expr.Node{x, x}
		n := op.Apply(op.Sample(rng(1)).Attr, args[:op.MinArgs]...)
		f, err := g.Func(expr.In(x), expr.Out(n))
		require.NoError(t, err)
		require.Equal(t, want, f.Class().String())
		require.True(t, f.Class().Certified())
	}
}

// Custom ops run in rationals, and their kinks are decided there.
func TestCustomOpsInRationals(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(custom(t, excess()).Apply(nil, x)))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	w, err := ad.Wire(d, ad.AtSlot(0.5))
	require.NoError(t, err)
	p, err := exact.Compile(w)
	require.NoError(t, err)
	third := big.NewRat(1, 3)
	out, err := p.Run([]*big.Rat{third, new(big.Rat), third})
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1/9"}, {"1/6", "-1/3", "1/6"}}, optest.Strings(out))
}
