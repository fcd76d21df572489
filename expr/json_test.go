package expr_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// A program that another framework wrote. Operands broadcast, numbers among them
// are constants, and nodes that nobody refers to need no name.
func ExampleReadJSON() {
	f, err := expr.ReadJSON(strings.NewReader(`{
	  "schema": 1,
	  "inputs": [{"name": "x", "shape": [2]}, {"name": "w", "shape": [3, 2], "role": "parameter"}],
	  "nodes": [
	    {"name": "b", "op": "const", "shape": [3], "values": [0.5, "1/3", "0x1p-2"]},
	    {"name": "h", "op": "matvec", "args": ["w", "x"], "attrs": [0]},
	    {"name": "z", "op": "add", "args": ["h", "b"]},
	    {"name": "y", "op": "max", "args": ["z", 0]},
	    {"name": "loss", "op": "sum", "args": ["y"]}
	  ],
	  "outputs": ["loss"]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(f)
	// Output:
	// func(x [2], w [3,2] parameter)
	//   const#2     = 0.5 1/3 0.25            [3]
	//   matvec#3    = matvec(w, x; 0)         [3]
	//   add#4       = add(matvec#3, const#2)  [3]
	//   const#5     = 0                       []
	//   broadcast#6 = broadcast(const#5; 0 3) [3]
	//   max#7       = max(add#4, broadcast#6) [3]
	//   sum#8       = sum(max#7; 1)           []
	//   return sum#8
}

func ExampleFunc_WriteJSON() {
	g := expr.NewGraph()
	x, w := g.Input("x"), g.Param("w", 2)
	y := expr.LeakyReLU(expr.Mul(w, expr.Sub(x, g.Rat(big.NewRat(1, 3)))), 0.1)
	f, err := g.Func(expr.In(x, w), expr.Out(expr.Max(y)))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := f.WriteJSON(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "schema": 1,
	//   "inputs": [
	//     {"name": "x"},
	//     {"name": "w", "shape": [2], "role": "parameter"}
	//   ],
	//   "nodes": [
	//     {"name": "const#2", "op": "const", "values": ["1/3"]},
	//     {"name": "sub#3", "op": "sub", "args": ["x", "const#2"]},
	//     {"name": "broadcast#4", "op": "broadcast", "args": ["sub#3"], "attrs": [0, 2]},
	//     {"name": "mul#5", "op": "mul", "args": ["w", "broadcast#4"]},
	//     {"name": "leakyrelu#6", "op": "leakyrelu", "args": ["mul#5"], "attrs": ["0x1.999999999999ap-04"]},
	//     {"name": "amax#7", "op": "amax", "args": ["leakyrelu#6"]}
	//   ],
	//   "outputs": ["amax#7"]
	// }
}

// requireSameJSON holds a program against what is read back of its JSON.
func requireSameJSON(t require.TestingT, f *expr.Func, ops ...*expr.Op) *expr.Func {
	var b bytes.Buffer
	require.NoError(t, f.WriteJSON(&b))
	back, err := expr.ReadJSON(&b, ops...)
	require.NoError(t, err)
	require.Equal(t, f.Hash(), back.Hash())
	require.Equal(t, expr.Format(f), expr.Format(back))
	return back
}

// Programs are read back with the same nodes and values, compact JSON too, and
// so are their derivatives once no slot is open.
func TestLawJSON(t *testing.T) {
	programs := optest.Programs(optest.Config{Vector: true, Jumps: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		back := requireSameJSON(t, p.Func)
		if want, fault := optest.Floats(p.Func, p.At...); !fault.Set {
			got, _ := optest.Floats(back, p.At...)
			for i, n := range p.Func.Out() {
				require.Equal(t, optest.Bits(want[n]), optest.Bits(got[back.Out()[i]]))
			}
		}
		compact, err := json.Marshal(p.Func)
		require.NoError(t, err)
		f, err := expr.ReadJSON(bytes.NewReader(compact))
		require.NoError(t, err)
		require.Equal(t, p.Func.Hash(), f.Hash())

		d, err := ad.Backward(p.Func)
		require.NoError(t, err)
		w, err := ad.Wire(d, ad.AtSlot(rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "slot")))
		require.NoError(t, err)
		requireSameJSON(t, w)
	})
}

func TestJSONOfCustomOps(t *testing.T) {
	f := customProgram(t)
	require.Len(t, requireSameJSON(t, f, allCustom(t)...).CustomOps(), 5)
	var b bytes.Buffer
	require.NoError(t, f.WriteJSON(&b))
	_, err := expr.ReadJSON(&b)
	require.ErrorContains(t, err, `nodes[0] "logcosh#1": there is no op "logcosh"`)
	relu, _ := expr.Lookup("relu")
	other := *relu
	for _, ops := range [][]*expr.Op{{nil}, {&other}, {custom(t, excess()), custom(t, excess())}} {
		_, err := expr.ReadJSON(strings.NewReader("{}"), ops...)
		var mistake *expr.JSONError
		require.ErrorAs(t, err, &mistake)
	}
}

func TestWriteJSONRefuses(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.ReLU(x)))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	_, err = d.MarshalJSON()
	require.ErrorContains(t, err, "open slots such as relu#1.s")

	one, two := custom(t, logCosh()), custom(t, logCosh())
	f, err = g.Func(expr.In(x), expr.Out(one.Apply(nil, two.Apply(nil, x))))
	require.NoError(t, err)
	require.ErrorContains(t, f.WriteJSON(&bytes.Buffer{}), "two ops named logcosh")

	bad := g.Input("\xff")
	f, err = g.Func(expr.In(bad), expr.Out(bad))
	require.NoError(t, err)
	require.ErrorContains(t, f.WriteJSON(&bytes.Buffer{}), "not valid UTF-8")
}

// Odd names of inputs come back, and nodes get out of their way.
func TestJSONNames(t *testing.T) {
	g := expr.NewGraph()
	var in []expr.Node
	y := g.Const(1)
	for _, name := range []string{`,`, `","`, "a\n\"b\\", "<&>", "θ", "mul#9", "relu", "let"} {
		x := g.Input(name)
		in, y = append(in, x), expr.Mul(x, y)
	}
	f, err := g.Func(expr.In(in...), expr.Out(y, y))
	require.NoError(t, err)
	back := requireSameJSON(t, f)
	for i, n := range back.In() {
		require.Equal(t, in[i].String(), n.String())
	}
}

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0e999999999": "0", "0x0p99999999": "0", "2": "2", "-2.50": "-5/2", ".5": "1/2", "1e-3": "1/1000",
		"+1E+2": "100", "1/3": "1/3", "-1/-3": "1/3", "1e2/.5": "200", "0x1.8p-1": "3/4", "-0X.1P4": "-1",
		"0x1.999999999999ap-04": new(big.Rat).SetFloat64(0.1).RatString(),
		"0.1":                   "1/10", "9007199254740993": "9007199254740993",
	} {
		v, err := expr.ParseNumber(text)
		require.NoError(t, err, text)
		require.Equal(t, want, v.Rat().RatString(), text)
	}
	for text, want := range map[string]string{
		"": "is not a number", "x": "is not a number", "1e": "is not a number", "NaN": "is not a number", "Infinity": "is not a number",
		"1_0": "is not a number", "0x10": "is not a number", " 1": "is not a number", "1/2/3": "is not a number", "1/": "is not a number",
		"1e400": "too large", "0x1p99999999": "too large", "1e-400": "too small", "1/0": "divides by 0", "1e300/1e-300": "beyond the range",
		"1e-300/1e300": "beyond the range", strings.Repeat("1", 4097): "give at most 4096",
	} {
		_, err := expr.ParseNumber(text)
		require.ErrorContains(t, err, want, text)
	}
}

// Every float is written so that it is read back exactly.
func TestLawNumbersInJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := expr.Num(rapid.Float64().Filter(func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }).Draw(t, "v"))
		r := expr.Rational(big.NewRat(rapid.Int64().Draw(t, "p"), 1+rapid.Int64Range(0, math.MaxInt64-1).Draw(t, "q")))
		g := expr.NewGraph()
		f, err := g.Func(expr.Out(g.Numbers([]expr.Number{v, r}, 2)))
		require.NoError(t, err)
		requireSameJSON(t, f)
	})
}
