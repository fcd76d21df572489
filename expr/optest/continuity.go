package optest

import (
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// CheckContinuous holds the value at a nearby point against the value at the
// point, all inputs moved, wherever the ops certify that the program is
// continuous and locally Lipschitz: the two are within 2^128 steps of each other
// in rationals, and within 2^14 in float64.
func CheckContinuous(t *rapid.T, p Program) {
	if !regular(p) {
		return
	}
	g := newGerm(t, p.Func)
	d := AllToRats(PointsFor(t, p.Func.In(), "d"))
	near := make([][]*big.Rat, len(d))
	for i, x := range p.Rats() {
		near[i] = AddScaled(x, g.step, d[i])
	}
	still, slots := zerosFor(p.Func.Wrt()), zerosFor(g.open.Slots())
	y, _, ok := g.run(p.Rats(), still, slots)
	z, _, okNear := g.run(near, still, slots)
	if !ok {
		return // a number too large, or a tangent that is not defined
	}
	require.True(t, okNear, "the value at a point is finite, but not beside it")
	most := new(big.Rat).Mul(g.step, TwoTo(128))
	if g.exact == nil {
		most.Mul(g.step, TwoTo(14))
	}
	for i := range y {
		for j, v := range y[i] {
			gap := new(big.Rat).Sub(v, z[i][j])
			near := new(big.Rat).Abs(v)
			near.Mul(near.Add(near, one), most)
			require.LessOrEqual(t, gap.Abs(gap).Cmp(near), 0, "certified continuous, but entry %d of output %d jumps from %v to %v", j, i, v.FloatString(6), z[i][j].FloatString(6))
		}
	}
}

// tries bounds the search for an application with some property.
const tries = 3000

// refused searches for an application at which the op does not certify itself,
// starting from what its sampler draws. It returns false if there is none.
func refused(op *expr.Op, rng *rand.Rand) (p Program, found bool) {
	e := spoiled(op, rng)
	if _, err := op.Shape(e.Shapes, e.Attr); err != nil {
		return p, false
	}
	p = Single(failNow{}, op, e)
	return p, !regular(p)
}

// failNow is for calls that cannot fail.
type failNow struct{}

func (failNow) Errorf(string, ...any) {}
func (failNow) FailNow()              { panic("optest: an application of an op's own sampler was refused") }

// spoiled draws an application and moves some of its numbers to where kinks and
// ends of domains usually are, and real attributes to other numbers.
func spoiled(op *expr.Op, rng *rand.Rand) expr.Example {
	e := op.Sample(rng)
	special := []float64{0, 0, 1, -1}
	for _, row := range e.Values {
		for i := range row {
			switch rng.IntN(4) {
			case 0:
				row[i] = special[rng.IntN(len(special))]
			case 1:
				row[i] = row[rng.IntN(len(row))]
			}
		}
		if rng.IntN(8) == 0 {
			clear(row)
		}
	}
	if !op.Attrs.Integer && rng.IntN(2) == 0 {
		e.Attr = append(expr.Attr{}, e.Attr...)
		for i := range e.Attr {
			e.Attr[i] = expr.Num([]float64{-1, 0.5, 1}[rng.IntN(3)])
		}
	}
	return e
}

// checkJumps wants an op that does not certify itself everywhere to be
// discontinuous, steep or undefined somewhere: a claim of less regularity than
// there is would hide faults from the other laws.
func checkJumps(t require.TestingT, op *expr.Op) {
	rng := rand.New(rand.NewPCG(1, 5))
	for range tries {
		if p, ok := refused(op, rng); ok && jumps(p, rng) {
			return
		}
	}
	require.Fail(t, "no jump", "%s is declared to be discontinuous, not Lipschitz or undefined somewhere, but nothing of that is seen", op.Name)
}

// jumps reports whether the program is undefined at its point, or steeper than
// 2^10 there along one of a few directions.
func jumps(p Program, rng *rand.Rand) bool {
	y, fault := Floats(p.Func, p.At...)
	for range 4 {
		const step = 1.0 / (1 << 30)
		near := make([][]float64, len(p.At))
		for i, x := range p.At {
			for _, v := range x {
				near[i] = append(near[i], v+float64(step*(float64(float64(rng.Float64())*2)-1)))
			}
		}
		z, faultNear := Floats(p.Func, near...)
		for _, n := range p.Func.Out() {
			if fault.Set || faultNear.Set || !isFinite(y[n]) || !isFinite(z[n]) || steeper(y[n], z[n], step*(1<<10)) {
				return true
			}
		}
	}
	return false
}

func steeper(x, y []float64, most float64) bool {
	for i := range x {
		if math.Abs(x[i]-y[i]) > most {
			return true
		}
	}
	return false
}

// neverRefused is the reason why an op has no jumps to be seen.
func neverRefused(op *expr.Op) string {
	if op.Regular == nil {
		return "it is continuous and locally Lipschitz everywhere, which the law of continuity checks"
	}
	rng := rand.New(rand.NewPCG(1, 5))
	for range tries {
		if _, ok := refused(op, rng); ok {
			return ""
		}
	}
	return "it certifies every application found"
}

// alwaysRefused is the reason why an op is continuous nowhere for certain.
func alwaysRefused(op *expr.Op) string {
	rng := rand.New(rand.NewPCG(1, 6))
	for range 100 {
		if regular(Single(failNow{}, op, op.Sample(rng))) {
			return ""
		}
	}
	return "it certifies no application"
}
