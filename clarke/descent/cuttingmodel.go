package descent

import (
	"context"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// cut is the minorant f(y) + ⟨g, z − y⟩ of a convex function, with its error
// α = f(x) − f(y) − ⟨g, x − y⟩ ≥ 0 at the centre x: g is an α-subgradient there.
type cut struct {
	y     *point
	alpha float64
}

// cuttingModel solves the proximal problem of a bundle at its centre,
//
//	min over λ in the simplex of ½‖Σλᵢgᵢ‖² + Σλᵢαᵢ/t,
//
// as a minimum norm problem: let p be the shortest vector of the hull of pᵢ = (gᵢ, sαᵢ), and (ĝ, sα̂) = p its
// parts. The gradient of ½‖Σλᵢpᵢ‖² is ⟨gᵢ, ĝ⟩ + s²α̂αᵢ, that of the proximal problem ⟨gᵢ, ĝ⟩ + αᵢ/t. So the
// weights of p solve the proximal problem for t* = 1/(s²α̂), exactly. As s²α̂ does not decrease with s,
// every t is found by some s.
//
// For all t ≤ t* and d = −tĝ, ⟨pᵢ, p⟩ ≥ ‖p‖² says that the model decreases by t‖p‖² or more. And if f decreases by less
// than mt‖p‖², then the error α₊ of the cut (f(y), g₊) from y = x + d, where ⟨g₊, d⟩ − α₊ = f(y) − f(x), gives
//
//	⟨p₊, p⟩ = ⟨g₊, ĝ⟩ + s²α̂α₊ ≤ ⟨g₊, ĝ⟩ + α₊/t < m‖p‖²,
//
// so that null steps for one s bring ‖p‖² to 0 like 1/k, as long as the cuts stay bounded and
// those of p are kept: there are n + 2 of them at most.
type cuttingModel struct {
	cuts      []cut
	s         float64 // 1/length
	floor     float64 // the least s
	nonconvex bool
	points    [][]float64
	solution  convex.MinNormPoint
	g         []float64 // ĝ
	slope     float64   // ‖ĝ‖
	alpha     float64   // α̂
	norm      float64   // ‖p‖
	support   []cut
}

const (
	// locality times ‖x − y‖² is the least error of a cut of a function that is not convex.
	locality = 0.5
	// visible is the least part of a gradient that sα̂ > sε may be.
	visible = 0x1p-36
	// largestError is that of a cut that is kept. The square of a larger one overflows.
	largestError = 1e150
	// convexity is the error of α, relative to its terms, that proves nothing.
	convexity = 0x1p-40
)

func newCuttingModel(n int) *cuttingModel { return &cuttingModel{s: 1, g: make([]float64, n)} }

// add adds the cut from y for the centre x, unless y has no gradient. y is copied.
func (m *cuttingModel) add(y, x *point) {
	if !y.differentiable() {
		return
	}
	own := newPoint(len(y.x))
	own.set(y)
	m.cuts = append(m.cuts, cut{y: own})
	m.centre(x)
}

// centre computes the errors for a new centre x. If one is below 0, f is not convex, and all errors are those of
// such functions.
func (m *cuttingModel) centre(x *point) {
	d := make([]float64, len(x.x))
	for i, c := range m.cuts {
		move(d, x.x, -1, c.y.x)
		alpha := x.f - c.y.f - dot(c.y.gradient, d)
		size := math.Abs(x.f) + math.Abs(c.y.f) + float64(kernel.Norm(c.y.gradient)*kernel.Norm(d))
		if !m.nonconvex && alpha < -float64(convexity*size) {
			m.doubt(x)
			return
		}
		if m.cuts[i].alpha = math.Abs(alpha); m.nonconvex {
			m.cuts[i].alpha = max(math.Abs(alpha), float64(locality*dot(d, d)))
		}
	}
	m.cuts = slices.DeleteFunc(m.cuts, func(c cut) bool { return !(c.alpha <= largestError) })
}

// doubt makes f a function that is not convex: the error of a cut is then its absolute value or
// locality·‖x − y‖², whichever is larger.
func (m *cuttingModel) doubt(x *point) {
	if !m.nonconvex {
		m.nonconvex = true
		m.centre(x)
	}
}

func (m *cuttingModel) last() cut { return m.cuts[len(m.cuts)-1] }

func (m *cuttingModel) solved() bool { return len(m.support) > 0 }

// solve finds p for the s in hand. After an error, which may be the context's, the last solution stays.
func (m *cuttingModel) solve(ctx context.Context) error {
	n := len(m.g)
	for len(m.points) < len(m.cuts) {
		m.points = append(m.points, make([]float64, n+1))
	}
	for i, c := range m.cuts {
		copy(m.points[i], c.y.gradient)
		m.points[i][n] = min(float64(m.s*c.alpha), largestError)
	}
	solution, err := convex.MinNormContext(ctx, m.points[:len(m.cuts)])
	if err != nil {
		return err
	}
	m.solution = solution
	copy(m.g, m.solution.Point)
	m.slope, m.norm = kernel.Norm(m.g), m.solution.Norm
	m.support, m.alpha = m.support[:0], 0
	for k, i := range m.solution.Support {
		m.support = append(m.support, m.cuts[i])
		m.alpha += float64(m.solution.Weights[k] * m.cuts[i].alpha) // not p's last entry, which may be rounded to 0
	}
	return nil
}

// mostScalings of s pass through the range of float64.
const mostScalings = 1100

// tune solves for an s with t ≤ t* ≤ 4t, where each doubling of s divides t* by 1 to 4. Where α̂ is 0, the solution
// is that of every t, and s becomes the inverse of the length of the step. No s is below the floor.
func (m *cuttingModel) tune(ctx context.Context, t float64) error {
	for range mostScalings {
		next := m.s
		switch longest := m.longest(); {
		case m.alpha == 0:
			next = 1 / float64(t*m.slope)
		case longest < t:
			next /= 2
		case longest > 4*t:
			next *= 2
		}
		next = max(next, m.floor)
		if next == m.s || math.IsInf(next, 1) {
			return nil
		}
		m.s = next
		if err := m.solve(ctx); err != nil || m.alpha == 0 {
			return err
		}
	}
	return nil
}

// resolve keeps s so large that an error α̂ above the slack is not lost in the rounding of p.
func (m *cuttingModel) resolve(steepest, slack float64) {
	m.floor = float64(visible*steepest) / slack
	m.s = max(m.s, m.floor)
}

// steepest is the length of the longest gradient.
func (m *cuttingModel) steepest() float64 {
	longest := 0.0
	for _, c := range m.cuts {
		longest = max(longest, kernel.Norm(c.y.gradient))
	}
	return longest
}

// longest is t*.
func (m *cuttingModel) longest() float64 { return 1 / (m.s * float64(m.s*m.alpha)) }

// decrease is that of the model for a t ≤ t*.
func (m *cuttingModel) decrease(t float64) float64 { return float64(t*m.norm) * m.norm }

// short says whether ĝ and α̂ are within tolerances.
func (m *cuttingModel) short(slope, alpha float64) bool { return m.slope <= slope && m.alpha <= alpha }

// teaches says whether the last cut will shorten p, as it must if f is convex.
func (m *cuttingModel) teaches() bool {
	c := m.last()
	return dot(c.y.gradient, m.g)+float64(float64(m.s*m.s)*float64(m.alpha*c.alpha)) < float64(m.norm*m.norm)
}

// keep drops the cuts that are not needed down to a number, those of the largest error first; needed are those
// of p, the last one and that of the centre. There may be more of these.
func (m *cuttingModel) keep(most int, centre *point) {
	for len(m.cuts) > most {
		worst := -1
		for i, c := range m.cuts[:len(m.cuts)-1] {
			if m.needs(c, centre) {
				continue
			}
			if worst < 0 || c.alpha > m.cuts[worst].alpha {
				worst = i
			}
		}
		if worst < 0 {
			return
		}
		m.cuts = slices.Delete(m.cuts, worst, worst+1)
	}
}

func (m *cuttingModel) needs(c cut, centre *point) bool {
	return !c.y.differs(centre) || slices.ContainsFunc(m.support, func(s cut) bool { return s.y == c.y })
}

// restsOn says whether the solution uses the cut from x.
func (m *cuttingModel) restsOn(x *point) bool {
	return slices.ContainsFunc(m.support, func(c cut) bool { return !c.y.differs(x) })
}

// drop drops the cut from x.
func (m *cuttingModel) drop(x *point) {
	m.cuts = slices.DeleteFunc(m.cuts, func(c cut) bool { return !c.y.differs(x) })
}

// lower is the minorant f(x) + ⟨ĝ, z − x⟩ − α̂ that the solution proves for convex f, less the slack; for other f
// it is f(x) less the slack.
func (m *cuttingModel) lower(x *point, slack float64) func(z []float64) float64 {
	if m.nonconvex {
		return func([]float64) float64 { return x.f - slack }
	}
	g, alpha, d := slices.Clone(m.g), m.alpha, make([]float64, len(m.g))
	return func(z []float64) float64 {
		move(d, z, -1, x.x)
		return x.f + dot(g, d) - alpha - slack
	}
}

// refute drops the cuts that are above f at z by more than the slack.
func (m *cuttingModel) refute(z *point, slack float64) {
	d := make([]float64, len(z.x))
	m.cuts = slices.DeleteFunc(m.cuts, func(c cut) bool {
		move(d, z.x, -1, c.y.x)
		return c.y.f+dot(c.y.gradient, d) > z.f+slack
	})
}

// certificate is that of the solution, for the centre x.
func (m *cuttingModel) certificate(x []float64) Certificate {
	c := Certificate{MinNorm: make([]float64, len(x)), Weights: slices.Clone(m.solution.Weights)}
	for i, s := range m.support {
		c.Points, c.Gradients = append(c.Points, slices.Clone(s.y.x)), append(c.Gradients, slices.Clone(s.y.gradient))
		c.Radius = max(c.Radius, distance(x, s.y.x))
		move(c.MinNorm, c.MinNorm, c.Weights[i], s.y.gradient) // p has it to the rounding of longer gradients only
	}
	c.Distance = kernel.Norm(c.MinNorm)
	return c
}
