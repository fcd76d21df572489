package optest

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// mostChoices bounds the vertices of a product of slot sets that are listed.
const mostChoices = 64

// CheckNearby wants the derivative at a point just beside the given one to be
// among the derivatives of the given point: that of some choice of vertices in
// the slots' sets. They are compared by their products with one direction in
// general position. Points with too many choices are passed over, and so are
// kinks of a Direction, whose sets are balls.
func CheckNearby(t *rapid.T, p Program) {
	if !regular(p) {
		return
	}
	g := newGerm(t, p.Func)
	choices := g.combinations(g.kinks(p.Rats()), mostChoices)
	if choices == nil {
		return
	}
	d, u := AllToRats(GenericFor(t, p.Func.Wrt(), "d")), AllToRats(GenericFor(t, p.Func.Wrt(), "u"))
	at := g.moved(p.Rats(), g.step, d)
	if len(g.movingKinks(at)) > 0 {
		return // the derivative beside is not one number either
	}
	_, near, ok := g.run(at, u, zerosFor(g.open.Slots()))
	if !ok {
		return
	}
	var declared [][][]*big.Rat
	for _, slots := range choices {
		_, dy, ok := g.run(p.Rats(), u, slots)
		if !ok {
			return
		}
		declared = append(declared, dy)
	}
	require.True(t, g.contains(declared, near), "the derivative beside the point, moved along %v, is %v along %v and not among %v", Strings(d), Strings(near), Strings(u), texts(declared))
}

// movingKinks returns the kinks that are active at x and whose slots have a say
// in the derivative there.
func (g *germ) movingKinks(x [][]*big.Rat) []ad.Kink {
	kinks := g.kinks(x)
	if len(kinks) == 0 {
		return nil
	}
	a, ok := g.jacobian(x, zerosFor(g.open.Slots()))
	rng := rand.New(rand.NewPCG(1, 9))
	b, okSlots := g.jacobian(x, g.choose(kinks, func(k *ad.Kink) []*big.Rat { return anywhere(k, rng) }))
	if ok && okSlots && g.close(flat(a), flat(b)) {
		return nil
	}
	return kinks
}

// jacobians returns the derivatives for some choices of slots, each a list of
// columns; nil if one is not finite.
func (g *germ) jacobians(x [][]*big.Rat, choices [][][]*big.Rat) (out [][][]*big.Rat) {
	for _, slots := range choices {
		columns, ok := g.jacobian(x, slots)
		if !ok {
			return nil
		}
		out = append(out, flat(columns))
	}
	return out
}

// flat joins the outputs of each column.
func flat(columns [][][]*big.Rat) [][]*big.Rat {
	out := make([][]*big.Rat, len(columns))
	for i, c := range columns {
		out[i] = Join(c...)
	}
	return out
}

// beside returns the derivative at x + step·d, unless it is not one matrix.
func (g *germ) beside(x, d [][]*big.Rat) ([][]*big.Rat, bool) {
	near := g.moved(x, g.step, d)
	if len(g.movingKinks(near)) > 0 {
		return nil, false
	}
	a, ok := g.jacobian(near, zerosFor(g.open.Slots()))
	return flat(a), ok
}

func (g *germ) contains(list [][][]*big.Rat, x [][]*big.Rat) bool {
	for _, y := range list {
		if g.close(y, x) {
			return true
		}
	}
	return false
}

func texts(list [][][]*big.Rat) (out [][][]string) {
	for _, x := range list {
		out = append(out, Strings(x))
	}
	return out
}

// mostMoved bounds the entries of the applications on which slot sets are
// compared with Clarke sets: every way to order them, with signs, is tried.
const mostMoved = 3

// checkSlots holds an op's slot set against its Clarke set at one application:
// the derivatives for the vertices of the set are those at points beside it, in
// all directions, or elements of their hull, as where slots add up. A larger set
// has a vertex outside, a smaller one lacks a derivative. The directions are all
// signed orders of (1, 2, 3), which meet every cell of the kinks of at most three
// numbers that are compared with each other or with constants. For a Direction,
// whose set is a ball, the slot d/‖d‖ is compared with the point beside along d.
func checkSlots(t *rapid.T, op *expr.Op, e expr.Example) {
	rng := seeded(t)
	for i := 0; i < 20 && entries(e) > mostMoved; i++ {
		e = op.Sample(rng)
	}
	p := Single(t, op, e)
	if entries(e) > mostMoved || !regular(p) {
		return
	}
	g := newGerm(t, p.Func)
	kinks := g.kinks(p.Rats())
	if len(kinks) == 0 {
		return
	}
	directions := signedOrders(sizeOf(p.Func.Wrt()))
	if choices := g.combinations(kinks, mostChoices); choices != nil {
		g.requireEqualSets(p, choices, directions)
		return
	}
	for _, d := range directions {
		g.requireRadial(p, kinks, d)
	}
}

func entries(e expr.Example) (n int) {
	for _, s := range e.Shapes {
		n += s.Size()
	}
	return n
}

func (g *germ) requireEqualSets(p Program, choices [][][]*big.Rat, directions [][]*big.Rat) {
	declared := g.jacobians(p.Rats(), choices)
	var limits [][][]*big.Rat
	for _, d := range directions {
		near, ok := g.beside(p.Rats(), split(d, p.Func.Wrt()))
		if !ok {
			continue
		}
		require.True(g.t, g.contains(declared, near), "the derivative beside the point along %v is %v, which is no vertex of the slots' set %v", d, Strings(near), texts(declared))
		if !g.contains(limits, near) {
			limits = append(limits, near)
		}
	}
	for _, v := range declared {
		require.True(g.t, g.contains(limits, v) || g.inHull(limits, v), "the slots' set contains %v, but limits of derivatives nearby are only %v: it is larger than the Clarke set", Strings(v), texts(limits))
	}
}

// inHull reports whether no random functional separates x from the points, so
// it is never wrong about a point of the hull.
func (g *germ) inHull(points [][][]*big.Rat, x [][]*big.Rat) bool {
	rng := rand.New(rand.NewPCG(1, 15))
	for range 50 {
		phi := make([][]*big.Rat, len(x))
		for i, row := range x {
			for range row {
				phi[i] = append(phi[i], big.NewRat(rng.Int64N(2001)-1000, 1))
			}
		}
		least := DotRats(phi, x)
		least.Sub(least, new(big.Rat).Mul(g.slack, big.NewRat(1<<20, 1)))
		below := func(v [][]*big.Rat) bool { return DotRats(phi, v).Cmp(least) < 0 }
		if !slices.ContainsFunc(points, func(v [][]*big.Rat) bool { return !below(v) }) {
			return false
		}
	}
	return true
}

// requireRadial compares the derivative for the slot d/‖d‖ with the limit
// along d, up to the slack.
func (g *germ) requireRadial(p Program, kinks []ad.Kink, d []*big.Rat) {
	norm := 0.0
	for _, v := range d {
		f, _ := v.Float64()
		norm += float64(f * f)
	}
	length := new(big.Rat).SetFloat64(math.Sqrt(norm))
	slots := g.choose(kinks, func(k *ad.Kink) []*big.Rat { return scaled([][]*big.Rat{d}, length)[0][:len(k.Entries)] })
	near, ok := g.beside(p.Rats(), split(d, p.Func.Wrt()))
	here, okHere := g.jacobian(p.Rats(), slots)
	if ok && okHere {
		g.requireClose(near, flat(here), "the derivative beside the point along %v and that for the direction of it", d)
	}
}

// signedOrders returns all orders of 1, …, n with all signs.
func signedOrders(n int) (out [][]*big.Rat) {
	out = [][]*big.Rat{nil}
	for v := 1; v <= n; v++ {
		var next [][]*big.Rat
		for _, x := range out {
			for at := range len(x) + 1 {
				for _, sign := range []int64{1, -1} {
					y := append(append(append([]*big.Rat{}, x[:at]...), big.NewRat(sign*int64(v), 1)), x[at:]...)
					next = append(next, y)
				}
			}
		}
		out = next
	}
	return out
}
