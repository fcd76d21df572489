package descent

import (
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// slide is a run of manifold. The kkt's v is (x, τ).
type slide struct {
	*run
	*kkt
	at, next *point
	active   []int
	span     *frame    // of the ∇zᵢ for active i, in their order
	adjoints []float64 // cᵢ, in the same order
	region   float64   // radius, in units of 1 + ‖x‖
}

func newSlide(r *run, l *lockedProgram, at *point) *slide {
	return &slide{run: r, kkt: &kkt{lockedProgram: l, ctx: r.ctx}, at: at, next: newPoint(l.n), region: firstRegion}
}

// descend goes on until something ends it.
func (s *slide) descend() error {
	signs, err := s.signs(s.at.x)
	if err != nil {
		return err
	}
	s.v = slices.Concat(s.at.x, signs)
	if err := s.guess(); err != nil {
		return err
	}
	for {
		if err := s.multipliers(); err != nil {
			return err
		}
		g := slices.Clone(s.system[:s.n])
		s.span.project(g)
		if i := s.worst(kernel.Norm(g)); i >= 0 {
			s.release(i)
			continue
		}
		stalled := s.step(g)
		if err := s.ended(stalled); err != nil {
			return err
		}
		if stalled == nil {
			continue
		}
		if moved, err := s.sides(); err != nil {
			return err
		} else if !moved {
			return stalled
		}
	}
}

// look asks the locked program at v. Its Jacobian costs as much as a gradient for each row, and counts as that many calls.
func (s *slide) look() (err error) {
	rows := s.n + s.s
	if err := s.allow(rows); err != nil {
		return err
	}
	s.count(rows)
	s.system, s.jacobian, err = s.kkt.at(s.v)
	if err == nil && !finite(s.system) {
		return &stop{Stalled, "A derivative is undefined at the point."}
	}
	return err
}

// count counts calls that the oracle does not see.
func (s *slide) count(calls int) {
	s.result.Calls += calls
	if f, ok := s.f.(Counting); ok {
		f.Count(calls)
	}
}

// guess makes the kinks near the start active, as many as let x move to their manifold without f rising.
func (s *slide) guess() error {
	if err := s.look(); err != nil {
		return err
	}
	for radius := nearManifold; radius > nearestManifold; radius /= 10 {
		s.activate(s.within(radius))
		if len(s.active) == 0 {
			return nil
		}
		if err := s.restore(s.at.x); err != nil {
			return err
		}
		if s.next.f <= s.at.f+float64(rounding*(1+math.Abs(s.at.f))) {
			return s.take()
		}
	}
	s.activate(nil)
	return nil
}

// within lists the switches whose kinks are about as near as that.
func (s *slide) within(radius float64) (near []int) {
	for i := range s.s {
		if math.Abs(s.system[s.n+i]) <= float64(radius*kernel.Norm(s.normal(i))) {
			near = append(near, i)
		}
	}
	return near
}

// normal is ∇zᵢ.
func (s *slide) normal(i int) []float64 { return s.jacobian[s.n+i][:s.n] }

// activate makes switches active, except those that depend on others before.
func (s *slide) activate(set []int) {
	s.span, s.active = &frame{}, nil
	for _, i := range set {
		if s.span.add(s.normal(i)) {
			s.active = append(s.active, i)
		}
	}
}

// restore asks next, which is x moved to the manifold by chords. Its value is +Inf where they fail.
func (s *slide) restore(x []float64) error {
	copy(s.next.x, x)
	size := 0.0
	for chord, before := 0, math.Inf(1); chord < mostChords && len(s.active) > 0 && finite(s.next.x); chord++ {
		if err := s.allow(1); err != nil {
			return err
		}
		s.count(1)
		z, err := s.values(s.next.x)
		if err != nil {
			return err
		}
		off := pick(z, s.active)
		size = kernel.Norm(off)
		if !(size < before/2) {
			break
		}
		move(s.next.x, s.next.x, -1, s.span.preimage(off, s.n))
		before = size
	}
	if !finite(s.next.x) || !(size <= float64(offManifold*(1+kernel.Norm(s.next.x)))) {
		s.next.f = math.Inf(1)
		return nil
	}
	return s.next.ask(s.run)
}

// take moves to next. Switches that are not active get their signs there.
func (s *slide) take() error {
	s.at, s.next = s.next, s.at
	copy(s.v, s.at.x)
	signs, err := s.signs(s.at.x)
	if err != nil {
		return err
	}
	for i, sign := range signs {
		if !slices.Contains(s.active, i) {
			s.v[s.n+i] = sign
		}
	}
	if s.at.f > s.result.F { // by rounding, when it first moved to M
		return nil
	}
	return s.accept(s.at.x, s.at.f)
}

// multipliers finds the τ of the active switches at x, without those that do not act on f. The second derivatives stay those
// for the τ before, which are the same in the end.
func (s *slide) multipliers() error {
	if err := s.look(); err != nil {
		return err
	}
	if len(s.active) == 0 {
		s.activate(nil)
		return nil
	}
	weight, _ := s.reaches(s.system, s.jacobian)
	least := float64(inert * slices.Max(weight))
	s.activate(slices.DeleteFunc(slices.Clone(s.active), func(i int) bool { return weight[i] <= least }))
	y := s.span.combination(s.system[:s.n])
	s.adjoints = s.adjoints[:0]
	for k, i := range s.active {
		z := s.normal(i)
		c := dot(column(s.jacobian[:s.n], s.n+i), z) / dot(z, z)
		s.adjoints = append(s.adjoints, c)
		if c != 0 {
			s.v[s.n+i] -= y[k] / c
		}
	}
	return nil
}

// worst is the active switch off which f falls fastest, if it does so faster than at a rate; else −1.
func (s *slide) worst(rate float64) int {
	worst := -1
	for k, i := range s.active {
		c, tau := s.adjoints[k], math.Abs(s.v[s.n+i])
		fall := float64(c * (tau - 1 - slotTolerance))
		if c < 0 {
			fall = -float64(c * (tau + 1))
		}
		if fall *= kernel.Norm(s.normal(i)); fall > rate {
			worst, rate = i, fall
		}
	}
	return worst
}

// release makes a switch inactive, on the side where f falls.
func (s *slide) release(i int) {
	k := slices.Index(s.active, i)
	tau := &s.v[s.n+i]
	*tau = math.Copysign(1, float64(s.adjoints[k]*math.Copysign(1, *tau)))
	s.active = slices.Delete(s.active, k, k+1)
}

// sides tries each side of each kink at x by itself. At a corner where 0 ∈ ∂f, and f falls all the same, no multiplier
// says which is to be released.
func (s *slide) sides() (moved bool, err error) {
	active, tau := s.active, slices.Clone(s.v[s.n:])
	kinks := s.within(float64(cornerRadius * (1 + kernel.Norm(s.at.x))))
	if len(kinks) > mostSides {
		return false, nil
	}
	for _, i := range kinks {
		for _, side := range []float64{-1, 1} {
			s.active = slices.DeleteFunc(slices.Clone(active), func(j int) bool { return j == i })
			s.v[s.n+i] = side
			if moved, err = s.side(i, side); err != nil || moved {
				return moved, err
			}
			copy(s.v[s.n:], tau)
		}
	}
	s.active = active
	return false, nil
}

// side makes a step off kink i, if the way down leads to that side of it.
func (s *slide) side(i int, side float64) (bool, error) {
	if err := s.multipliers(); err != nil {
		return false, err
	}
	g := slices.Clone(s.system[:s.n])
	s.span.project(g)
	if !(dot(g, s.normal(i))*side < 0) {
		return false, nil
	}
	before := s.at.f
	s.region = firstRegion
	err := s.ended(s.step(g))
	return before-s.at.f > float64(rounding*(1+math.Abs(before))), err
}

// step makes the next step for the projected gradient g, or ends the run.
func (s *slide) step(g []float64) error {
	m := &model{g, s.jacobian[:s.n], s.span}
	size := 1 + kernel.Norm(s.at.x)
	for s.region > lastRegion {
		d, promise := m.step(float64(s.region * size))
		if err := s.try(d, 1); err != nil {
			return err
		}
		gain, length := s.at.f-s.next.f, kernel.Norm(d)/size
		if !(promise > float64(valueRounding*(1+math.Abs(s.at.f)))) {
			return s.finish(gain >= 0)
		}
		if gain > float64(sufficientDecrease*promise) {
			s.resize(gain/promise, length)
			return s.take()
		}
		if met, err := s.meet(d, promise); err != nil || met {
			return err
		}
		s.region = length / 4
	}
	return s.finish(false)
}

// try asks next, which is x + td moved to the manifold.
func (s *slide) try(d []float64, t float64) error {
	move(s.next.x, s.at.x, t, d)
	return s.restore(s.next.x)
}

// meet makes the first kink active that d crosses, and moves there, if that decreases f by its part of a promise.
func (s *slide) meet(d []float64, promise float64) (bool, error) {
	i, t, err := s.crossed(d)
	if err != nil || i < 0 || !s.span.add(s.normal(i)) {
		return false, err
	}
	s.active = append(s.active, i)
	if err := s.try(d, t); err != nil {
		return false, err
	}
	if s.at.f-s.next.f > float64(float64(sufficientDecrease*t)*promise) {
		return true, s.take()
	}
	s.active = s.active[:len(s.active)-1]
	s.span.drop()
	return false, nil
}

// resize sets the trust region after a step of a length, by the part of the promised decrease that came true.
func (s *slide) resize(kept, length float64) {
	switch {
	case kept < .25:
		s.region = length / 2
	case kept > .75 && length > s.region/2:
		s.region *= 2
	}
}

// crossed is the first switch that has another sign at next than at x and acts on f, and the part of d at which its
// linearisation is 0; or −1.
func (s *slide) crossed(d []float64) (first int, fraction float64, err error) {
	signs, err := s.signs(s.next.x)
	if err != nil {
		return -1, 0, err
	}
	weight, _ := s.reaches(s.system, s.jacobian)
	first, fraction = -1, 1
	for i, sign := range signs {
		if sign == s.v[s.n+i] || weight[i] == 0 || slices.Contains(s.active, i) {
			continue
		}
		if t := -s.system[s.n+i] / dot(s.normal(i), d); t >= 0 && t < fraction {
			first, fraction = i, t
		}
	}
	return first, fraction, nil
}

// finish ends the run, at next if that is no worse.
func (s *slide) finish(there bool) error {
	if there {
		if err := s.take(); err != nil {
			return err
		}
	}
	return &stop{Stalled, fmt.Sprintf("No step along the manifold of %d active switches decreases the value any more.", len(s.active))}
}
