package sgd

import (
	"cmp"
	"math"
)

// LBFGS is the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (J. Nocedal,
// S. Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5), as
// torch.optim.LBFGS has it. One step of training makes up to Iterations iterations on one
// minibatch; the curvature is remembered from step to step, which is what it should be for
// gradient descent on all rows and is not for minibatches that change.
//
// In the first iteration of all the direction is −g and the step min(1, 1/‖g‖₁) times the
// learning rate, later the learning rate, 1 as a rule. A pair of differences s, y is
// remembered if ⟨y, s⟩ > 1e−10. With StrongWolfe the step is found by a line search, see
// [StrongWolfe]; else it is taken as it is. The zero value is refused.
type LBFGS struct {
	Iterations  int // of one step, at least 1
	Evaluations int // after which a step begins no further iteration; 0 is 5/4 of Iterations
	// The step ends when no entry of the gradient is larger than Gradient, and when an
	// iteration moves no entry by more than Change, changes the loss by less than it, or
	// promises to, to first order. At least 0.
	Gradient, Change float64
	History          int // pairs remembered, at least 1
	StrongWolfe      bool
}

// DefaultLBFGS returns LBFGS with 20 iterations, tolerances 1e−7 and 1e−9 and 100 pairs,
// without a line search, as PyTorch has it; its rate is 1.
func DefaultLBFGS() LBFGS {
	return LBFGS{Iterations: 20, Gradient: 1e-7, Change: 1e-9, History: 100}
}

// Start implements [Method].
func (m LBFGS) Start(params []Param) (State, error) {
	most := float64(math.MaxInt32)
	err := cmp.Or(
		within("LBFGS", "Iterations", float64(m.Iterations), 1, most, "at least 1"),
		within("LBFGS", "Evaluations", float64(m.Evaluations), 0, most, "at least 0"),
		within("LBFGS", "History", float64(m.History), 1, most, "at least 1"),
		nonnegative("LBFGS", "Gradient", m.Gradient),
		nonnegative("LBFGS", "Change", m.Change),
	)
	if err != nil {
		return nil, err
	}
	if m.Evaluations == 0 {
		m.Evaluations = m.Iterations * 5 / 4
	}
	return newLBFGS(m, sizeOf(params)), nil
}

// lbfgs is LBFGS at work, on all parameters as one vector.
type lbfgs struct {
	LBFGS
	pairs
	made              []float64 // one entry: iterations in all
	step              []float64 // one entry: the last one along direction
	direction, before []float64 // before is the gradient that direction was made from
	gradient, start   []float64 // scratch
	line              line
}

func newLBFGS(m LBFGS, n int) *lbfgs {
	s := &lbfgs{
		LBFGS: m, pairs: newPairs(m.History, n), made: make([]float64, 1), step: make([]float64, 1),
		direction: make([]float64, n), before: make([]float64, n), gradient: make([]float64, n), start: make([]float64, n),
	}
	s.line = newLine(n)
	return s
}

// Buffers implements [State].
func (s *lbfgs) Buffers() []Buffer {
	return append(
		[]Buffer{{"iterations", s.made}, {"step", s.step}, {"direction", s.direction}, {"gradient before", s.before}},
		s.pairs.buffers()...,
	)
}

// Update implements [State] for who cannot evaluate: one iteration without a line search.
func (s *lbfgs) Update(params []Param, rate float64) {
	copyGradients(s.gradient, params)
	if !(largest(s.gradient) <= s.Gradient) && s.aim(rate) {
		addAlong(params, s.step[0], s.direction)
	}
}

// Search implements [Searcher].
func (s *lbfgs) Search(params []Param, rate, loss float64, evaluate func() (float64, error)) error {
	copyGradients(s.gradient, params)
	if largest(s.gradient) <= s.Gradient {
		return nil
	}
	evaluations := 1
	for k := 1; ; k++ {
		was := loss
		if !s.aim(rate) {
			return nil
		}
		made, err := s.advance(params, &loss, k == s.Iterations, evaluate)
		if err != nil {
			return err
		}
		evaluations += made
		moved := math.Abs(s.step[0]) * largest(s.direction)
		if k == s.Iterations || evaluations >= s.Evaluations || made > 0 && largest(s.gradient) <= s.Gradient ||
			moved <= s.Change || math.Abs(loss-was) < s.Change {
			return nil
		}
	}
}

// aim remembers the last step, and sets direction and first step of the next iteration. It
// reports whether they promise a decrease.
func (s *lbfgs) aim(rate float64) bool {
	if s.made[0]++; s.made[0] == 1 {
		for i, g := range s.gradient {
			s.direction[i] = -g
		}
	} else {
		s.pairs.remember(s.step[0], s.direction, s.before, s.gradient)
		s.pairs.multiply(s.direction, s.gradient)
	}
	copy(s.before, s.gradient)
	s.step[0] = rate
	if s.made[0] == 1 {
		s.step[0] = min(1, 1/sizes(s.gradient)) * rate
	}
	return !(inner(s.gradient, s.direction) > -s.Change)
}

// advance moves the parameters along the direction and returns how often it evaluated. The
// last iteration of a step needs no gradient where it ends, unless it searches.
func (s *lbfgs) advance(params []Param, loss *float64, last bool, evaluate func() (float64, error)) (made int, err error) {
	if s.StrongWolfe {
		copyValues(s.start, params)
		s.line.at(params, s.start, s.direction, evaluate)
		*loss, s.step[0], made, err = s.line.search(*loss, s.step[0], s.Change, s.gradient)
		if err == nil {
			setValues(params, s.start)
			addAlong(params, s.step[0], s.direction)
		}
		return made, err
	}
	addAlong(params, s.step[0], s.direction)
	if last {
		return 0, nil
	}
	*loss, err = evaluate()
	copyGradients(s.gradient, params)
	return 1, err
}

// pairs are the last differences of iterates and of gradients, oldest first, in rings.
type pairs struct {
	n, most int
	state   []float64 // how many there are, the place of the oldest, and the scale of the first matrix
	steps   []float64 // s, row by row
	changes []float64 // y
	inverse []float64 // 1/⟨y, s⟩
	alpha   []float64 // scratch
}

func newPairs(most, n int) pairs {
	return pairs{n, most, []float64{0, 0, 1}, make([]float64, most*n), make([]float64, most*n), make([]float64, most), make([]float64, most)}
}

func (p *pairs) buffers() []Buffer {
	return []Buffer{{"pairs", p.state}, {"steps", p.steps}, {"changes", p.changes}, {"inverse products", p.inverse}}
}

// place is where pair i is, 0 the oldest.
func (p *pairs) place(i int) int { return (int(p.state[1]) + i) % p.most }

func (p *pairs) row(of []float64, i int) []float64 {
	at := p.place(i) * p.n
	return of[at : at+p.n]
}

// curved is the product ⟨y, s⟩ above which a pair is remembered.
const curved = 1e-10

// remember adds the pair of a step along a direction, and forgets the oldest if there are
// too many.
func (p *pairs) remember(step float64, direction, before, gradient []float64) {
	ys, yy := 0.0, 0.0
	for i, g := range gradient {
		y := g - before[i]
		ys += float64(y * float64(direction[i]*step))
		yy += float64(y * y)
	}
	if !(ys > curved) {
		return
	}
	if int(p.state[0]) < p.most {
		p.state[0]++
	} else {
		p.state[1] = float64(p.place(1))
	}
	last := int(p.state[0]) - 1
	s, y := p.row(p.steps, last), p.row(p.changes, last)
	for i, g := range gradient {
		s[i], y[i] = direction[i]*step, g-before[i]
	}
	p.inverse[p.place(last)] = 1 / ys
	p.state[2] = ys / yy
}

// multiply sets d to −Hg by the two loops of algorithm 7.4.
func (p *pairs) multiply(d, g []float64) {
	for i, v := range g {
		d[i] = -v
	}
	count := int(p.state[0])
	for i := count - 1; i >= 0; i-- {
		p.alpha[i] = inner(p.row(p.steps, i), d) * p.inverse[p.place(i)]
		for j, y := range p.row(p.changes, i) {
			d[j] -= float64(p.alpha[i] * y)
		}
	}
	for j := range d {
		d[j] *= p.state[2]
	}
	for i := range count {
		beta := inner(p.row(p.changes, i), d) * p.inverse[p.place(i)]
		for j, s := range p.row(p.steps, i) {
			d[j] += float64((p.alpha[i] - beta) * s)
		}
	}
}

// sizes is the sum of absolute values, and largest the largest of them.
func sizes(v []float64) (sum float64) {
	for _, x := range v {
		sum += math.Abs(x)
	}
	return sum
}

func largest(v []float64) (m float64) {
	for _, x := range v {
		m = max(m, math.Abs(x))
	}
	return m
}

// copyGradients writes the gradients of all parameters to dst, one after the other.
func copyGradients(dst []float64, params []Param) {
	for _, p := range params {
		dst = dst[copy(dst, p.Grad):]
	}
}

// addAlong adds step times a direction to the parameters.
func addAlong(params []Param, step float64, direction []float64) {
	for _, p := range params {
		for j := range p.Value {
			p.Value[j] += float64(step * direction[j])
		}
		direction = direction[len(p.Value):]
	}
}
