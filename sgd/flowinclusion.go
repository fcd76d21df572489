package sgd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const (
	// mostStill bounds the events at one time.
	mostStill = 20
	// flowChords bounds the steps back to a manifold.
	flowChords = 8
	// flowDrift is how far such steps lead at most, in units of the tolerance of kinks and relative to 1 and the size of x.
	flowDrift = 1 << 10
	// beyond is the |z|, in units of FlowOptions.Kink, from which on a switch on the wrong side is no rounding.
	beyond = 1.25
	// sameVelocity is the change of velocity, in units of 1 plus it, up to which a kink changes nothing.
	sameVelocity = 1e-9
)

// solution is a Flow on its way.
type solution struct {
	ctx context.Context
	*Flow
	y       []float64 // the state
	now     float64
	horizon float64
	mode    mode
	t       *Trajectory
}

// solve goes on until something ends the trajectory.
func (s *solution) solve() (err error) {
	defer func() {
		s.t.End, s.t.last = s.now, slices.Clone(s.x())
		if s.ctx.Err() != nil {
			s.t.Status, s.t.Reason, err = Cancelled, "the context ended: "+context.Cause(s.ctx).Error(), nil
		}
	}()
	still, last := 0, math.Inf(-1)
	for entered := 0; s.t.Status == ""; entered++ {
		if still++; s.now > last+float64(rkLeast*(1+s.now)) {
			still, last = 0, s.now
		}
		if entered > s.o.Events || still > mostStill {
			return s.end(TooManyEvents, "the switches changed %d times, the last %d at time %v", entered, still, s.now)
		}
		if err := s.enter(entered == 0); err != nil || s.t.Status != "" {
			return err
		}
		if err := s.follow(); err != nil {
			return err
		}
	}
	return nil
}

// end sets the status.
func (s *solution) end(status FlowStatus, format string, args ...any) error {
	s.t.Status, s.t.Reason = status, fmt.Sprintf(format, args...)
	return nil
}

func (s *solution) x() []float64 { return s.y[:s.pieces.n] }

// enter decides how the solution goes on from here.
func (s *solution) enter(first bool) error {
	distance := 0.0
	if s.clarke != nil {
		known, err := s.known()
		if err != nil || s.t.Status != "" {
			return err
		}
		distance = known.Distance
	}
	cells, complete, err := s.pieces.cells(s.ctx, s.x(), s.o.Kink, s.o.Pieces)
	if err != nil {
		return err
	}
	if !complete {
		return s.end(Undecided, "more than %d pieces meet", s.o.Pieces)
	}
	d, next, err := s.steepest(cells)
	if err != nil {
		return err
	}
	if s.clarke != nil && !(kernel.Norm(d) > s.o.Critical) {
		return s.end(Undecided, "no piece is found that decreases f, though the distance from 0 to ∂f(x) is %.3g", distance)
	}
	if !first {
		if err := s.record(next, d, distance); err != nil {
			return err
		}
	}
	s.mode = next
	return s.restore(s.x())
}

// known asks for ∂f(x), and ends the solution if x is critical.
func (s *solution) known() (*clarke.Subdifferential, error) {
	known, err := s.clarke.At(s.ctx, clarke.FloatPoint(s.inputs()...))
	var unknown *ad.SwitchError
	if errors.As(err, &unknown) {
		return nil, s.end(Undecided, "∂f(x) is not known: %v", err)
	}
	if err != nil {
		return nil, err
	}
	if known.Refused != "" {
		return known, s.end(NotLipschitz, "%s", known.Refused)
	}
	if known.Distance <= s.o.Critical {
		s.t.Critical = known
		return known, s.end(ReachedCritical, "the distance from 0 to ∂f(x) is %.3g", known.Distance)
	}
	return known, nil
}

// inputs is x by inputs of the program.
func (s *solution) inputs() (in [][]float64) {
	x := slices.Clone(s.x())
	for _, size := range s.pieces.sizes {
		if len(x) == 0 {
			break
		}
		in = append(in, x[:size])
		x = x[size:]
	}
	return in
}

// record notes an event, if it changes anything.
func (s *solution) record(next mode, after []float64, distance float64) error {
	before := make([]float64, s.pieces.n)
	if len(s.t.segments) > 0 {
		g := &s.t.segments[len(s.t.segments)-1]
		g.slope(g.end, before)
	}
	jump := slices.Clone(after)
	addScaled(jump, -1, before)
	same := slices.Equal(next.manifold, s.mode.manifold)
	if same && kernel.Norm(jump) <= sameVelocity*(1+kernel.Norm(after)) {
		return nil
	}
	e := FlowEvent{Time: s.now, X: slices.Clone(s.x()), Kind: Crossing, Before: before, After: after, Distance: distance}
	switch {
	case len(next.manifold) > 0:
		e.Kind = Sliding
	case len(s.mode.manifold) > 0:
		e.Kind = Leaving
	}
	for _, i := range next.manifold {
		e.Manifold = append(e.Manifold, s.pieces.names[i])
	}
	s.t.Events = append(s.t.Events, e)
	return nil
}

// restore moves x to the manifold by chords. It mends what rounding and steps leave: a
// move that leads away from the manifold, or far, as where rows are almost dependent, is
// taken back.
func (s *solution) restore(x []float64) error {
	if len(s.mode.manifold) == 0 {
		return nil
	}
	var span *rowSpan
	var basis []int
	var off []float64
	size, before, start := math.Inf(1), slices.Clone(x), slices.Clone(x)
	most := flowDrift * s.o.Kink * (1 + kernel.Norm(start))
	for range flowChords + 1 {
		at, err := s.pieces.at(x, s.mode.signs)
		if err != nil {
			return err
		}
		if span == nil {
			span, basis = s.manifoldSpan(at)
			off = make([]float64, len(basis))
		}
		for k, i := range basis {
			off[k] = at.z[i]
		}
		last := size
		if size = kernel.Norm(off); !(size > 0) || !(size < last/2) {
			if !(size <= last) {
				copy(x, before)
			}
			return nil
		}
		copy(before, x)
		span.solve(x, off)
		moved := slices.Clone(x)
		if addScaled(moved, -1, start); !(kernel.Norm(moved) <= most) {
			copy(x, start)
			return nil
		}
	}
	copy(x, before) // the last move has not been looked at
	return nil
}

// manifoldSpan is the normal space of the manifold, and the switches that span it.
func (s *solution) manifoldSpan(at pieceAt) (span *rowSpan, basis []int) {
	span = &rowSpan{}
	for _, i := range s.mode.manifold {
		if span.add(at.rows[i]) {
			basis = append(basis, i)
		}
	}
	return span, basis
}

// velocity is that of the mode: on a manifold, minus the tangential part of the gradient, which all pieces have in common.
func (s *solution) velocity(t float64, y, dy []float64) error {
	at, err := s.pieces.at(y[:s.pieces.n], s.mode.signs)
	if err != nil {
		return err
	}
	if len(s.mode.manifold) > 0 {
		span, _ := s.manifoldSpan(at)
		span.project(at.gradient)
	}
	s.system.velocity(t, y, at.gradient, dy)
	return nil
}

// holds reports whether the mode is right at x: σᵢzᵢ ≥ floors[i] off the manifold, and z is 0 on it.
func (s *solution) holds(x, floors []float64) (bool, error) {
	at, err := s.pieces.at(x, s.mode.signs)
	if err != nil {
		return false, err
	}
	for i, z := range at.z {
		if slices.Contains(s.mode.manifold, i) {
			if !(math.Abs(z) <= beyond*s.o.Kink) {
				return false, nil
			}
		} else if !(s.mode.signs[i]*z >= floors[i]) { // or NaN
			return false, nil
		}
	}
	if len(s.mode.manifold) == 0 {
		return true, nil
	}
	return s.weighted(x, at)
}

// weighted reports whether the tangential part of the gradient is a convex combination of those of the pieces at x, which
// is then the one of smallest norm.
func (s *solution) weighted(x []float64, at pieceAt) (bool, error) {
	span, _ := s.manifoldSpan(at)
	tangential := slices.Clone(at.gradient)
	span.project(tangential)
	size := 0.0
	differences := make([][]float64, len(s.mode.pieces))
	for k, signs := range s.mode.pieces {
		piece, err := s.pieces.at(x, signs)
		if err != nil {
			return false, err
		}
		size = max(size, kernel.Norm(piece.gradient))
		differences[k] = piece.gradient
		addScaled(differences[k], -1, tangential)
	}
	m, err := convex.MinNorm(differences)
	return m.Norm <= float64(s.o.Weight*(1+size)), err
}
