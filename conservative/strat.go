package conservative

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// strata finds the strata of a program's kinks. Near a point in general position
// on it, the stratum of the kinks that are active there is where the keys of the
// selectors satisfy the same equations: a Step's key is 0, the tied entries of a
// Rank or a Permutation are equal, a Direction's row is 0. Along it the switches are
// differentiable whatever kinks before them choose, since those are active too: so
// its tangent space is the null space of their gradients for any choice.
//
// The comparisons of a foreign rule have strata, too: it may be wrong at ties of its
// own that are no kinks of the program.
type strata struct {
	finder *ad.Finder
	near   *ad.Finder // finds kinks within the tolerance too
	tol    *big.Rat
	slots  map[*expr.Slot]int // position among the keys
	keys   *twofold           // first keys of all selectors, then switches of the rule; nil if there are none
	rows   *twofold           // the keys and their adjoint
	nodes  []expr.Node        // of the keys
}

// component is an equation z = 0 of a stratum: z is entry i of a key, minus entry j
// of it if j is not negative.
type component struct{ key, i, j int }

// kinkBlock is what makes one kink active: entries of a key that are 0, or that tie.
type kinkBlock struct {
	key     int
	entries []int
	tied    bool
}

// components returns the equations of a block.
func (b *kinkBlock) components() []component {
	var out []component
	for _, i := range b.entries {
		switch {
		case !b.tied:
			out = append(out, component{b.key, i, -1})
		case i != b.entries[0]:
			out = append(out, component{b.key, i, b.entries[0]})
		}
	}
	return out
}

// newStrata prepares the strata of f and of the comparisons in a gradient of it, with
// the tolerance for those of the point.
func newStrata(f, gradient *expr.Func, tol float64) (*strata, error) {
	own, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	s := &strata{slots: map[*expr.Slot]int{}, tol: ratOf(tol)}
	if s.finder, err = ad.NewFinder(own); err != nil {
		return nil, err
	}
	if s.near = s.finder; tol > 0 {
		within, err := ad.Wire(own, ad.Within(tol))
		if err != nil {
			return nil, err
		}
		if s.near, err = ad.NewFinder(within); err != nil {
			return nil, err
		}
	}
	var keys []expr.Node
	for _, n := range own.Slots() {
		slot, _ := n.Slot()
		s.slots[slot] = len(keys)
		keys = append(keys, slot.Keys()[0])
	}
	keys = append(keys, comparisons(f, gradient)...)
	if s.nodes = keys; len(keys) == 0 {
		return s, nil
	}
	return s, s.compile(f)
}

// comparisons returns the switches of a gradient that are no selectors.
func comparisons(f, gradient *expr.Func) []expr.Node {
	var out []expr.Node
	order := gradient.Order()
	for i, depends := range order.Depends(f.Wrt()) {
		switch n := order.Node(i); n.Op().Name {
		case "where", "compare", "sign":
			if z := n.Args()[0]; depends && !slices.Contains(out, z) {
				out = append(out, z)
			}
		}
	}
	return out
}

func (s *strata) compile(f *expr.Func) error {
	z, err := f.Graph().Func(expr.In(f.In()...), expr.Out(s.nodes...))
	if err != nil {
		return err
	}
	if z, err = ad.Wire(z, ad.AtSlot(0.5)); err != nil {
		return err
	}
	if s.keys, err = compileTwofold(z); err != nil {
		return err
	}
	rows, err := ad.Backward(z)
	if err != nil {
		return err
	}
	if rows, err = ad.Wire(rows, ad.AtSlot(0.5)); err != nil {
		return err
	}
	s.rows, err = compileTwofold(rows)
	return err
}

// isExact reports whether all switches have rational values and gradients.
func (s *strata) isExact() bool {
	return s.keys == nil || s.keys.exact != nil && s.rows.exact != nil
}

// active returns the kinks of f that are active at p, and the blocks of those and
// of the rule's comparisons.
func (t *curveTester) active(p []*big.Rat) (kinks []ad.Kink, blocks []kinkBlock, err error) {
	return t.activeWithin(p, t.strata.finder, new(big.Rat))
}

// activeWithin is active for kinks that the finder finds, and comparisons within tol
// of 0.
func (t *curveTester) activeWithin(p []*big.Rat, finder *ad.Finder, tol *big.Rat) (kinks []ad.Kink, blocks []kinkBlock, err error) {
	s := t.strata
	if s.keys == nil {
		return nil, nil, nil
	}
	if kinks, err = t.find(finder, p); err != nil {
		return nil, nil, err
	}
	for i := range kinks {
		k := &kinks[i]
		tied := k.Slot.Kind == expr.RankSlot || k.Slot.Kind == expr.PermutationSlot
		blocks = append(blocks, kinkBlock{s.slots[k.Slot], k.Members(), tied})
	}
	if len(s.nodes) == len(s.slots) {
		return kinks, blocks, nil
	}
	keys, err := t.run(s.keys, t.at(p)...)
	if err != nil {
		return nil, nil, err
	}
	for k := len(s.slots); k < len(keys); k++ {
		for i, z := range keys[k] {
			if new(big.Rat).Abs(z).Cmp(tol) <= 0 {
				blocks = append(blocks, kinkBlock{k, []int{i}, false})
			}
		}
	}
	return kinks, blocks, nil
}

// ties lists the comparisons of the rule that are 0 at a site.
func (t *curveTester) ties(s *site) (out []expr.Node) {
	for _, c := range s.of {
		if n := t.strata.nodes[c.key]; c.key >= len(t.strata.slots) && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func (t *curveTester) find(finder *ad.Finder, p []*big.Rat) ([]ad.Kink, error) {
	if t.exactly {
		return finder.AtExact(t.at(p)...)
	}
	return finder.At(clarke.RationalPoint(t.at(p)...).Floats()...)
}

// findBlocks finds what is active at the point of the tester. Tolerances are for
// float64.
func (t *curveTester) findBlocks() (err error) {
	at := t
	if t.o.Tol > 0 {
		at = t.rounded()
	}
	_, t.blocks, err = at.activeWithin(at.x, at.strata.near, at.strata.tol)
	return err
}

// residual returns the values of the components at p.
func (t *curveTester) residual(p []*big.Rat, of []component) ([]*big.Rat, error) {
	if len(of) == 0 {
		return nil, nil
	}
	keys, err := t.run(t.strata.keys, t.at(p)...)
	if err != nil {
		return nil, err
	}
	z := make([]*big.Rat, len(of))
	for k, c := range of {
		z[k] = keys[c.key][c.i]
		if c.j >= 0 {
			z[k] = new(big.Rat).Sub(z[k], keys[c.key][c.j])
		}
	}
	return z, nil
}

// inside reports whether all components are 0 at p.
func (t *curveTester) inside(p []*big.Rat, of []component) bool {
	z, err := t.residual(p, of)
	return err == nil && !slices.ContainsFunc(z, func(v *big.Rat) bool { return v.Sign() != 0 })
}

// roundedRow is the relative size, in a row of derivatives, up to which rounding may
// leave an entry that is 0.
var roundedRow = ratPower(-40)

// equations returns the linear equations ⟨∇z, v⟩ = −z of the components at p, with
// z as given; nil stands for 0.
func (t *curveTester) equations(p []*big.Rat, of []component, z []*big.Rat) (*echelon, error) {
	e := &echelon{columns: len(p), tiny: new(big.Rat)}
	if !t.exactly {
		e.tiny = roundedRow
	}
	in := t.at(p)
	for k, c := range of {
		ct := make([][]*big.Rat, len(t.strata.nodes))
		for i, n := range t.strata.nodes {
			ct[i] = ratZeros(n.Shape().Size())
		}
		ct[c.key][c.i] = big.NewRat(1, 1)
		if c.j >= 0 {
			ct[c.key][c.j] = big.NewRat(-1, 1)
		}
		out, err := t.run(t.strata.rows, slices.Concat(in, ct)...)
		if err != nil {
			return nil, err
		}
		right := new(big.Rat)
		if z != nil {
			right.Neg(z[k])
		}
		e.add(slices.Concat(out[len(ct):]...), right)
	}
	return e, nil
}
