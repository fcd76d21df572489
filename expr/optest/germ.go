package optest

import (
	"math"
	"math/big"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// germ is a program and its derivative with open slots, near points: in
// rationals if all of its ops have them, else in float64. Numbers are rationals
// in both.
type germ struct {
	t      require.TestingT
	f      *expr.Func
	open   *expr.Func // values, then tangents
	finder *ad.Finder // of the kinks of open
	exact  *exact.Program
	float  *vm.Program

	// step is so short that no switch of a point of small dyadic numbers is
	// crossed within it; quotients and nearby derivatives may be off by slack,
	// which is 0 for piecewise affine programs.
	step, slack *big.Rat
}

// newGerm prepares a program; it is piecewise affine if its class says so.
func newGerm(t require.TestingT, f *expr.Func) *germ {
	open := forward(t, f)
	g := &germ{t: t, f: f, open: open, finder: finder(t, open)}
	var err error
	if g.exact, err = compiledExactly(open); err == nil {
		g.step, g.slack = TwoTo(-stepBits), new(big.Rat)
		if f.Class().Kind > expr.PiecewiseAffine {
			g.slack = TwoTo(64 - stepBits)
		}
		return g
	}
	g.exact, g.step, g.slack = nil, TwoTo(-24), TwoTo(-10)
	g.float = compiled(t, open)
	return g
}

// isAffine reports whether the program is piecewise affine and exact.
func (g *germ) isAffine() bool { return g.exact != nil && g.slack.Sign() == 0 }

// run returns values and tangents at x along dx; ok is false where one of them
// is no finite number.
func (g *germ) run(x, dx, slots [][]*big.Rat) (y, dy [][]*big.Rat, ok bool) {
	in, n := Join(x, dx, slots), len(g.f.Out())
	if g.exact != nil {
		out, err := g.exact.Run(in...)
		if err != nil {
			return nil, nil, false
		}
		return out[:n], out[n:], true
	}
	out := buffers(g.open.Out(), 1)
	if err := g.float.Run(out, toFloats(in)...); err != nil {
		return nil, nil, false
	}
	for _, row := range out {
		for _, v := range row {
			if !finite(v) {
				return nil, nil, false
			}
		}
	}
	rats := AllToRats(out)
	return rats[:n], rats[n:], true
}

func toFloats(x [][]*big.Rat) [][]float64 {
	out := make([][]float64, len(x))
	for i, row := range x {
		for _, v := range row {
			f, _ := v.Float64()
			out[i] = append(out[i], f)
		}
	}
	return out
}

// kinks returns the active kinks at x, none where a switch is not a number.
func (g *germ) kinks(x [][]*big.Rat) []ad.Kink {
	in := Join(x, zerosFor(g.f.Wrt()))
	var kinks []ad.Kink
	var err error
	if g.exact != nil {
		kinks, err = g.finder.AtExact(in...)
	} else {
		kinks, err = g.finder.At(toFloats(in)...)
	}
	if err != nil {
		return nil
	}
	return kinks
}

// choose returns values of all slots: those of the kinks as given, 0 elsewhere.
func (g *germ) choose(kinks []ad.Kink, value func(k *ad.Kink) []*big.Rat) [][]*big.Rat {
	slots := g.open.Slots()
	out := zerosFor(slots)
	for i := range kinks {
		k := &kinks[i]
		for j, n := range slots {
			if n == k.Slot.Node {
				for e, v := range value(k) {
					out[j][k.Entries[e]] = v
				}
			}
		}
	}
	return out
}

// jacobian returns the derivative, a list of outputs for each input entry; ok
// is false where it is not finite.
func (g *germ) jacobian(x, slots [][]*big.Rat) (columns [][][]*big.Rat, ok bool) {
	dx := zerosFor(g.f.Wrt())
	for i := range dx {
		for j := range dx[i] {
			dx[i][j] = one
			_, dy, ok := g.run(x, dx, slots)
			if !ok {
				return nil, false
			}
			columns = append(columns, dy)
			dx[i][j] = zero
		}
	}
	return columns, true
}

// moved returns x + t·d, for a direction of the inputs that are differentiated.
func (g *germ) moved(x [][]*big.Rat, t *big.Rat, d [][]*big.Rat) [][]*big.Rat {
	return Moved(g.f, x, t, d)
}

// requireClose holds two lists of numbers against each other, up to the slack.
func (g *germ) requireClose(want, got [][]*big.Rat, format string, args ...any) {
	if g.slack.Sign() == 0 {
		require.Equal(g.t, Strings(want), Strings(got), append([]any{format}, args...)...)
		return
	}
	require.True(g.t, g.close(want, got), append([]any{format + ": %v and %v"}, append(args, toFloats(want), toFloats(got))...)...)
}

// close reports whether all entries differ by at most slack·(1 + |entry|).
func (g *germ) close(x, y [][]*big.Rat) bool {
	for i := range x {
		for j, v := range x[i] {
			gap := new(big.Rat).Sub(v, y[i][j])
			room := new(big.Rat).Abs(v)
			room.Mul(room.Add(room, one), g.slack)
			if gap.Abs(gap).Cmp(room) > 0 {
				return false
			}
		}
	}
	return true
}

var zero, one, half = new(big.Rat), big.NewRat(1, 1), big.NewRat(1, 2)

// zerosFor returns zeros for the entries of nodes.
func zerosFor(nodes []expr.Node) [][]*big.Rat {
	out := make([][]*big.Rat, len(nodes))
	for i, n := range nodes {
		out[i] = make([]*big.Rat, n.Shape().Size())
		for j := range out[i] {
			out[i][j] = zero
		}
	}
	return out
}

// sizeOf returns the number of entries of nodes.
func sizeOf(nodes []expr.Node) int {
	size := 0
	for _, n := range nodes {
		size += n.Shape().Size()
	}
	return size
}

// split cuts a flat list over nodes.
func split(x []*big.Rat, nodes []expr.Node) [][]*big.Rat {
	out := make([][]*big.Rat, len(nodes))
	for i, n := range nodes {
		out[i], x = x[:n.Shape().Size()], x[n.Shape().Size():]
	}
	return out
}

// scaled returns x/t, entry by entry.
func scaled(x [][]*big.Rat, t *big.Rat) [][]*big.Rat {
	out := make([][]*big.Rat, len(x))
	for i, row := range x {
		for _, v := range row {
			out[i] = append(out[i], new(big.Rat).Quo(v, t))
		}
	}
	return out
}

// difference returns x − y, entry by entry.
func difference(x, y [][]*big.Rat) [][]*big.Rat {
	out := make([][]*big.Rat, len(x))
	for i := range x {
		out[i] = AddScaled(x[i], big.NewRat(-1, 1), y[i])
	}
	return out
}

func isFinite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
