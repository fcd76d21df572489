package conservative

import (
	"math"
	"math/big"
	"slices"
)

const (
	// deepest is how often a side is halved around a kink: what is left of it there
	// is a millionth of the side.
	deepest = 20
	// judged is down to which depth a contradiction is looked for on the way, at every
	// third halving.
	judged = 9
)

// The points and weights of Gauss's quadrature with three points on [0, 1], exact for
// polynomials of degree 5 up to rounding.
var (
	gaussPoints  = [3]float64{0.1127016653792583, 0.5, 0.8872983346207417}
	gaussWeights = [3]float64{5. / 18, 8. / 18, 5. / 18}
)

// bisect integrates from time a to b in float64, and halves what differs from the
// rise of f: around kinks, and where there is a contradiction.
func (l *sides) bisect(from, d []float64, a, b float64, depth int) {
	if l.spent() {
		return
	}
	lo, hi, size, ok := l.quadrature(from, d, a, b)
	start, stop := moved(from, a, d), moved(from, b, d)
	begin, okBegin := l.t.valueAt(start)
	end, okEnd := l.t.valueAt(stop)
	noise, okNoise := l.t.valueRounding(start, stop)
	if !ok || !okBegin || !okEnd || !okNoise {
		l.lost = true
		return
	}
	rise := end - begin
	room := float64(slopeTolerance*size*(b-a)) + noise
	agrees := math.Abs(lo-rise) <= room && math.Abs(hi-rise) <= room
	wrong := !agrees && depth%3 == 0 && depth <= judged && l.judge(ratsOf(from), ratsOf(d), ratOf(a), ratOf(b))
	if !agrees && !wrong && depth < deepest {
		middle := (a + b) / 2
		l.bisect(from, d, a, middle, depth+1)
		l.bisect(from, d, middle, b, depth+1)
		return
	}
	l.add(ratOf(lo), ratOf(hi), agrees)
}

// quadrature integrates the extreme slopes from a to b, and returns the largest
// one. It fails where they are not finite.
func (l *sides) quadrature(from, d []float64, a, b float64) (lo, hi, size float64, ok bool) {
	for i, x := range gaussPoints {
		least, most, ok := l.roundedExtremes(moved(from, a+float64(x*(b-a)), d), d)
		if !ok {
			return 0, 0, 0, false
		}
		w := float64(gaussWeights[i] * (b - a))
		lo += float64(w * least)
		hi += float64(w * most)
		size = max(size, math.Abs(least), math.Abs(most))
	}
	return lo, hi, size, true
}

// roundedExtremes returns the smallest and the largest ⟨v, d⟩ at p.
func (l *sides) roundedExtremes(p, d []float64) (lo, hi float64, ok bool) {
	t, rule := l.t, l.t.slopes
	in := t.floatsAt(p)
	kinks, err := t.own.At(in...)
	if err != nil {
		return 0, 0, false
	}
	out := make([][]float64, len(rule.f.Out()))
	for i, n := range rule.f.Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, s := range t.choices(kinks, loopElements) {
		slots := t.floatSlots(kinks, s)
		if rule.float.Run(out, slices.Concat(in, slots)...) != nil {
			return 0, 0, false
		}
		y := 0.0
		for j, v := range slices.Concat(out[1:]...) {
			y += float64(v * d[j])
		}
		lo, hi = min(lo, y), max(hi, y)
	}
	return lo, hi, !math.IsNaN(lo) && !math.IsInf(lo, 0) && !math.IsInf(hi, 0)
}

func ratOf(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
