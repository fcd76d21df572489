package sgd

import "math"

// line is the loss along a direction, and searches it for a step with the strong Wolfe
// conditions
//
//	φ(t) ≤ φ(0) + c₁tφ′(0),  |φ′(t)| ≤ c₂|φ′(0)|
//
// by bracketing and zooming with cubic interpolation (Nocedal and Wright 2006, algorithms
// 3.5 and 3.6), with the safeguards of M. Schmidt's minFunc, which PyTorch has.
type line struct {
	params    []Param
	start     []float64
	direction []float64
	evaluate  func() (float64, error)
	made      int // evaluations
	// Trial points in use: two ends of the bracket and one more. The gradients are theirs.
	points [3]trial
}

// trial is what is known at one step.
type trial struct {
	t, loss, slope float64
	gradient       []float64
}

func newLine(n int) (l line) {
	for i := range l.points {
		l.points[i].gradient = make([]float64, n)
	}
	return l
}

// at makes the line that of a direction from a start.
func (l *line) at(params []Param, start, direction []float64, evaluate func() (float64, error)) {
	l.params, l.start, l.direction, l.evaluate, l.made = params, start, direction, evaluate, 0
}

// try evaluates at a step, into p.
func (l *line) try(p *trial, t float64) error {
	setValues(l.params, l.start)
	addAlong(l.params, t, l.direction)
	l.made++
	loss, err := l.evaluate()
	copyGradients(p.gradient, l.params)
	p.t, p.loss, p.slope = t, loss, inner(p.gradient, l.direction)
	return err
}

// Constants of the search: those of the conditions, how many steps it tries after the
// first, how bracketing grows, and how near to an end zooming may go twice.
const (
	decrease, curvature = 1e-4, 0.9
	mostTrials          = 25
	growLeast, growMost = 0.01, 10
	margin              = 0.1
)

// search returns loss and step, and puts the gradient there into gradient, which is that at
// 0 before. Below a bracket that moves no entry by change it ends with the lower end.
func (l *line) search(loss, first, change float64, gradient []float64) (found, step float64, made int, err error) {
	origin := trial{0, loss, inner(gradient, l.direction), gradient}
	low, high, done, left, err := l.bracket(origin, first)
	if err == nil && !done {
		low, err = l.zoom(origin, low, high, left, change)
	}
	if err != nil {
		return 0, 0, l.made, err
	}
	copy(gradient, low.gradient)
	return low.loss, low.t, l.made, nil
}

// satisfies reports the two conditions.
func (o *trial) falls(p *trial) bool {
	return !(p.loss > o.loss+float64(float64(decrease*p.t)*o.slope))
}

func (o *trial) isFlat(p *trial) bool { return math.Abs(p.slope) <= -float64(curvature*o.slope) }

// bracket returns a step with both conditions, or the ends of an interval that has one, in
// the order in which they were met. left is how many more steps may be tried.
func (l *line) bracket(origin trial, first float64) (a, b *trial, done bool, left int, err error) {
	previous, now, next := &l.points[0], &l.points[1], &l.points[2]
	copyTrial(previous, &origin)
	if err := l.try(now, first); err != nil {
		return nil, nil, false, 0, err
	}
	for k := range mostTrials {
		switch {
		case !origin.falls(now) || k > 1 && now.loss >= previous.loss:
			return previous, now, false, mostTrials - k, nil
		case origin.isFlat(now):
			return now, now, true, 0, nil
		case now.slope >= 0:
			return previous, now, false, mostTrials - k, nil
		}
		t := cubicStep(previous, now, now.t+float64(growLeast*(now.t-previous.t)), float64(growMost*now.t))
		if err := l.try(next, t); err != nil {
			return nil, nil, false, 0, err
		}
		previous, now, next = now, next, previous
	}
	copyTrial(previous, &origin)
	return previous, now, false, 0, nil
}

func copyTrial(to, from *trial) {
	copy(to.gradient, from.gradient)
	to.t, to.loss, to.slope = from.t, from.loss, from.slope
}

// zoom shrinks the bracket from a to b and returns its lower end, or a step with both
// conditions.
func (l *line) zoom(origin trial, a, b *trial, left int, change float64) (*trial, error) {
	longest := largest(l.direction)
	third := l.other(a, b)
	// low is the lower end; where both are equal, a, which was met first.
	low, high := a, b
	if !(a.loss <= b.loss) {
		low, high = b, a
	}
	stuck := false
	for ; left > 0; left-- {
		if math.Abs(b.t-a.t)*longest < change {
			break
		}
		t := cubicStep(a, b, min(a.t, b.t), max(a.t, b.t))
		t, stuck = inside(t, min(a.t, b.t), max(a.t, b.t), stuck)
		if err := l.try(third, t); err != nil {
			return nil, err
		}
		p := third
		if !origin.falls(p) || p.loss >= low.loss {
			third = high
			a, b = replaced(a, b, high, p)
			low, high = a, b
			if !(a.loss <= b.loss) {
				low, high = b, a
			}
			continue
		}
		if origin.isFlat(p) {
			return p, nil
		}
		if p.slope*(high.t-low.t) >= 0 { // low becomes the other end
			third = high
			a, b = replaced(a, b, high, low, low, p)
			high = low
		} else {
			third = low
			a, b = replaced(a, b, low, p)
		}
		low = p
	}
	return low, nil
}

// other is the point that is neither of two.
func (l *line) other(a, b *trial) *trial {
	for i := range l.points {
		if p := &l.points[i]; p != a && p != b {
			return p
		}
	}
	return nil
}

// replaced puts points in the places of others: pairs of old and new ones.
func replaced(a, b *trial, pairs ...*trial) (*trial, *trial) {
	newA, newB := a, b
	for i := 0; i < len(pairs); i += 2 {
		if a == pairs[i] {
			newA = pairs[i+1]
		}
		if b == pairs[i] {
			newB = pairs[i+1]
		}
	}
	return newA, newB
}

// inside keeps a step from an end of the bracket: it may come near once, the second time it
// is moved away by a tenth of the bracket.
func inside(t, lo, hi float64, stuck bool) (float64, bool) {
	gap := float64(margin * (hi - lo))
	switch {
	case !(min(hi-t, t-lo) < gap):
		return t, false
	case !stuck && t < hi && t > lo:
		return t, true
	case math.Abs(t-hi) < math.Abs(t-lo):
		return hi - gap, false
	}
	return lo + gap, false
}

// cubicStep is the minimum between bounds of the cubic with the losses and slopes of two
// points (Nocedal and Wright, formula 3.59), or the middle of the bounds if it has none.
func cubicStep(p, q *trial, lo, hi float64) float64 {
	d1 := p.slope + q.slope - float64(3*(p.loss-q.loss))/(p.t-q.t)
	square := float64(d1*d1) - float64(p.slope*q.slope)
	if !(square >= 0) {
		return (lo + hi) / 2
	}
	d2 := math.Sqrt(square)
	if p.t > q.t {
		p, q = q, p
	}
	at := q.t - float64((q.t-p.t)*((q.slope+d2-d1)/(q.slope-p.slope+float64(2*d2))))
	return min(max(at, lo), hi)
}
