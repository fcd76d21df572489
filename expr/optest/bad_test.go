package optest

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// A law that cannot fail is worth nothing: each of these records is wrong in one
// way, and the laws named after it have to say so, while the op it was made of
// passes them.

// wrong returns a copy of a registered op with one mistake.
func wrong(t *testing.T, name string, spoil func(*expr.Op)) *expr.Op {
	op, ok := expr.Lookup(name)
	require.True(t, ok)
	bad := *op
	bad.Name = "wrong" + name
	spoil(&bad)
	return &bad
}

// slopes replaces the slopes of an elementwise op.
func slopes(of func(r *expr.Rule) []expr.Node) func(*expr.Op) {
	return func(op *expr.Op) { op.Slopes = of }
}

// slope is slopes for one operand.
func slope(of func(r *expr.Rule) expr.Node) func(*expr.Op) {
	return slopes(func(r *expr.Rule) []expr.Node { return []expr.Node{of(r)} })
}

// products gives a unary elementwise op a JVP and a VJP of its slope's products.
func products(op *expr.Op, jvp, vjp func(slope, d expr.Node) expr.Node) {
	right := op.Slopes
	op.Slopes = nil
	op.JVP = func(r *expr.Rule, dx []expr.Node) expr.Node { return jvp(right(r)[0], dx[0]) }
	op.VJP = func(r *expr.Rule, ct expr.Node) []expr.Node { return []expr.Node{vjp(right(r)[0], ct)} }
}

var faults = []struct {
	fault, op string
	laws      []string
	spoil     func(*expr.Op)
}{
	{"cotangents scaled", "outer", []string{"adjoint"}, func(op *expr.Op) {
		right := op.VJP
		op.VJP = func(r *expr.Rule, ct expr.Node) []expr.Node { return right(r, expr.Scale(2, ct)) }
	}},
	{"a factor missing in the VJP only", "tanh", []string{"adjoint"}, func(op *expr.Op) {
		products(op, expr.Mul, func(_, ct expr.Node) expr.Node { return ct })
	}},
	{"a slope without the incoming adjoint", "relu", []string{"adjoint"}, func(op *expr.Op) {
		products(op, expr.Gate, func(slope, _ expr.Node) expr.Node { return slope })
	}},
	{"the order applied again instead of undone", "sort", []string{"adjoint"}, func(op *expr.Op) {
		op.VJP = func(r *expr.Rule, ct expr.Node) []expr.Node {
			return []expr.Node{expr.Permute(r.Permutation("p", r.In(0)), ct)}
		}
	}},
	{"one of the summands of a broadcast's adjoint", "broadcast", []string{"adjoint"}, func(op *expr.Op) {
		right := op.Transpose
		op.Transpose = func(r *expr.Rule, ct expr.Node) []expr.Node {
			share := float64(r.In(0).Shape().Size()) / float64(ct.Shape().Size())
			return []expr.Node{expr.Scale(share, right(r, ct)[0])}
		}
	}},
	{"a gather's adjoint at transposed positions", "gather", []string{"adjoint"}, func(op *expr.Op) {
		op.Transpose = func(r *expr.Rule, ct expr.Node) []expr.Node {
			index := r.Out().Op().Index([]expr.Shape{r.In(0).Shape()}, ct.Shape(), r.Attr())
			slices.Reverse(index)
			return []expr.Node{expr.Assemble(r.In(0).Shape(), []expr.Node{ct}, [][]int32{index})}
		}
	}},
	{"a transpose that is not linear", "transpose", []string{"adjoint"}, func(op *expr.Op) {
		right := op.Transpose
		op.Transpose = func(r *expr.Rule, ct expr.Node) []expr.Node { return right(r, expr.Mul(ct, ct)) }
	}},
	{"a product of tangents", "outer", []string{"linear"}, func(op *expr.Op) {
		op.JVP = func(r *expr.Rule, dx []expr.Node) expr.Node { return expr.Outer(dx[0], dx[1]) }
	}},
	{"slope 1", "relu", []string{"difference", "curve"}, slope(func(r *expr.Rule) expr.Node { return r.Const(1) })},
	{"the sign flipped", "relu", []string{"difference", "pieces"}, slope(func(r *expr.Rule) expr.Node {
		return expr.Neg(r.Step("s", r.In(0)))
	})},
	{"the key negated", "relu", []string{"difference", "pieces", "curve"}, slope(func(r *expr.Rule) expr.Node {
		return r.Step("s", expr.Neg(r.In(0)))
	})},
	{"the slope of the other branch", "max", []string{"difference", "pieces"}, slopes(func(r *expr.Rule) []expr.Node {
		s := r.Step("s", expr.Sub(r.In(0), r.In(1)))
		return []expr.Node{expr.AffineOf(s, -1, 1), s}
	})},
	{"two occurrences of a kink merged", "softthreshold", []string{"difference", "curve"}, slope(func(r *expr.Rule) expr.Node {
		t := r.Attr()[0].Float()
		up := r.Step("s", expr.Shift(r.In(0), -t))
		return expr.Add(up, r.Step("s", expr.AffineOf(r.In(0), -1, -t)))
	})},
	{"wrong at the kink only", "abs", []string{"difference", "slots"}, func(op *expr.Op) {
		op.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Sign(r.In(0))} }
		op.Slopes = also(op.Slopes)
	}},
	{"a slot set [0, 2]", "relu", []string{"slots", "nearby"}, slope(func(r *expr.Rule) expr.Node {
		s := r.Step("s", r.In(0))
		return expr.Add(s, expr.Gate(expr.Tied(r.In(0)), s))
	})},
	{"a slot set [0, 1/2]", "relu", []string{"slots", "nearby"}, slope(func(r *expr.Rule) expr.Node {
		s := r.Step("s", r.In(0))
		return expr.Sub(s, expr.Gate(expr.Tied(r.In(0)), expr.Scale(0.5, s)))
	})},
	{"two slots where one is meant", "relu", []string{"slots"}, slope(func(r *expr.Rule) expr.Node {
		return expr.Sub(expr.Scale(2, r.Step("s", r.In(0))), r.Step("t", r.In(0)))
	})},
	{"1 on every tied entry, as in three Go libraries", "amax", []string{"difference", "curve", "homogeneity"}, func(op *expr.Op) {
		op.Weights = func(r *expr.Rule) expr.Node { return expr.TieBreak(expr.TieAll, 0, 1, r.In(0)) }
	}},
	{"max(x, x) has derivative 0", "max", []string{"difference", "curve", "homogeneity"}, slopes(func(r *expr.Rule) []expr.Node {
		x, y := r.In(0), r.In(1)
		return []expr.Node{expr.ReLU(expr.Sign(expr.Sub(x, y))), expr.ReLU(expr.Sign(expr.Sub(y, x)))}
	})},
	{"the rank off by one", "median", []string{"difference", "homogeneity"}, func(op *expr.Op) {
		op.Weights = func(r *expr.Rule) expr.Node {
			k := (r.In(0).Shape().Dim(-1) - 1) / 2
			return r.Rank("w", r.In(0), max(k-1, 0), max(k, 1))
		}
	}},
	{"no derivative of the square", "tanh", []string{"difference"}, slope(func(r *expr.Rule) expr.Node { return expr.Mul(r.Out(), r.Out()) })},
	{"ties listed from the last", "sort", []string{"ties"}, func(op *expr.Op) {
		turn := func(r *expr.Rule, x expr.Node) expr.Node {
			n := x.Shape().Dim(-1)
			list := make([]int, n)
			for i := range list {
				list[i] = n - 1 - i
			}
			return expr.Gather(x, list...)
		}
		op.JVP = func(r *expr.Rule, dx []expr.Node) expr.Node {
			return turn(r, expr.Permute(r.Permutation("p", expr.Neg(r.In(0))), dx[0]))
		}
		op.VJP = func(r *expr.Rule, ct expr.Node) []expr.Node {
			return []expr.Node{expr.Unpermute(r.Permutation("p", expr.Neg(r.In(0))), turn(r, ct))}
		}
	}},
	{"a NaN that passes a branch not taken", "relu", []string{"leak"}, func(op *expr.Op) { products(op, expr.Mul, expr.Mul) }},
	{"an infinite switch multiplied by 0", "relu", []string{"leak"}, slope(func(r *expr.Rule) expr.Node {
		s := r.Step("s", r.In(0))
		return expr.Add(s, expr.Mul(r.Const(0), expr.Mul(r.In(0), s)))
	})},
	{"a jump that is not declared", "sign", []string{"continuity"}, func(op *expr.Op) { op.Partial, op.Regular = false, nil }},
	{"a jump that is declared and not there", "abs", []string{"jump"}, func(op *expr.Op) {
		op.Partial = true
		op.Regular = func(c *expr.Call[float64]) string {
			if slices.Contains(c.In[0], 0) {
				return "it jumps at 0"
			}
			return ""
		}
	}},
	{"another value in rationals", "abs", []string{"exact"}, func(op *expr.Op) {
		op.Exact = func(c *expr.Call[*big.Rat]) { copy(c.Out, c.In[0]) }
	}},
	{"rows that are not told apart", "norm1", []string{"lanes", "batch"}, func(op *expr.Op) {
		right := op.Eval
		op.Eval = func(c *expr.Call[float64]) {
			right(c)
			for i := range c.Out {
				c.Out[i] = c.Out[0]
			}
		}
	}},
	{"the place in the buffer matters", "softplus", []string{"batch", "lanes"}, func(op *expr.Op) {
		op.Eval = func(c *expr.Call[float64]) {
			for i, x := range c.In[0] {
				c.Out[i] = x + float64(i)
			}
		}
	}},
	{"the batch axis is sorted, too", "sort", []string{"batch", "lanes"}, func(op *expr.Op) {
		op.Eval = func(c *expr.Call[float64]) {
			copy(c.Out, c.In[0])
			slices.Sort(c.Out)
		}
	}},
	{"NaN is 0 in long buffers", "relu", []string{"modes"}, func(op *expr.Op) {
		op.Eval = func(c *expr.Call[float64]) {
			for i, x := range c.In[0] {
				c.Out[i] = max(x, 0)
				if math.IsNaN(x) && len(c.Out) > 4 {
					c.Out[i] = 0
				}
			}
		}
	}},
	{"−0 is +0 in long buffers", "neg", []string{"modes"}, func(op *expr.Op) {
		op.Eval = func(c *expr.Call[float64]) {
			for i, x := range c.In[0] {
				c.Out[i] = -x
				if len(c.Out) > 4 {
					c.Out[i] = 0 - x
				}
			}
		}
	}},
}

// also gives a slope that is no selector a slot that does not matter, so that
// laws about slots apply.
func also(right func(r *expr.Rule) []expr.Node) func(r *expr.Rule) []expr.Node {
	return func(r *expr.Rule) []expr.Node {
		return []expr.Node{expr.Add(right(r)[0], expr.Scale(0, r.Step("s", r.In(0))))}
	}
}

func TestLawsCatch(t *testing.T) {
	for _, f := range faults {
		op := wrong(t, f.op, f.spoil)
		require.NoError(t, op.Check(), f.fault)
		sound, _ := expr.Lookup(f.op)
		for _, law := range f.laws {
			require.Empty(t, lawOf(t, law).skips(op), "the law %q does not apply to %s with this fault: %s", law, f.op, f.fault)
			require.True(t, caught(t, law, op), "the law %q passes a %s with this fault: %s", law, f.op, f.fault)
			require.False(t, caught(t, law, sound), "the law %q rejects %s", law, f.op)
		}
	}
}

// Every law catches something.
func TestEveryLawCatches(t *testing.T) {
	catches := map[string]bool{"selections": true} // see TestOutsideCatches
	for _, f := range faults {
		for _, law := range f.laws {
			catches[law] = true
		}
	}
	for _, l := range laws {
		require.True(t, catches[l.name], "no fault is known that the law %q catches", l.name)
	}
}

// Wirings that leave the slots' sets are seen to do so where a kink is active.
func TestOutsideCatches(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	all := []expr.Node{expr.ReLU(x), expr.Max(x), expr.Sort(x), expr.Norm2(x)}
	f, err := g.Func(expr.In(x), expr.Out(all...))
	require.NoError(t, err)
	b, err := ad.Backward(f)
	require.NoError(t, err)
	require.Len(t, b.Slots(), len(all))
	for _, n := range b.Slots() {
		s, _ := n.Slot()
		c := ad.SlotValue(expr.Num(2))
		if s.Kind == expr.RankSlot {
			c = ad.AllTied
		}
		w, err := ad.Wire(b, ad.Override(ad.AtSlot(0.5), s.String(), c))
		require.NoError(t, err)
		for _, at := range [][]float64{{0, 0, 0}, {1, 2, 3}} {
			why := Outside(w, at, []float64{1, 1, 1}, []float64{1}, []float64{1, 1, 1}, []float64{1})
			require.Equal(t, at[1] == 0, why != "", "%v at %v: %s", s, at, why)
		}
	}
}

// caught reports whether a law fails on one of its first examples.
func caught(t *testing.T, name string, op *expr.Op) bool {
	l := lawOf(t, name)
	if l.skips(op) != "" {
		return false
	}
	if l.once != nil && stops(func() { l.once(failNow{}, op) }) {
		return true
	}
	for seed := 0; l.each != nil && seed < 200; seed++ {
		if fails(func(t *rapid.T) { l.each(t, op, op.Sample(seeded(t))) }, seed) {
			return true
		}
	}
	return false
}

func lawOf(t *testing.T, name string) *law {
	i := slices.IndexFunc(laws, func(l law) bool { return l.name == name })
	require.GreaterOrEqual(t, i, 0, "there is no law %q", name)
	return &laws[i]
}

// fails runs a check on the random bits of one seed.
func fails(check func(t *rapid.T), seed int) (failed bool) {
	rapid.Custom(func(t *rapid.T) bool {
		failed = stops(func() { check(t) })
		return true
	}).Example(seed)
	return failed
}

func stops(check func()) (stopped bool) {
	defer func() { stopped = recover() != nil }()
	check()
	return false
}
