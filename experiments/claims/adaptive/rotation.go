package adaptive

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// rotations compares runs on f and on f after a rotation.
func rotations() claim.Claim {
	return claim.Claim{
		Numbers:  []int{36},
		Name:     "rotation-equivariance",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByTolerance},
		Sentence: "Gradient descent, momentum, the heavy ball and INNA do not see a rotation of the coordinates: the iterates for f(Rθ) are the rotated ones of f. Nor does L-BFGS, but for the first step of PyTorch's, which is scaled by the sum norm of the gradient. Methods that scale each entry do: their first step already differs by R applied to a vector of signs.",
		Source:   "Pauwels, CIMI lecture 2021 (figure on rotations); Kingma and Ba, ICLR 2015; Nocedal and Wright 2006, section 2.2 (invariance)",
		Mathematics: "For `f_R(θ) = f(Rθ)` with R orthogonal, `∇f_R(θ) = R^T ∇f(Rθ)`. A method whose steps are combinations of gradients and iterates keeps `Rθ_k^R = θ_k` from `Rθ_0^R = θ_0`. With ε = 0, Adagrad, Adam, Adamax and Rprop step first by α sign(g), and RMSprop by α sign(g)/√(1 − β), so that the gap after one step is exactly\n\n" +
			"  ‖R sign(R^T g) − sign(g)‖\n\n" +
			"steps. It is 0 only for signed permutations.\n\n" +
			"L-BFGS's matrices are made of steps and changes of gradients. Its first step in PyTorch is min(1, 1/‖g‖_1) α (-g), so that the gap after it is exactly\n\n" +
			"  α ‖g‖ |min(1, 1/‖R^T g‖_1) − min(1, 1/‖g‖_1)|\n\n" +
			"and 0 for a multiple of f so small that no ‖g‖_1 is above 1: with `|huber'| ≤ 1`, `‖g‖_1 ≤ d ‖B‖_F`.",
		Params: []claim.Param{
			claim.Int("entries", 5, "entries of θ").Between(2, 50),
			claim.Int("steps", 400, "steps").AtFull(4000).Between(2, 1e5),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runRotations(ctx, c, equivariant(), diagonal(), lbfgs())
		},
	}
}

func equivariant() []named {
	return []named{
		{"gradient-descent", sgd.SGD{}, 0.1},
		{"momentum", sgd.SGD{Momentum: 0.9}, 0.02},
		{"nesterov", sgd.SGD{Momentum: 0.9, Nesterov: true}, 0.02},
		{"heavy-ball", sgd.HeavyBall{Beta: 0.9}, 0.02},
		{"inna", sgd.DefaultINNA(), 0.05},
	}
}

// diagonal methods have the first step rate·sign(g) if ε is 0.
func diagonal() []named {
	return []named{
		{"adagrad", sgd.Adagrad{}, 0.1},
		{"adam", sgd.Adam{Beta1: 0.9, Beta2: 0.999}, 0.02},
		{"adamax", sgd.Adamax{Beta1: 0.9, Beta2: 0.999}, 0.02},
		{"rprop", sgd.DefaultRprop(), 0.02},
	}
}

// lbfgs makes one iteration a step.
func lbfgs() sgd.LBFGS { return sgd.LBFGS{Iterations: 1, History: 10} }

const (
	lbfgsRate  = 0.3
	lbfgsSteps = 30 // then differences of gradients are rounding
)

// rotated has a multiple of f(θ) = Σ huber(Bθ − c), as it is and after a rotation.
type rotated struct {
	d           int
	r           []float64 // row by row
	plain, turn *descent
	start, back []float64 // θ₀ and Rᵀθ₀
}

func newRotated(c *claim.Context) (whole, small *rotated, err error) {
	d := c.Int("entries")
	rng := c.Rand(claim.At("stream", "problem"))
	s := &rotated{d: d, r: make([]float64, d*d), start: make([]float64, d)}
	network.Orthogonal(d, d)(s.r, rng)
	b, centre := make([]float64, d*d), make([]float64, d)
	random.Normals(b, 1/math.Sqrt(float64(d)), rng)
	random.Normals(centre, 1, rng)
	random.Normals(s.start, 2, rng)
	s.back = s.transposed(s.start)
	data := []datum{{"b", []int{d, d}, b}, {"c", []int{d}, centre}}
	if whole, err = s.of(1, data); err != nil {
		return nil, nil, err
	}
	_, exponent := math.Frexp(float64(d) * kernel.Norm(b)) // ‖g‖₁ is below 2 to this power
	small, err = s.of(math.Ldexp(1, -exponent), data)
	return whole, small, err
}

// of compiles a multiple of f.
func (s *rotated) of(factor float64, data []datum) (*rotated, error) {
	out, text := *s, fmt.Sprintf("%v*sum(huber(%%s - c, 1))", factor)
	var err error
	if out.plain, err = newDescent(fmt.Sprintf(text, "dot(b, theta)"), 0, s.d, data...); err != nil {
		return nil, err
	}
	data = append(data[:len(data):len(data)], datum{"r", []int{s.d, s.d}, s.r})
	out.turn, err = newDescent(fmt.Sprintf(text, "dot(b, dot(r, theta))"), 0, s.d, data...)
	return &out, err
}

// forward is Rx.
func (s *rotated) forward(x []float64) []float64 {
	return s.product(x, func(i, j int) float64 { return s.r[i*s.d+j] })
}

// transposed is Rᵀx.
func (s *rotated) transposed(x []float64) []float64 {
	return s.product(x, func(i, j int) float64 { return s.r[j*s.d+i] })
}

func (s *rotated) product(x []float64, at func(i, j int) float64) []float64 {
	out := make([]float64, s.d)
	for i := range out {
		for j, v := range x {
			out[i] += float64(at(i, j) * v)
		}
	}
	return out
}

// gaps returns ‖Rθ_k^R − θ_k‖ for all k.
func (s *rotated) gaps(ctx context.Context, m named, steps int) ([]float64, error) {
	a, err := s.plain.iterates(ctx, m.method, m.rate, s.start, steps)
	if err != nil {
		return nil, err
	}
	b, err := s.turn.iterates(ctx, m.method, m.rate, s.back, steps)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(a))
	for k := range a {
		out[k] = distance(s.forward(b[k]), a[k])
	}
	return out, nil
}

// spread is how far iterates move if one entry of the start does by its last bit.
func (s *rotated) spread(ctx context.Context, m sgd.Method, steps int) (most float64, err error) {
	want, err := s.plain.iterates(ctx, m, lbfgsRate, s.start, steps)
	if err != nil {
		return 0, err
	}
	for i, v := range s.start {
		start := append([]float64{}, s.start...)
		start[i] = math.Nextafter(v, math.Inf(1))
		moved, err := s.plain.iterates(ctx, m, lbfgsRate, start, steps)
		if err != nil {
			return 0, err
		}
		for k := range want {
			most = max(most, distance(moved[k], want[k]))
		}
	}
	return most, nil
}

func distance(a, b []float64) float64 {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return kernel.Norm(d)
}

func signs(g []float64) []float64 {
	out := make([]float64, len(g))
	for i, v := range g {
		out[i] = math.Copysign(1, v)
	}
	return out
}

// rounding is how far rotated iterates may be from each other: thousands of units in the last
// place of numbers below 10.
const rounding = 1e-10

// shortening is the factor of L-BFGS's first step.
func shortening(g []float64) float64 {
	sum := 0.0
	for _, v := range g {
		sum += math.Abs(v)
	}
	return min(1, 1/sum)
}

func runRotations(ctx context.Context, c *claim.Context, equivariant, diagonal []named, limited sgd.Method) (claim.Outcome, error) {
	s, small, err := newRotated(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	copy(s.plain.ws.In(0), s.start)
	if _, err := s.plain.evaluate(); err != nil {
		return claim.Outcome{}, err
	}
	g := append([]float64{}, s.plain.ws.Out(1)...)
	first := distance(s.forward(signs(s.transposed(g))), signs(g))
	var checks []claim.Check
	var curves []figure.Series
	steps := c.Int("steps")
	for _, m := range equivariant {
		gaps, err := s.gaps(ctx, m, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, claim.Check{Label: m.name, Predicted: claim.Near(0, rounding), Measured: claim.Measured(slices.Max(gaps))})
	}
	gaps, err := small.gaps(ctx, named{"l-bfgs", limited, lbfgsRate}, lbfgsSteps)
	if err != nil {
		return claim.Outcome{}, err
	}
	spread, err := small.spread(ctx, limited, lbfgsSteps)
	if err != nil {
		return claim.Outcome{}, err
	}
	// Every step rounds sums of d terms, and later steps amplify that as they do a last bit
	// of the start.
	tolerance := rounding + float64(float64(lbfgsSteps*s.d)*spread)
	checks = append(checks, claim.Check{Label: "l-bfgs", Predicted: claim.Near(0, tolerance), Measured: claim.Measured(slices.Max(gaps))})
	if gaps, err = s.gaps(ctx, named{"l-bfgs", limited, lbfgsRate}, 1); err != nil {
		return claim.Outcome{}, err
	}
	checks = append(checks, claim.Check{
		Label: "l-bfgs-first-step", Sentence: "PyTorch's L-BFGS scales its first step by the sum norm of the gradient, which sees a rotation.",
		Predicted: claim.Near(lbfgsRate*kernel.Norm(g)*math.Abs(shortening(s.transposed(g))-shortening(g)), rounding), Measured: claim.Measured(gaps[1]),
	})
	for _, m := range diagonal {
		gaps, err := s.gaps(ctx, m, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, claim.Check{
			Label: m.name, Sentence: "The gap after one step is that of a rotated vector of signs.",
			Predicted: claim.NearRelative(m.rate*first, 1e-9), Measured: claim.Measured(gaps[1]),
		})
		curves = append(curves, gapCurve(m.name, gaps))
	}
	return claim.Outcome{Checks: checks}, c.Figure("gap", figure.Figure{
		Title:   "How far a rotation drives the iterates apart",
		Caption: "Methods that scale each entry. For gradient descent and methods with momentum the gap is rounding, below the axis.",
		X:       figure.Axis{Label: "steps", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "‖Rθₖᴿ − θₖ‖", Unit: "1", Log: true}, Series: curves,
	})
}

func gapCurve(name string, gaps []float64) figure.Series {
	s := figure.Series{Name: name, Style: figure.Measured}
	for k := 1; k < len(gaps); k = sgd.Geometric(1.15).After(k) {
		s.X, s.Y = append(s.X, float64(k)), append(s.Y, gaps[k])
	}
	return s
}
