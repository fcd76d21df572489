package stochastic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/random"
)

// family is a kind of losses in z = ⟨xᵢ, θ⟩ and yᵢ; J is L-smooth with L = curvature·λ_max, the
// largest eigenvalue of the mean of xᵢxᵢᵀ and the largest second derivative in z.
type family struct {
	name      string
	text      string // mean loss of a minibatch, after "let z = dot(x, theta); "
	curvature float64
}

func smoothFamilies() []family {
	return []family{
		{"least-squares", "mean((z - y)^2) / 2", 1},
		{"logistic", "mean(softplus(z) - y * z)", 0.25},
		{"cosine", "mean(1 - cos(z - y))", 1},
	}
}

// roundingOfBound allows for rounding in a mean over rows, relative to the terms of the bound.
const roundingOfBound = 1e-12

// excess is the largest E[J(θ − α∇J_I)] minus the bound over random problems and α ∈ (0, 1/L],
// relative to the sum of the absolute values of the bound's terms.
func (f family) excess(ctx context.Context, c *claim.Context) (float64, error) {
	trials := make([]float64, c.Int("trials"))
	err := c.Each(ctx, len(trials), func(_ context.Context, i int) error {
		rng := c.Rand(claim.At("stream", f.name), claim.At("trial", i))
		p := f.problem(c.Int("rows"), c.Int("dim"), func(dst []float64) { random.Normals(dst, 1, rng) })
		theta := make([]float64, p.dim)
		random.Normals(theta, 2, rng)
		s, err := newFloatStep(p, theta)
		if err != nil {
			return err
		}
		l, err := f.lipschitz(p)
		if err != nil {
			return err
		}
		alpha := (1 - rng.Float64()) / l
		mean, err := s.mean(alpha)
		terms := []float64{s.loss, -alpha / 2 * s.norm, l * alpha * alpha / 2 * s.sigma}
		trials[i] = (mean - terms[0] - terms[1] - terms[2]) / (max(terms[0], -terms[0]) - terms[1] + terms[2])
		return err
	})
	worst := trials[0]
	for _, x := range trials {
		worst = max(worst, x)
	}
	return worst, err
}

// problem has n rows; fill draws their numbers.
func (f family) problem(n, dim int, fill func([]float64)) problem {
	x, y := make([]float64, n*dim), make([]float64, n)
	fill(x)
	fill(y)
	return problem{
		text: "let z = dot(x, theta); " + f.text, dim: dim, rows: n,
		columns: []column{{"x", dim, x}, {"y", 0, y}},
	}
}

// lipschitz returns L, rounded up.
func (f family) lipschitz(p problem) (float64, error) {
	var gram mat.SymDense
	gram.SymOuterK(1/float64(p.rows), mat.NewDense(p.rows, p.dim, p.columns[0].values).T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, false) {
		return 0, fmt.Errorf("the eigenvalues of the mean of xxᵀ were not found")
	}
	return f.curvature * eigen.Values(nil)[p.dim-1] * (1 + roundingOfBound), nil
}

// floatStep is exactStep in float64.
type floatStep struct {
	p     problem
	theta []float64
	one   *gradient
	whole *gradient

	loss, norm, sigma float64
}

func newFloatStep(p problem, theta []float64) (*floatStep, error) {
	s := &floatStep{p: p, theta: theta}
	var err error
	if s.one, err = p.gradient(1); err != nil {
		return nil, err
	}
	if s.whole, err = p.gradient(p.rows); err != nil {
		return nil, err
	}
	loss, g, err := s.whole.at(theta, p.all())
	if err != nil {
		return nil, err
	}
	s.loss, s.norm = loss, inner(g, g)
	_, s.sigma, err = p.spread(theta)
	return s, err
}

// mean returns E[J(theta − alpha·∇J_I)].
func (s *floatStep) mean(alpha float64) (float64, error) {
	total, next := 0.0, make([]float64, len(s.theta))
	for i := range s.p.rows {
		_, g, err := s.one.at(s.theta, []int{i})
		if err != nil {
			return 0, err
		}
		for j, v := range g {
			next[j] = s.theta[j] - float64(alpha*v)
		}
		value, _, err := s.whole.at(next, s.p.all())
		if err != nil {
			return 0, err
		}
		total += value
	}
	return total / float64(s.p.rows), nil
}

// oneStepFigure shows the mean change of J in units of ‖∇J‖²/L for the quadratic and the families.
func oneStepFigure(c *claim.Context) (figure.Figure, error) {
	out := figure.Figure{
		Title:   "One step of SGD, averaged over all rows",
		Caption: "The isotropic quadratic (θ = 1 in each coordinate) meets the bound at αL = 1 and exceeds it beyond. The other losses stay below their bounds up to there.",
		X:       figure.Axis{Label: "step size α", Unit: "1/L"},
		Y:       figure.Axis{Label: "mean change of J", Unit: "‖∇J‖²/L"},
	}
	rng := c.Rand(claim.At("stream", "figure"))
	fill := func(dst []float64) { random.Normals(dst, 1, rng) }
	points := make([]float64, c.Int("rows")*c.Int("dim"))
	fill(points)
	if err := addOneStep(&out, "isotropic quadratic", centres(c.Int("dim"), 1, points), 1, 1); err != nil {
		return out, err
	}
	for i, f := range smoothFamilies()[1:] {
		p := f.problem(c.Int("rows"), c.Int("dim"), fill)
		l, err := f.lipschitz(p)
		if err != nil {
			return out, err
		}
		if err := addOneStep(&out, f.name, p, l, 2+i); err != nil {
			return out, err
		}
	}
	return out, nil
}

func addOneStep(f *figure.Figure, name string, p problem, l float64, color int) error {
	theta := make([]float64, p.dim)
	for i := range theta {
		theta[i] = 1
	}
	s, err := newFloatStep(p, theta)
	if err != nil {
		return err
	}
	measured := figure.Series{Name: name, Style: figure.Measured, Color: color}
	bound := figure.Series{Name: "its bound", Style: figure.Predicted, Color: color}
	for i := range 31 {
		u := float64(i) / 20
		mean, err := s.mean(u / l)
		if err != nil {
			return err
		}
		measured.X, measured.Y = append(measured.X, u), append(measured.Y, (mean-s.loss)*l/s.norm)
		bound.X, bound.Y = append(bound.X, u), append(bound.Y, float64(u*u/2*s.sigma/s.norm)-u/2)
	}
	f.Series = append(f.Series, measured, bound)
	return nil
}
