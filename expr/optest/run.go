package optest

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// Run holds an op against the laws of primitives, on applications that its own
// sampler draws. It takes any op, registered or not; leaves have no laws. A law
// that does not apply is skipped, with the reason.
func Run(t *testing.T, op *expr.Op) {
	t.Helper()
	require.NoError(t, op.Check())
	if op.MinArgs == 0 {
		return
	}
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			if why := l.skips(op); why != "" {
				t.Skip(why)
			}
			if l.once != nil {
				l.once(t, op)
			}
			if l.each != nil {
				rapid.Check(t, func(t *rapid.T) { l.each(t, op, op.Sample(seeded(t))) })
			}
		})
	}
}

func seeded(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
}

func checkExactOp(t *rapid.T, op *expr.Op, e expr.Example) {
	p := Single(t, op, e)
	CheckExact(t, p.Func, p.At)
	b := backward(t, p.Func)
	CheckExact(t, b, Join(p.At, PointsFor(t, p.Func.Out(), "v"), Choices{}.Of(t, b)))
}

func checkLanesOp(t *rapid.T, op *expr.Op, e expr.Example) {
	p := Single(t, op, e)
	CheckLanes(t, p.Func, p.At)
	b := backward(t, p.Func)
	CheckLanes(t, b, Join(p.At, PointsFor(t, p.Func.Out(), "v"), Choices{}.Of(t, b)))
}

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
	require.Equal(t, same0(want), same0(got[0]), "rows %v and batch %v", want, got[0])
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
