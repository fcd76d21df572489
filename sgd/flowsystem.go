package sgd

import (
	"cmp"
	"math"
)

// GradientFlow is the limit of (sub)gradient descent,
//
//	ẋ ∈ −∂f(x),
//
// with time α a step of size α. Every absolutely continuous solution is slow where f is tame: its velocity is the negative of
// the element of ∂f(x) of smallest norm, and d/dt f(x(t)) = −‖ẋ‖² for almost all t (Davis, Drusvyatskiy, Kakade and Lee,
// FoCM 20, 2020, Lemma 5.2). Between kinks it is the flow of a smooth piece, and on kinks that attract from all sides
// the sliding mode of A. F. Filippov (Differential Equations with Discontinuous Righthand Sides, 1988).
//
// Solutions need not be unique where f is not convex. At an event the one is followed whose direction is the
// steepest descent of f′(x; ·) as the switches have it to first order, and it ends where 0 ∈ ∂f(x), be it a minimum or
// not. For f convex this is the only solution.
//
// Assumed is that the pieces are smooth on both sides of their kinks, for steps look a little further, that switches are
// transversal to the solution or flat, that none changes its sign twice within a quarter of a step, and that the domain has no
// holes. Switches count as 0 up to FlowOptions.Kink, so that kinks nearer to each other than that are taken for one.
// Events that accumulate end the solution with [TooManyEvents], unless all their switches become 0 together before; so
// may several switches that tie where they are flat, and poles.
type GradientFlow struct{}

func (GradientFlow) check() error                                     { return nil }
func (GradientFlow) states() int                                      { return 1 }
func (GradientFlow) start([]float64, int)                             {}
func (GradientFlow) discrete(step float64) (Method, float64, float64) { return SGD{}, step, step }

func (GradientFlow) velocity(_ float64, _, g, dy []float64) {
	for i := range dy {
		dy[i] = -g[i]
	}
}

// HeavyBallFlow is ẍ + Friction·ẋ + ∇f(x) = 0, ẋ(0) = 0, the limit of [HeavyBall] with step α and
// Beta = 1 − Friction·√α, with time √α a step (B. T. Polyak, USSR Comput. Math. Math. Phys. 4(5), 1964).
type HeavyBallFlow struct {
	Friction float64 // at least 0
}

func (s HeavyBallFlow) check() error       { return nonnegative("HeavyBallFlow", "Friction", s.Friction) }
func (HeavyBallFlow) states() int          { return 2 }
func (HeavyBallFlow) start([]float64, int) {}

func (s HeavyBallFlow) velocity(_ float64, y, g, dy []float64) {
	n := len(g)
	for i, v := range y[n:] {
		dy[i] = v
		dy[n+i] = -float64(s.Friction*v) - g[i]
	}
}

func (s HeavyBallFlow) discrete(step float64) (Method, float64, float64) {
	time := math.Sqrt(step)
	return HeavyBall{Beta: 1 - float64(s.Friction*time)}, step, time
}

// NesterovFlow is ẍ + (3/t)ẋ + ∇f(x) = 0, ẋ(0) = 0, the limit of [Nesterov] with step s and time √s a step (W. Su, S.
// Boyd and E. Candès, JMLR 17, 2016). At t = 0 the equation is singular, and ẍ(0) = −∇f(x(0))/4.
type NesterovFlow struct{}

func (NesterovFlow) check() error         { return nil }
func (NesterovFlow) states() int          { return 2 }
func (NesterovFlow) start([]float64, int) {}

func (NesterovFlow) velocity(t float64, y, g, dy []float64) {
	n := len(g)
	for i, v := range y[n:] {
		dy[i] = v
		if t == 0 {
			dy[n+i] = -g[i] / 4
			continue
		}
		dy[n+i] = -float64(3/t*v) - g[i]
	}
}

func (NesterovFlow) discrete(step float64) (Method, float64, float64) {
	return Nesterov{}, step, math.Sqrt(step)
}

// INNAFlow is θ̈ + αθ̇ + β∇²f(θ)θ̇ + ∇f(θ) = 0 in the form of first order that [INNA] discretises, with time γ a step of
// learning rate γ,
//
//	θ̇ = (1/β − α)θ − ψ/β − β∇f(θ),  ψ̇ = (1/β − α)θ − ψ/β,  ψ(0) = (1 − αβ)θ(0).
type INNAFlow struct {
	Alpha float64 // α ≥ 0
	Beta  float64 // β > 0
}

func (s INNAFlow) check() error {
	return cmp.Or(nonnegative("INNAFlow", "Alpha", s.Alpha), positive("INNAFlow", "Beta", s.Beta))
}

func (INNAFlow) states() int { return 2 }

func (s INNAFlow) start(y []float64, n int) {
	for i, x := range y[:n] {
		y[n+i] = (1 - float64(s.Alpha*s.Beta)) * x
	}
}

func (s INNAFlow) velocity(_ float64, y, g, dy []float64) {
	n, of := len(g), 1/s.Beta-s.Alpha
	for i, psi := range y[n:] {
		common := float64(of*y[i]) - psi/s.Beta
		dy[i] = common - float64(s.Beta*g[i])
		dy[n+i] = common
	}
}

func (s INNAFlow) discrete(step float64) (Method, float64, float64) {
	return INNA(s), step, step
}
