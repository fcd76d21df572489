package parse_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func ExampleParse() {
	f, err := parse.Parse("let y = relu(x); y - relu(-x)")
	if err != nil {
		panic(err)
	}
	fmt.Print(f)
	// Output:
	// func(x [])
	//   relu#1 = relu(x)             []
	//   neg#2  = neg(x)              []
	//   relu#3 = relu(neg#2)         []
	//   sub#4  = sub(relu#1, relu#3) []
	//   return sub#4
}

func ExampleParse_mistake() {
	_, err := parse.Parse("rleu(x) + 1")
	fmt.Println(err)
	_, err = parse.Parse("1 < x < 2 ? x : 0")
	fmt.Println(err)
	// Output:
	// column 1: there is no function "rleu"; did you mean relu?
	// column 7: one comparison at a time; nest choices instead: 1 < x ? (x < 2 ? a : b) : b
}

func ExampleShapes() {
	f, err := parse.Parse("norm1(v) + w[1]", parse.Shapes(map[string][]int{"v": {3}, "w": {2}}))
	if err != nil {
		panic(err)
	}
	fmt.Print(f)
	// Output:
	// func(v [3], w [2])
	//   norm1#1 = norm1(v)              []
	//   index#3 = index(w; 1 1)         []
	//   add#4   = add(norm1#1, index#3) []
	//   return add#4
}

func ExampleInputs() {
	f, err := parse.Parse("relu(w*x)",
		parse.Inputs(parse.Input{Name: "x", Role: expr.Datum}, parse.Input{Name: "w", Role: expr.Parameter}))
	if err != nil {
		panic(err)
	}
	fmt.Print(f)
	// Output:
	// func(x [] datum, w [] parameter)
	//   mul#2  = mul(w, x)   []
	//   relu#3 = relu(mul#2) []
	//   return relu#3
}

// mustParse reads a text that has no mistake.
func mustParse(t testing.TB, text string, opts ...parse.Option) *expr.Func {
	t.Helper()
	f, err := parse.Parse(text, opts...)
	require.NoError(t, err, "%s", text)
	return f
}

var tensors = parse.Shapes(map[string][]int{"v": {3}, "m": {2, 3}})

func TestSameProgram(t *testing.T) {
	tests := []struct{ text, same string }{
		{"x + y*z", "add(x, mul(y, z))"},
		{"x - y - z", "sub(sub(x, y), z)"},
		{"x / y / z", "div(div(x, y), z)"},
		{"-x^2", "neg(pow(x, 2))"},
		{"-2^2", "neg(pow(2, 2))"},
		{"x^-2", "pow(x, -2)"},
		{"x**(1/2)", "pow(x, 1/2)"},
		{"x^(-1/2)", "pow(x, -0.5)"},
		{"x^-(1/2)", "pow(x, -1/2)"},
		{"x^y^2", "power(x, pow(y, 2))"},
		{"2^x", "power(2, x)"},
		{"x^2^3", "power(x, pow(2, 3))"},
		{"2^3", "pow(2, 3)"},
		{"-2 - -3", "sub(-2, -3)"},
		{"--2", "neg(-2)"},
		{"+x", "x"},
		{"+2", "2"},
		{"x - 2", "sub(x, 2)"},
		{"1/3", "div(1, 3)"},
		{"max(x, y)", "let a = x; let b = y; max(a, b)"},
		{"max(x, y, z)", "amax(stack(x, y, z))"},
		{"min([x, y])", "amin(stack(x, y))"},
		{"x < y ? x : 2", "where(sub(x, y), x, 2, 0)"},
		{"x <= 0 ? x : y > 1 ? x : y", "where(sub(x, 0), x, where(sub(y, 1), x, y, 5), 1)"},
		{"x == y ? x : y", "where(sub(x, y), x, y, 2)"},
		{"x != y ? x : y", "where(sub(x, y), x, y, 3)"},
		{"x >= y ? x : y", "where(sub(x, y), x, y, 4)"},
		{"[x, 2*x][1]", "index(stack(x, mul(2, x)), 1, 1)"},
		{"[[x, y], [y, x]][1][0]", "index(index(transpose(stack(stack(x, y), stack(y, x)), 1, 0), 2, 1), 1, 0)"},
		{"leakyrelu(x, 1e-2)", "leakyrelu(x, 1/100)"},
		{"leakyrelu(x, 1/100)", "leakyrelu(x, 0.01)"},
		{"concat([x], [y], 1)", "concat(stack(x), stack(y), 1)"},
		{"let y = (let z = x; z*z); y", "let y = mul(x, x); y"},
		{"(let a = x; a) + (let a = y; a)", "add(x, y)"},
		{" \n\tx\u00a0+ 1. \r\n", "add(x, 1)"},
		{"let _ = y; let _ = x; x - y", "let _ = [y, x]; x - y"},
		{"1e308 * 1e-308", "mul(1" + strings.Repeat("0", 308) + ", 0." + strings.Repeat("0", 307) + "1)"},
	}
	for _, test := range tests {
		f, g := mustParse(t, test.text), mustParse(t, test.same)
		require.Equal(t, g.Hash(), f.Hash(), "%s\n%v\n%s\n%v", test.text, f, test.same, g)
	}
}

func TestOccurrences(t *testing.T) {
	require.Equal(t, 4, mustParse(t, "abs(x) - abs(x)").Len(), "two occurrences are two nodes")
	require.Equal(t, 3, mustParse(t, "let y = abs(x); y - y").Len(), "one occurrence is one node")
	require.NotEqual(t, mustParse(t, "abs(x) - abs(x)").Hash(), mustParse(t, "let y = abs(x); y - y").Hash())
}

func TestInputsInOrderOfAppearance(t *testing.T) {
	f := mustParse(t, "let _ = θ; y*变量 + relu(x_1) - θ + relu - sum")
	require.Equal(t, "[θ y 变量 x_1 relu sum]", fmt.Sprint(f.In()))
}

func TestNumbersAreExact(t *testing.T) {
	for _, text := range []string{
		"0.1", ".5", "1.", "007", "123456789012345678901234567890", "1e-300", "1E+3", "0e999999999999", "0.000e-99999999999",
		"0." + strings.Repeat("0", 400) + "1e400", "3.14159265358979323846264338327950288",
	} {
		want := new(big.Rat)
		if !strings.HasPrefix(text, "0e") && !strings.HasPrefix(text, "0.000e") {
			_, ok := want.SetString(text)
			require.True(t, ok)
		}
		v, ok := mustParse(t, text).Out()[0].IsConst()
		require.True(t, ok)
		require.Zero(t, want.Cmp(v[0].Rat()), text)
	}
}

func TestTensors(t *testing.T) {
	f := mustParse(t, "m[1] + v*2", tensors)
	require.Equal(t, "[3]", f.Out()[0].Shape().String())
	f = mustParse(t, "const(2, 2, 3, 1, 2, 3, 4, 5, -1/3) + m - v", tensors)
	require.Equal(t, "[2,3]", f.Out()[0].Shape().String())
	f = mustParse(t, "[v, v, v, v] + sum(m)", tensors)
	require.Equal(t, "[4,3]", f.Out()[0].Shape().String())
}

func TestDeepTextsDoNotOverflow(t *testing.T) {
	n := parse.MaxSource - 10
	for _, text := range []string{
		strings.Repeat("(", n/2) + "x" + strings.Repeat(")", n/2),
		strings.Repeat("-", n) + "x",
		"x" + strings.Repeat("+x", n/2),
		"x" + strings.Repeat("^x", n/2),
		strings.Repeat("-(", n/3) + "x" + strings.Repeat(")", n/3),
		strings.Repeat("sin(", n/5) + "x" + strings.Repeat(")", n/5),
		strings.Repeat("let _=x;", n/8) + "x",
		strings.Repeat("x<1?x:", n/6) + "x",
		"v" + strings.Repeat("[0]", 1),
	} {
		opts := []parse.Option{}
		if strings.HasPrefix(text, "v") {
			opts = append(opts, parse.Shapes(map[string][]int{"v": {3}}))
		}
		mustParse(t, text, opts...)
	}
	for _, text := range []string{
		strings.Repeat("[", n), strings.Repeat("(", n), strings.Repeat("x[", n/2), strings.Repeat("x?", n/2),
		"x" + strings.Repeat("[0]", n/3), strings.Repeat("[", n/2) + "x" + strings.Repeat("]", n/2),
		strings.Repeat("f(", n/2) + strings.Repeat(")", n/2), strings.Repeat("let a=", n/6) + "x",
	} {
		_, err := parse.Parse(text)
		requireMistake(t, err)
		require.Less(t, len(err.Error()), 400)
	}
}

// requireMistake checks the form of an error.
func requireMistake(t testing.TB, err error) *parse.Error {
	t.Helper()
	var e *parse.Error
	require.ErrorAs(t, err, &e)
	require.NotContains(t, err.Error(), "\n")
	require.NotEmpty(t, e.Msg)
	return e
}

// TestEveryOp applies each op as its own sample does, through the text.
func TestEveryOp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, op := range expr.Ops() {
		if op.MinArgs == 0 {
			continue
		}
		for range 10 {
			e := op.Sample(r)
			g := expr.NewGraph()
			args := make([]expr.Node, len(e.Shapes))
			for i, s := range e.Shapes {
				args[i] = g.Input(fmt.Sprintf("x%d", i), s.Dims()...)
			}
			f, err := g.Func(expr.In(args...), expr.Out(op.Apply(e.Attr, args...)))
			require.NoError(t, err, op.Name)
			requireRoundTrip(t, f)
		}
	}
}

// requireRoundTrip checks that the text of a program reads back as the program.
func requireRoundTrip(t testing.TB, f *expr.Func) {
	t.Helper()
	text := expr.Format(f)
	if len(text) > parse.MaxSource {
		return
	}
	back, err := parse.Parse(text, parse.Like(f))
	require.NoError(t, err, text)
	if len(f.Slots()) == 0 {
		require.Equal(t, f.Hash(), back.Hash(), "%s\n%v\n%v", text, f, back)
	}
	require.Equal(t, text, expr.Format(back))

	// Without Like, everything but shapes, roles and odd names must survive.
	shapes := map[string][]int{}
	plain := len(f.Slots()) == 0
	for _, n := range f.In() {
		in, _ := n.Input()
		shapes[in.Name] = n.Shape().Dims()
		plain = plain && in.Role == expr.Variable && expr.IsName(in.Name)
	}
	if plain {
		back, err = parse.Parse(text, parse.Shapes(shapes))
		require.NoError(t, err, text)
		require.Equal(t, f.Hash(), back.Hash(), "%s\n%v\n%v", text, f, back)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, text := range []string{
		"x", "2", "-0.5", "const(0, 1/3)", "1/3*x", "relu(x) - relu(-x)", "let a = abs(x); a*a", "let c = 2; c*x + c",
		"y - x", "let _ = z; x", "x > 0.1 ? x^(1/3) : -x", "concat([1], [2], 1)", "rank([2, 1], [x, y], 0, 1)",
		"step(2, 3)", "max(x, 1, y, 2)", "stack(1, 2)", "m[1][2] + v[0]", "const(1, 3, 0.1, -2, 1/7)*v", "matmul(m, transpose(m))",
		"clamp(v, 0, 1)", "sum(v, 1)", "let e = 1e-300; x*e", "123456789012345678901234567890*x", "let const = 2; const*x",
	} {
		f, err := parse.Parse(text, parse.Inputs(
			parse.Input{Name: "x"}, parse.Input{Name: "y"}, parse.Input{Name: "z"},
			parse.Input{Name: "v", Dims: []int{3}}, parse.Input{Name: "m", Dims: []int{2, 3}}))
		require.NoError(t, err, text)
		requireRoundTrip(t, f)
		if !strings.ContainsAny(text, "vm") {
			requireRoundTrip(t, mustParse(t, text))
		}
	}
}

// TestRoundTripOfGraphs builds what no text builds: shared and unused leaves in
// any order, other roles, odd names, float constants, derivatives.
func TestRoundTripOfGraphs(t *testing.T) {
	g := expr.NewGraph()
	third := g.Rat(big.NewRat(1, 3))
	w := g.Param("layer.0/weight", 2, 3)
	dead := expr.Exp(third)
	x := g.Data("let", 3)
	unused := g.Input("_")
	c := g.Const(0.1)
	h := expr.ReLU(expr.Add(expr.MatMul(w, x), c))
	out := expr.Add(expr.Sum(expr.Mul(h, third)), expr.Mul(c, g.Const(2)))
	out = expr.Add(out, expr.Sum(expr.Mul(g.Tensor([]float64{1, 0.3}, 2), h)))
	f, err := g.Func(expr.In(unused, x, w), expr.Out(out))
	require.NoError(t, err)
	require.True(t, dead.Valid())
	requireRoundTrip(t, f)

	slope := expr.Slopes(expr.ReLU(x))[0]
	f, err = g.Func(expr.In(x), expr.Out(expr.Mul(slope, x)))
	require.NoError(t, err)
	require.Len(t, f.Slots(), 1)
	requireRoundTrip(t, f)
}

func TestOptions(t *testing.T) {
	_, err := parse.Parse("x", parse.Shapes(map[string][]int{"y": {2}}))
	require.ErrorContains(t, err, `a shape is given for "y"`)
	_, err = parse.Parse("x + y", parse.Inputs(parse.Input{Name: "x"}))
	require.EqualError(t, err, "column 5: y is not an input; the inputs are x")
	_, err = parse.Parse("x", parse.Inputs(parse.Input{Name: "x"}, parse.Input{Name: "x"}))
	require.ErrorContains(t, err, `two inputs are named "x"`)
	_, err = parse.Parse("1 + x", parse.Shapes(map[string][]int{"x": {0}}))
	require.ErrorContains(t, err, "column 5: input x: extents [0]")
	_, err = parse.Parse("x", parse.Inputs(parse.Input{Name: "x", Role: 7}))
	require.ErrorContains(t, err, "unknown role")

	f := mustParse(t, "y", parse.Inputs(parse.Input{Name: "x"}, parse.Input{Name: "y", Role: expr.Parameter}))
	require.Len(t, f.In(), 2)
	require.Equal(t, "[y]", fmt.Sprint(f.Wrt()))
}

func TestBuildErrorIsWrapped(t *testing.T) {
	_, err := parse.Parse("1 + v*w", parse.Shapes(map[string][]int{"v": {2}, "w": {3}}))
	require.EqualError(t, err, "column 6: mul of [2] and [3]: shapes [2] and [3] do not broadcast: extents 2 and 3 meet")
	var e *expr.BuildError
	require.True(t, errors.As(err, &e))
	require.Equal(t, "mul", e.Op)
}
