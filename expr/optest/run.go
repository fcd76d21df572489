package optest

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// law is one property of every op, checked on one application of it.
type law struct {
	name  string
	check func(t *rapid.T, op *expr.Op, e expr.Example)
}

// laws lists what Run checks, besides the record itself.
var laws = []law{
	// ⟨v, Ju⟩ = ⟨Jᵀv, u⟩ for one wiring.
	{"adjoint", func(t *rapid.T, op *expr.Op, e expr.Example) { CheckAdjoint(t, Single(t, op, e)) }},
	// J is linear for one wiring.
	{"linear", func(t *rapid.T, op *expr.Op, e expr.Example) { CheckLinear(t, Single(t, op, e)) }},
	// One-sided directional derivatives are limits of difference quotients, on
	// kinks too.
	{"difference", func(t *rapid.T, op *expr.Op, e expr.Example) {
		CheckDirectional(t, Single(t, op, e), op.Class <= expr.PiecewiseAffine && op.Degree == nil)
	}},
	// Rationals and float64 agree where float64 does not round.
	{"exact", checkExactOp},
	// Lanes compute what single runs do, bit for bit.
	{"lanes", checkLanesOp},
	// A leading axis is a loop over rows, bit for bit.
	{"batch", checkBatch},
}

// Run holds an op against the laws of primitives, on applications that its own
// sampler draws. It takes any op, registered or not; leaves have no laws.
func Run(t *testing.T, op *expr.Op) {
	t.Helper()
	require.NoError(t, op.Check())
	if op.MinArgs == 0 {
		return
	}
	for _, l := range laws {
		t.Run(l.name, rapid.MakeCheck(func(t *rapid.T) {
			l.check(t, op, op.Sample(seeded(t)))
		}))
	}
}

func seeded(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
}

// Single returns the program of one application: an input for every operand.
func Single(t require.TestingT, op *expr.Op, e expr.Example) Program {
	g := expr.NewGraph()
	in := make([]expr.Node, len(e.Shapes))
	for i, s := range e.Shapes {
		in[i] = g.Input(string(rune('a'+i)), s.Dims()...)
	}
	f, err := g.Func(expr.In(in...), expr.Out(op.Apply(e.Attr, in...)))
	require.NoError(t, err, "%s of %v", op.Name, e.Shapes)
	return Program{Func: f, At: e.Values}
}

func checkExactOp(t *rapid.T, op *expr.Op, e expr.Example) {
	p := Single(t, op, e)
	CheckExact(t, p.Func, p.At)
	b, err := ad.Backward(p.Func)
	require.NoError(t, err)
	CheckExact(t, b, Join(p.At, PointsFor(t, p.Func.Out(), "v"), Choices{}.Of(t, b)))
}

func checkLanesOp(t *rapid.T, op *expr.Op, e expr.Example) {
	p := Single(t, op, e)
	if isPermuting(op) {
		return // entries of a permutation cannot be drawn one by one
	}
	CheckLanes(t, p.Func, p.At)
	b, err := ad.Backward(p.Func)
	require.NoError(t, err)
	CheckLanes(t, b, Join(p.At, PointsFor(t, p.Func.Out(), "v"), Choices{}.Of(t, b)))
}

// isPermuting reports whether the first operand lists positions.
func isPermuting(op *expr.Op) bool { return op.Name == "permute" || op.Name == "unpermute" }

// checkBatch stacks applications along a new first axis. Operands of
// elementwise ops and of ops with Shares may also stay without it.
func checkBatch(t *rapid.T, op *expr.Op, e expr.Example) {
	const rows = 3
	all := []expr.Example{e}
	for r := seeded(t); len(all) < rows; {
		if next := op.Sample(r); sameForm(e, next) {
			all = append(all, next)
		}
	}
	batch := expr.Example{Attr: e.Attr}
	for i, s := range e.Shapes {
		if (op.Elementwise || op.Shares != nil) && len(e.Shapes) > 1 && i > 0 && rapid.Bool().Draw(t, "shared") {
			batch.Shapes, batch.Values = append(batch.Shapes, s), append(batch.Values, e.Values[i])
			for _, one := range all {
				copy(one.Values[i], e.Values[i])
			}
			continue
		}
		wide, err := expr.NewShape(append([]int{rows}, s.Dims()...)...)
		require.NoError(t, err)
		var x []float64
		for _, one := range all {
			x = append(x, one.Values[i]...)
		}
		batch.Shapes, batch.Values = append(batch.Shapes, wide), append(batch.Values, x)
	}
	p := Single(t, op, batch)
	got, gotErr := float(t, p.Func, p.At)
	failed := false
	var want []float64
	for _, one := range all {
		q := Single(t, op, one)
		y, err := float(t, q.Func, q.At)
		failed = failed || err != nil
		want = append(want, y[0]...)
	}
	require.Equal(t, Bits(want), Bits(got[0]), "rows %v and batch %v", want, got[0])
	require.Equal(t, failed, gotErr != nil)
}

func sameForm(a, b expr.Example) bool {
	for i := range a.Shapes {
		if a.Shapes[i] != b.Shapes[i] {
			return false
		}
	}
	return a.Attr.Equal(b.Attr)
}
