package expr_test

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// deepPrograms builds programs of about n nodes, each as deep as it is long.
var deepPrograms = map[string]func(x expr.Node, n int) expr.Node{
	"chain": func(x expr.Node, n int) expr.Node { // x → relu(a·x + b)
		for range n / 2 {
			x = expr.ReLU(expr.AffineOf(x, 0.5, 0.25))
		}
		return x
	},
	"comb": func(x expr.Node, n int) expr.Node { // max(max(max(…)))
		y := x
		for i := range n / 2 {
			y = expr.Max(y, expr.Shift(x, float64(i%7)))
		}
		return y
	},
	"constants": func(x expr.Node, n int) expr.Node {
		for i := range n / 2 {
			x = expr.Add(x, x.Graph().Const(float64(i)))
		}
		return x
	},
	"refused": func(x expr.Node, n int) expr.Node { // a reason a node
		y := x
		for range n / 2 {
			y = expr.Div(expr.Sqrt(y), x)
		}
		return y
	},
	"branches": func(x expr.Node, n int) expr.Node {
		y := x
		for range n / 2 {
			y = expr.Where(y, expr.Greater, expr.Neg(y), x)
		}
		return y
	},
}

func deepProgram(t testing.TB, name string, n int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(deepPrograms[name](x, n)))
	require.NoError(t, err)
	return f
}

// walks are what goes over all nodes of a program.
var walks = map[string]func(t testing.TB, f *expr.Func){
	"Format": func(_ testing.TB, f *expr.Func) { expr.Format(f) },
	"String": func(_ testing.TB, f *expr.Func) { _ = f.String() },
	"DOT":    func(_ testing.TB, f *expr.Func) { expr.DOT(f) },
	"Hash":   func(_ testing.TB, f *expr.Func) { f.Hash() },
	"Class":  func(_ testing.TB, f *expr.Func) { f.Class() },
	"ClassAt": func(t testing.TB, f *expr.Func) {
		_, err := ad.ClassAt(f, [][]float64{{1}})
		require.NoError(t, err)
	},
	"Operations": func(_ testing.TB, f *expr.Func) { expr.Operations(f) },
	"JSON": func(t testing.TB, f *expr.Func) {
		var text bytes.Buffer
		require.NoError(t, f.WriteJSON(&text))
		again, err := expr.ReadJSON(&text)
		require.NoError(t, err)
		require.Equal(t, f.Hash(), again.Hash())
	},
	"Vmap": func(t testing.TB, f *expr.Func) {
		_, _, err := expr.Vmap(f, 3, nil)
		require.NoError(t, err)
	},
	"run": func(t testing.TB, f *expr.Func) {
		p, err := vm.Compile(f, vm.Options{Lanes: 3, Precision: vm.Float32})
		require.NoError(t, err)
		require.NoError(t, p.NewWorkspace().Run())
		p.Cost()
	},
	"exact run": func(t testing.TB, f *expr.Func) {
		_, err := exact.Partial(f, []*big.Rat{big.NewRat(1, 1)})
		require.NoError(t, err)
	},
}

// Nothing recurses over nodes or takes quadratic time: 5·10⁴ nodes take about a
// second at most, and what is quadratic takes minutes.
func TestDeepPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	const n = 50_000
	for name := range deepPrograms {
		f := deepProgram(t, name, n)
		for walk, do := range walks {
			start := time.Now()
			do(t, f)
			require.Less(t, time.Since(start), 20*time.Second, "%s of %s", walk, name)
		}
	}
	f := deepProgram(t, "refused", n)
	require.Len(t, f.Class().Reasons, n)
}

// BenchmarkDeep reports the time a node; it should not depend on the size.
func BenchmarkDeep(b *testing.B) {
	for name := range deepPrograms {
		for _, n := range []int{100_000, 1_000_000} {
			f := deepProgram(b, name, n)
			for walk, do := range walks {
				b.Run(fmt.Sprintf("%s/%d/%s", name, n, walk), func(b *testing.B) {
					for b.Loop() {
						do(b, f)
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(f.Len()), "ns/node")
				})
			}
		}
	}
}

// Programs whose text is within the limit are read back to the same hash,
// however deep; a longer text is one error that says so.
func TestDeepTextIsReadBack(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	for name := range deepPrograms {
		n := 200
		f := deepProgram(t, name, n)
		for longer := deepProgram(t, name, n+200); len(expr.Format(longer)) <= parse.MaxSource; longer = deepProgram(t, name, n+200) {
			f, n = longer, n+200
		}
		require.Greater(t, n, 2000, name)
		again, err := parse.Parse(expr.Format(f), parse.Like(f))
		require.NoError(t, err, name)
		require.Equal(t, f.Hash(), again.Hash(), name)

		_, err = parse.Parse(expr.Format(deepProgram(t, name, n+400)))
		var mistake *parse.Error
		require.ErrorAs(t, err, &mistake, name)
		require.Contains(t, mistake.Error(), fmt.Sprintf("the limit is %d", parse.MaxSource))
	}
}

// Text nests as deep as its size allows.
func TestDeeplyNestedText(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	for name, wrap := range map[string][2]string{
		"parentheses": {"(", ")"}, "calls": {"abs(", ")"}, "combs": {"max(1, ", ")"}, "signs": {"- ", ""},
		"sums": {"1 + ", ""}, "differences": {"", " - 1"}, "powers": {"2^", ""}, "vectors": {"sum([", "])"},
		"choices": {"x > 1 ? 2 : ", ""}, "conditions": {"x > (", ") ? 1 : 2"}, "entries": {"[", ", 1][0]"}, "lets": {"let _ = 1; ", ""},
	} {
		k := (parse.MaxSource - 1) / (len(wrap[0]) + len(wrap[1]))
		text := strings.Repeat(wrap[0], k) + "x" + strings.Repeat(wrap[1], k)
		start := time.Now()
		f, err := parse.Parse(text)
		require.NoError(t, err, name)
		require.Less(t, time.Since(start), 20*time.Second, name)
		require.NotEmpty(t, expr.Format(f))
		_, err = parse.Parse(text[:len(text)-len(wrap[1])*k-1])
		require.Error(t, err, "%s without an end", name)
		t.Logf("%s: %d deep in %v, %d nodes", name, k, time.Since(start), f.Len())
	}
}
