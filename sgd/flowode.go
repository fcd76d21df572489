package sgd

import (
	"context"
	"errors"
	"math"
	"sort"

	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// The pair of J. R. Dormand and P. J. Prince ("A family of embedded Runge–Kutta formulae", J. Comput. Appl. Math. 6, 1980): nodes, stages (the
// last is the formula of order 5) and the difference to the formula of order 4; and the coefficients of the dense
// output of order 4 (E. Hairer, S. P. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. 1993, II.6).
var (
	rkNodes  = [7]float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1}
	rkStages = [7][6]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	}
	rkError = [7]float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}
	rkDense = [7]float64{
		-12715105075. / 11282082432, 0, 87487479700. / 32700410799, -10690763975. / 1880347072,
		701980252875. / 199316789632, -1453857185. / 822651844, 69997945. / 29380423,
	}
)

const (
	// rkSafety, rkShrink and rkGrow are the factor before the optimal step, and the bounds of its change.
	rkSafety, rkShrink, rkGrow = 0.9, 0.2, 5
	// rkFirst is the part of 1 + ‖y‖ by which the first step moves.
	rkFirst = 0.01
	// rkLeast is the shortest step in units of 1 + t.
	rkLeast = 0x1p-48
)

// errBlocked says that no step is short enough.
var errBlocked = errors.New("no step is short enough")

// stepper integrates ẏ = velocity(t, y) with error control.
type stepper struct {
	velocity func(t float64, y, dy []float64) error
	o        *FlowOptions
	t, h     float64 // h is 0 before the first step
	y, next  []float64
	k        [7][]float64
	fresh    bool // k[0] is the velocity at (t, y)
}

func newStepper(velocity func(t float64, y, dy []float64) error, o *FlowOptions, t float64, y []float64) *stepper {
	s := &stepper{velocity: velocity, o: o, t: t, y: y, next: make([]float64, len(y))}
	for i := range s.k {
		s.k[i] = make([]float64, len(y))
	}
	return s
}

// step makes one step, not beyond the horizon. Errors are those of the velocity or ctx, or errBlocked.
func (s *stepper) step(ctx context.Context, horizon float64) (segment, error) {
	if !s.fresh {
		if err := s.velocity(s.t, s.y, s.k[0]); err != nil {
			return segment{}, err
		}
		s.fresh = true
	}
	if s.h == 0 {
		s.h = rkFirst * (1 + kernel.Norm(s.y)) / (1 + kernel.Norm(s.k[0]))
	}
	for {
		if err := ctx.Err(); err != nil {
			return segment{}, err
		}
		h, end := min(s.h, s.o.MaxStep), false
		if s.t+h >= horizon {
			h, end = horizon-s.t, true
		}
		if !end && !(h > rkLeast*(1+s.t)) {
			return segment{}, errBlocked
		}
		size, err := s.try(h)
		if err != nil {
			return segment{}, err
		}
		if size <= 1 {
			return s.accept(h, size, end, horizon), nil
		}
		s.h = h * max(rkShrink, rkSafety*kernel.Pow(size, -.2))
		if end && !(s.h > rkLeast*(1+s.t)) {
			return segment{}, errBlocked
		}
	}
}

// try computes the stages of a step and returns its error in units of the tolerance, +Inf where something is undefined.
func (s *stepper) try(h float64) (size float64, err error) {
	for i := 1; i < 7; i++ {
		for j := range s.next {
			sum := 0.0
			for l := range i {
				sum += float64(rkStages[i][l] * s.k[l][j])
			}
			s.next[j] = s.y[j] + float64(h*sum)
		}
		err := s.velocity(s.t+float64(rkNodes[i]*h), s.next, s.k[i])
		if undefined := (*vm.NaNError)(nil); errors.As(err, &undefined) {
			return math.Inf(1), nil
		}
		if err != nil {
			return 0, err
		}
	}
	for j, y := range s.y {
		e := 0.0
		for i, c := range rkError {
			e += float64(c * s.k[i][j])
		}
		e = math.Abs(h*e) / (s.o.Absolute + float64(s.o.Relative*max(math.Abs(y), math.Abs(s.next[j]))))
		if !finite(e) || !finite(s.next[j]) {
			return math.Inf(1), nil
		}
		size = max(size, e)
	}
	return size, nil
}

// accept moves on and returns the dense output.
func (s *stepper) accept(h, size float64, end bool, horizon float64) segment {
	g := segment{start: s.t, h: h, end: s.t + h}
	if end {
		g.end = horizon
	}
	for i := range g.c {
		g.c[i] = make([]float64, len(s.y))
	}
	for j, y := range s.y {
		change := s.next[j] - y
		bend := float64(h*s.k[0][j]) - change
		dense := 0.0
		for i, c := range rkDense {
			dense += float64(c * s.k[i][j])
		}
		g.c[0][j], g.c[1][j], g.c[2][j] = y, change, bend
		g.c[3][j] = change - float64(h*s.k[6][j]) - bend
		g.c[4][j] = h * dense
	}
	s.t = g.end
	copy(s.y, s.next)
	s.k[0], s.k[6] = s.k[6], s.k[0]
	grow := float64(rkGrow)
	if size > 0 {
		grow = min(grow, max(rkShrink, rkSafety*kernel.Pow(size, -.2)))
	}
	if !end || grow < 1 {
		s.h = h * grow
	}
	return g
}

// segment is the dense output of one step, which is valid from start to end ≤ start + h.
type segment struct {
	start, h, end float64
	c             [5][]float64
}

// at writes as many entries of the state at time t as dst has.
func (g *segment) at(t float64, dst []float64) {
	u := (t - g.start) / g.h
	w := 1 - u
	for i := range dst {
		v := g.c[3][i] + float64(w*g.c[4][i])
		v = g.c[2][i] + float64(u*v)
		v = g.c[1][i] + float64(w*v)
		dst[i] = g.c[0][i] + float64(u*v)
	}
}

// slope is the derivative of at.
func (g *segment) slope(t float64, dst []float64) {
	u := (t - g.start) / g.h
	w := 1 - u
	for i := range dst {
		v, dv := g.c[3][i]+float64(w*g.c[4][i]), -g.c[4][i]
		v, dv = g.c[2][i]+float64(u*v), v+float64(u*dv)
		v, dv = g.c[1][i]+float64(w*v), -v+float64(w*dv)
		dst[i] = (v + float64(u*dv)) / g.h
	}
}

// segmentAt is the last segment that starts at t or before.
func segmentAt(segments []segment, t float64) int {
	return max(sort.Search(len(segments), func(i int) bool { return segments[i].start > t })-1, 0)
}
