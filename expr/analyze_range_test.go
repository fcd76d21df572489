package expr

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// contains reports whether an interval has proved nothing false about v.
func (i Interval) contains(v float64) bool { return i.Lo <= v && v <= i.Hi && (i.Zero || v != 0) }

// around returns an interval that holds all values: the smallest one, or one
// that is open at an end, or all numbers.
func around(t *rapid.T, values []float64) Interval {
	i := between(values[0], values[0])
	for _, v := range values {
		i = i.hull(between(v, v))
	}
	if rapid.IntRange(0, 3).Draw(t, "lower") == 0 {
		i = i.hull(Interval{Lo: math.Inf(-1), Hi: i.Lo})
	}
	if rapid.IntRange(0, 3).Draw(t, "upper") == 0 {
		i = i.hull(Interval{Lo: i.Hi, Hi: math.Inf(1)})
	}
	if i.Lo >= 0 && rapid.Bool().Draw(t, "positive") {
		i.Lo = 0
	}
	return i
}

// The range of every op holds its values, and what is certified for intervals
// holds at their points.
func TestLawRange(t *testing.T) {
	for _, op := range Ops() {
		if op.Range == nil && op.Everywhere == nil {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { checkRange(t, op) })
		})
	}
}

func checkRange(t *rapid.T, op *Op) {
	e := op.Sample(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
	g := NewGraph()
	args, same := make([]Node, len(e.Shapes)), len(e.Shapes) == 2 && e.Shapes[0] == e.Shapes[1] && rapid.Bool().Draw(t, "same")
	if same {
		e.Values[1] = e.Values[0]
	}
	k := &Known{Attr: e.Attr, Same: same}
	for i, s := range e.Shapes {
		args[i] = g.Input(string(rune('a'+i)), s.Dims()...)
		k.In = append(k.In, around(t, e.Values[i]))
	}
	n := op.Apply(e.Attr, args...)
	require.NoError(t, g.Err())
	k.Terms = max(1, e.Shapes[0].Size()/n.Shape().Size())
	c := &Call[float64]{
		Out: make([]float64, n.Shape().Size()), In: e.Values, Shape: n.Shape(), Shapes: e.Shapes, Attr: n.Attr(), Fault: new(Fault),
	}
	k.Attr = n.Attr()
	if op.Index != nil {
		c.Index = op.Index(c.Shapes, c.Shape, c.Attr)
	}
	if op.Work != nil {
		c.Work = make([]int, op.Work(c.Shapes))
	}
	op.Eval(c)
	if op.Range != nil {
		r := op.Range(k)
		for i, v := range c.Out {
			require.True(t, r.contains(v), "entry %d of %s%v is %v, outside %+v for operands in %+v", i, op.Name, e.Values, v, r, k.In)
		}
	}
	if op.Everywhere != nil {
		level, why := op.Everywhere(k)
		holds := op.Regular(c) == "" || op == opPow // x^1.5 on x ≥ 0 is regular for operands that stay there
		require.True(t, level < LocallyLipschitz || holds, "%s%v is certified for %+v, but not at this point", op.Name, e.Values, k.In)
		require.True(t, level == LocallyLipschitz || why != "", "a reason is due")
	}
}

// Interval arithmetic holds all sums, products and quotients, whatever float64
// rounds them to, and keeps what is exact.
func TestLawInterval(t *testing.T) {
	draw := rapid.OneOf(rapid.SampledFrom(append(edges, 0, 0)), rapid.Float64())
	rapid.Check(t, func(t *rapid.T) {
		x, y := finiteOf(draw.Draw(t, "x")), finiteOf(draw.Draw(t, "y"))
		i, j := around(t, []float64{x}), around(t, []float64{y})
		ops := map[string]struct {
			got  Interval
			want Number
		}{
			"add":     {i.add(j), sumOf(x, y)},
			"mul":     {i.mul(j), productOf(x, y)},
			"abs":     {i.abs(), Num(math.Abs(x))},
			"square":  {i.square(), productOf(x, x)},
			"neg":     {i.neg(), Num(-x)},
			"larger":  {i.larger(j), Num(max(x, y))},
			"smaller": {i.smaller(j), Num(min(x, y))},
		}
		if x != 0 && !i.Zero {
			ops["inverse"] = struct {
				got  Interval
				want Number
			}{i.inverse(), inverseOf(x)}
		}
		for name, c := range ops {
			require.True(t, c.got.holds(c.want), "%s of %v in %+v and %v in %+v is outside %+v", name, x, i, y, j, c.got)
		}
	})
}

func TestIntervalExact(t *testing.T) {
	nonnegative := between(0, math.Inf(1))
	require.Equal(t, 1.0, nonnegative.add(between(1, 1)).Lo)
	require.Equal(t, nonnegative, nonnegative.mul(between(2, 2)))
	require.True(t, nonnegative.add(pointOf(Ratio(1, 10))).Positive())
	require.False(t, between(0.1, 0.1).add(between(0.2, 0.2)).contains(0.31))
	tiny, _ := new(Number).Rat().SetString("1/1" + zeros(400))
	require.True(t, pointOf(Rational(tiny)).Positive())
	require.True(t, pointOf(Rational(tiny).Neg()).Negative())
	require.Equal(t, Interval{Lo: 1, Hi: 1, Bounded: true}, anything.power(Num(0)))
}
