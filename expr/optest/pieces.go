package optest

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// CheckPieces holds the switches of a piecewise affine program against its
// values: between two points where all switches have the same signs and orders,
// just after the first and at the second, the program is affine, f(y) − f(x) =
// J(y)(y − x) exactly. With the first point on a kink that says that both sides
// of the kink agree in value there. Programs with ops that jump are passed over.
func CheckPieces(t *rapid.T, p Program) {
	g := newGerm(t, p.Func)
	if mayJump(p.Func) || !g.isAffine() {
		return
	}
	x, d := p.Rats(), AllToRats(PointsFor(t, p.Func.Wrt(), "d"))
	far := TwoTo(-rapid.IntRange(-1, 6).Draw(t, "distance"))
	y, beside := g.moved(x, far, d), g.moved(x, g.step, d)
	signs, sure := g.signature(y)
	if first, surely := g.signature(beside); !sure || !surely || first != signs {
		return
	}
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "slots"), 8))
	slots := g.choose(g.kinks(y), func(k *ad.Kink) []*big.Rat { return anywhere(k, rng) })
	here, _, _ := g.run(x, zerosFor(p.Func.Wrt()), zerosFor(g.open.Slots()))
	there, slope, _ := g.run(y, d, slots)
	g.requireClose(difference(there, here), scaled(slope, new(big.Rat).Inv(far)), "f(y) − f(x) and J(y − x), with no switch crossed")
}

func mayJump(f *expr.Func) bool {
	return slices.ContainsFunc(f.Nodes(), func(n expr.Node) bool { return n.Op().Regular != nil })
}

// signature tells on which side of every kink the point is: signs of switches,
// and orders of entries. It is not sure where a switch depends on a slot.
func (g *germ) signature(x [][]*big.Rat) (text string, sure bool) {
	value, fault := Rationals(g.open, Join(x, zerosFor(g.f.Wrt()), zerosFor(g.open.Slots()))...)
	other, _ := Rationals(g.open, Join(x, zerosFor(g.f.Wrt()), onesFor(g.open.Slots()))...)
	var b strings.Builder
	for _, n := range g.open.Slots() {
		s, _ := n.Slot()
		key := s.Keys()[0]
		z := value[key]
		for i, v := range other[key] {
			if v.Cmp(z[i]) != 0 {
				return "", false
			}
		}
		if s.Kind == expr.StepSlot {
			for _, v := range z {
				fmt.Fprint(&b, v.Sign(), " ")
			}
			continue
		}
		for row := range slices.Chunk(z, key.Shape().Dim(-1)) {
			for i, v := range row {
				for _, w := range row[:i] {
					fmt.Fprint(&b, v.Cmp(w), " ")
				}
			}
		}
	}
	return b.String(), !fault.Set
}

func onesFor(nodes []expr.Node) [][]*big.Rat {
	out := zerosFor(nodes)
	for _, row := range out {
		for j := range row {
			row[j] = one
		}
	}
	return out
}
