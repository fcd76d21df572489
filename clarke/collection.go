package clarke

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"time"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
)

// Minimality is a verdict on a point as a local minimum.
type Minimality string

// The verdicts: a local minimum is proved cell by cell in rationals, for programs
// that are piecewise affine near the point; a point that is none by a direction
// of descent, in rationals or up to rounding.
const (
	LocalMinimum      Minimality = "local minimum"
	NotLocalMinimum   Minimality = "not a local minimum"
	UnknownMinimality Minimality = "unknown"
)

// collection gathers limiting gradients.
type collection struct {
	a     *Analyzer
	g     *germ
	found []Certificate
	seen  map[string]bool // gradients found, by their keys
	cells int

	scalar  bool
	descent Vector // of f, if some cell has one
}

func newCollection(a *Analyzer, g *germ, scalar bool) *collection {
	return &collection{a: a, g: g, seen: map[string]bool{}, scalar: scalar}
}

// enumerate goes through all cells; stopped says why it did not.
func (c *collection) enumerate(ctx context.Context) (stopped string, err error) {
	s := &search{g: c.g, ctx: ctx, most: c.budget(), leaf: c.leaf, sought: c.sought}
	_, err = s.run()
	c.cells = s.leaves
	return s.stopped, err
}

// budget is the number of cells that are looked at.
func (c *collection) budget() int {
	if c.a.o.Cells > 0 {
		return c.a.o.Cells
	}
	numbers := (len(c.g.live) + 1) * c.g.size * max(len(c.g.lin.Output), 1)
	return max(1, min(defaultCells, coefficients/numbers))
}

func (c *collection) leaf(v Vector, cell *Cone) error {
	c.keep(v, cell.vector)
	if !c.scalar || c.descent.Float != nil {
		return nil
	}
	return c.descend(v, cell)
}

// sought reports whether a gradient is new, and whether a direction of descent in a cell
// with this gradient is wanted: there is none if the gradient is 0.
func (c *collection) sought(v Vector) (isNew, falls bool) {
	return !c.seen[key(v)], c.scalar && c.descent.Float == nil && !v.IsZero()
}

// keep adds a gradient that is new.
func (c *collection) keep(v Vector, direction func() Vector) {
	k := key(v)
	if c.seen[k] {
		return
	}
	c.seen[k] = true
	c.found = append(c.found, Certificate{v, direction()})
}

// key tells vectors apart: by their bits if the floats say all, else by the
// rationals.
func key(v Vector) string {
	out := make([]byte, 0, 8*len(v.Float))
	if !v.isRounded() {
		for _, x := range v.Exact {
			out = append(x.Num().Append(out, 62), '/')
			out = append(x.Denom().Append(out, 62), ' ')
		}
		return string(out)
	}
	for _, x := range v.Float {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x+0))
	}
	return string(out)
}

// descend looks for a direction of the cell along which f decreases, as it does
// for some if the open cone {d in the cell : ⟨v, d⟩ < 0} is not empty.
func (c *collection) descend(v Vector, cell *Cone) error {
	if v.IsZero() {
		return nil
	}
	return cell.Within([]Vector{negated(v)}, func() error {
		c.descent = cell.vector()
		return nil
	})
}

// draw adds limiting gradients along random directions.
func (c *collection) draw(ctx context.Context, rational bool) error {
	rng := c.draws()
	for range c.a.o.Directions {
		if ctx.Err() != nil && len(c.found) > 0 {
			return nil
		}
		if err := c.drawOne(rng, rational); err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) draws() *rand.Rand {
	return rand.New(rand.NewPCG(c.a.o.Seed, directionStream))
}

// drawOne takes a rational direction if asked to and kinks are decided so.
func (c *collection) drawOne(rng *rand.Rand, rational bool) error {
	for range redraws {
		d := randomDirection(rng, c.g.size, rational && c.g.exact)
		if v, settled := c.g.along(d); settled {
			c.along(v, d)
			return nil
		}
	}
	return ErrDirections
}

// along adds a gradient that is the limit along d.
func (c *collection) along(v, d Vector) {
	c.cells++
	c.keep(v, func() Vector { return d })
	if c.scalar && c.descent.Float == nil && prefers(d, []Vector{negated(v)}) {
		c.descent = d
	}
}

// alone gives one limiting gradient without a linearisation, by an Element, if
// there is a gradient and it can be had.
func (s *Subdifferential) alone(ctx context.Context, a *Analyzer, x Point) error {
	e, err := NewElement(a.f)
	if err != nil {
		return nil
	}
	c := newCollection(a, nil, true)
	v, d, err := e.At(x, c.draws())
	if err != nil {
		return nil
	}
	c.along(v, d)
	if s.Cells = c.cells; v.Exact == nil {
		s.Arithmetic = "float64"
	}
	return s.conclude(ctx, a, c, x)
}

// directionStream keeps the draws of directions apart from those of other users
// of the same seed.
const directionStream = 0x64697265

// randomDirection draws integers, or Gaussian numbers in float64.
func randomDirection(rng *rand.Rand, n int, rational bool) Vector {
	if !rational {
		d := make([]float64, n)
		random.Normals(d, 1, rng)
		return Floats(d)
	}
	d := make([]*big.Rat, n)
	for i := range d {
		d[i] = new(big.Rat).SetInt64(rng.Int64N(2*integerRange+1) - integerRange)
	}
	return Rational(d)
}

// grace is how long a search that has to stop may take to sum up what it found.
const grace = 40 * time.Millisecond

// graced is a context that ends a little later.
func graced(ctx context.Context) (later context.Context, stop func()) {
	later, end := context.WithCancelCause(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, func() { time.AfterFunc(grace, func() { end(context.Cause(ctx)) }) })
	return later, func() { unwatch(); end(nil) }
}

// conclude makes the set of the gradients found, and answers the questions.
func (s *Subdifferential) conclude(ctx context.Context, a *Analyzer, c *collection, x Point) error {
	if len(c.found) == 0 {
		return nil
	}
	found := c.found
	if !s.Complete && !s.Round {
		found = found[:min(len(found), keptAtEnd)]
	}
	ctx, stop := graced(ctx)
	defer stop()
	zero, err := s.span(ctx, found)
	switch {
	case err != nil && ctx.Err() == nil:
		return err
	case err != nil && s.Exact && !s.Round:
		s.Exact, s.Why = false, "the search for extreme points of what was found ended: "+context.Cause(ctx).Error()
	}
	switch {
	case zero:
		s.ContainsZero = Yes
	case s.Exact && !s.Round:
		s.ContainsZero = No
	}
	return s.judge(a, c, x)
}

// span makes the hull of gradients, and reports whether 0 is in it. If the context
// ends, its error comes with a smaller hull.
func (s *Subdifferential) span(ctx context.Context, found []Certificate) (zero bool, err error) {
	points := make([]Vector, len(found))
	var directions [][]float64 // of gradients: of the cell, or of another one, each is the end along some
	for i, f := range found {
		points[i] = f.Vertex
		if s.Outputs == 1 {
			directions = append(directions, f.Direction.Float)
		}
	}
	vertices, index, err := extremeAlong(ctx, points, directions)
	if len(vertices) == 0 {
		return false, err
	}
	s.Vertices = vertices
	for _, i := range index {
		s.Certificates = append(s.Certificates, found[i])
	}
	m, failed := MinNormContext(ctx, vertices)
	s.MinNorm, s.Distance = m.Point, m.Distance
	return m.IsZero(), errors.Join(err, failed)
}

// keptAtEnd is how many gradients span the inner bound when a budget is used up.
const keptAtEnd = 128

// judge decides whether x is a local minimum.
func (s *Subdifferential) judge(a *Analyzer, c *collection, x Point) error {
	if s.Outputs != 1 {
		return nil
	}
	if s.ContainsZero == No {
		s.Minimality, s.Descent = NotLocalMinimum, negated(s.MinNorm)
		return nil
	}
	if c.descent.Float != nil {
		s.Minimality, s.Descent = NotLocalMinimum, c.descent
		return nil
	}
	if s.Exact && s.Complete && s.Arithmetic == "rational" {
		class, err := classAt(a.f, x)
		if err != nil {
			return err
		}
		if class.Kind <= expr.PiecewiseAffine {
			s.Minimality = LocalMinimum
		}
	}
	return nil
}
