package deep

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// memory is a network of the form Σⱼ wⱼ relu(⟨a, x⟩ − bⱼ) for given points.
type memory struct {
	f                *expr.Func     // outputs and the loss
	outputs          *exact.Program // for all points: parameters a, b, w
	gradient         *exact.Program
	points           [][]*big.Rat
	order            []int // of the points along a
	a, thresholds, t []*big.Rat
	solve            interpolation
}

// errSame says that two points are equal, or nearly so.
var errSame = errors.New("no direction tells the points apart: they must differ")

func newMemory(points [][]*big.Rat, d int, rng *rand.Rand, solve interpolation) (*memory, error) {
	const draws = 1000
	m := &memory{points: points, solve: solve}
	for range draws {
		a := make([]*big.Rat, d)
		for j := range a {
			a[j] = big.NewRat(int64(rng.IntN(201)-100), 1)
		}
		if m.along(a) {
			return m, m.compile(d)
		}
	}
	return nil, errSame
}

// along sorts the points along a and puts thresholds between them; it tells whether all differ.
func (m *memory) along(a []*big.Rat) bool {
	at := make([]*big.Rat, len(m.points))
	m.order = make([]int, len(m.points))
	for i, x := range m.points {
		m.order[i], at[i] = i, new(big.Rat)
		for j, v := range x {
			at[i].Add(at[i], new(big.Rat).Mul(a[j], v))
		}
	}
	slices.SortFunc(m.order, func(i, j int) int { return at[i].Cmp(at[j]) })
	m.a, m.t, m.thresholds = a, nil, nil
	for k, i := range m.order {
		b := new(big.Rat).Sub(at[i], big.NewRat(1, 1))
		if k > 0 {
			b = new(big.Rat).Add(m.t[k-1], at[i])
			b.Mul(b, big.NewRat(1, 2))
			if m.t[k-1].Cmp(at[i]) == 0 {
				return false
			}
		}
		m.t, m.thresholds = append(m.t, at[i]), append(m.thresholds, b)
	}
	return true
}

// compile builds the network for all points, and the gradient of ½Σ(f(xᵢ) − yᵢ)².
func (m *memory) compile(d int) error {
	n := len(m.points)
	g := expr.NewGraph()
	a, b, w := g.Param("a", d), g.Param("b", n), g.Param("w", n)
	x, y := g.Data("x", n, d), g.Data("y", n)
	hidden := expr.ReLU(expr.Sub(expr.MatMul(x, expr.Reshape(a, d, 1)), b))
	out := expr.Reshape(expr.MatMul(hidden, expr.Reshape(w, n, 1)), n)
	rest := expr.Sub(out, y)
	f, err := g.Func(expr.In(a, b, w, x), expr.Out(out))
	if err != nil {
		return err
	}
	if m.outputs, err = exact.Compile(f); err != nil {
		return err
	}
	if m.f, err = g.Func(expr.In(a, b, w, x, y), expr.Out(expr.Scale(0.5, expr.Dot(rest, rest)))); err != nil {
		return err
	}
	open, err := ad.Gradient(m.f)
	if err != nil {
		return err
	}
	wired, err := ad.Wire(open, ad.AtKink(0))
	if err != nil {
		return err
	}
	m.gradient, err = exact.Compile(wired)
	return err
}

// weights counts the parameters.
func (m *memory) weights() (count int) {
	for _, p := range m.f.Wrt() {
		count += p.Shape().Size()
	}
	return count
}

// fit solves for labels and counts outputs that are wrong, and entries of the gradient that are
// not 0 or units that are at their kinks.
func (m *memory) fit(labels []*big.Rat) (wrong, slopes int, err error) {
	var y, x []*big.Rat
	for _, i := range m.order {
		y = append(y, labels[i])
	}
	for _, p := range m.points {
		x = append(x, p...)
	}
	w := m.solve(m.t, m.thresholds, y)
	out, err := m.outputs.Run(m.a, m.thresholds, w, x)
	if err != nil {
		return 0, 0, err
	}
	g, err := m.gradient.Run(m.a, m.thresholds, w, x, labels)
	if err != nil {
		return 0, 0, err
	}
	for _, v := range g[1:] {
		slopes += differing(v, zeros(len(v)))
	}
	for _, t := range m.t {
		for _, b := range m.thresholds {
			if t.Cmp(b) == 0 {
				slopes++
			}
		}
	}
	return differing(out[0], labels), slopes, nil
}

// interpolate solves the triangular system Σⱼ wⱼ max(tᵢ − bⱼ, 0) = yᵢ.
func interpolate(t, b, y []*big.Rat) []*big.Rat {
	w := zeros(len(t))
	for i := range t {
		rest := new(big.Rat).Set(y[i])
		for j := range i {
			rest.Sub(rest, new(big.Rat).Mul(w[j], new(big.Rat).Sub(t[i], b[j])))
		}
		w[i] = rest.Quo(rest, new(big.Rat).Sub(t[i], b[i]))
	}
	return w
}
