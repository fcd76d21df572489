package sgd

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// Flow follows the limit that the iterates of a method have as their steps go to 0: see [GradientFlow],
// [HeavyBallFlow], [NesterovFlow] and [INNAFlow]. x is flat over the inputs of the program in their order. A Flow is
// not safe for concurrent use.
type Flow struct {
	system System
	o      FlowOptions
	pieces *pieces
	clarke *clarke.Analyzer // for GradientFlow
}

// System is a differential equation or inclusion in continuous time.
type System interface {
	// check reports parameters out of range.
	check() error
	// states is how many vectors of the size of x a state has, the first of which is x.
	states() int
	// start writes the state at time 0, of which x is there.
	start(y []float64, n int)
	// velocity writes the time derivative of the state y for the gradient g at x. It may use g as scratch.
	velocity(t float64, y, g, dy []float64)
	// discrete is the method that converges to the system, its learning rate for a step size and the time of a step.
	discrete(step float64) (m Method, rate, time float64)
}

// FlowOptions holds the tolerances and limits of a [Flow]. The zero value of a field means its default.
type FlowOptions struct {
	// Relative and Absolute bound the estimated error of a step in each entry of the state by
	// Absolute + Relative·|entry|; 0 means 1e−9 and 1e−11.
	Relative, Absolute float64
	// Kink is the |z| up to which a switch z counts as 0 where events are decided; 0 means 1e−9. The solution is one for
	// kinks that are moved by as much.
	Kink float64
	// Weight is how far the velocity on a manifold may be from the hull of the pieces' gradients, in units of 1 plus
	// the longest of them, before the solution leaves it; 0 means 1e−9.
	Weight float64
	// Critical is the distance from 0 to ∂f(x) up to which x counts as critical; 0 means 1e−9.
	Critical float64
	// MaxStep bounds steps in time; 0 means no bound. A switch that changes its sign twice within a quarter of a step is
	// not seen.
	MaxStep float64
	// Events, Steps and Pieces bound the number of events, of steps, and of pieces that meet at a point; 0 means
	// 1000, 100,000 and 1024.
	Events, Steps, Pieces int
}

func (o *FlowOptions) complete() error {
	for _, f := range []struct {
		value     *float64
		otherwise float64
	}{{&o.Relative, 1e-9}, {&o.Absolute, 1e-11}, {&o.Kink, 1e-9}, {&o.Weight, 1e-9}, {&o.Critical, 1e-9}, {&o.MaxStep, math.MaxFloat64}} {
		if *f.value == 0 {
			*f.value = f.otherwise
		}
		if !(*f.value > 0) || !finite(*f.value) {
			return configError("FlowOptions", "tolerances and MaxStep must be finite and at least 0; one is %v", *f.value)
		}
	}
	for _, f := range []struct {
		value     *int
		otherwise int
	}{{&o.Events, 1000}, {&o.Steps, 100_000}, {&o.Pieces, 1024}} {
		if *f.value == 0 {
			*f.value = f.otherwise
		}
		if *f.value < 0 {
			return configError("FlowOptions", "Events, Steps and Pieces must be at least 0; one is %d", *f.value)
		}
	}
	return nil
}

// NewFlow compiles the limit of a scalar program all of whose inputs are differentiated. Kinks must be such that
// ad.Lock writes them by signs of switches: norms, orders of more than 16 entries and jumps are refused, and for
// systems of second order all kinks. The error is a *ConfigError, a *MethodError or one of package ad.
func NewFlow(f *expr.Func, s System, o FlowOptions) (*Flow, error) {
	if s == nil {
		return nil, configError("System", "there is none; give one such as GradientFlow{}")
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	p, err := newPieces(f)
	if err != nil {
		return nil, err
	}
	flow := &Flow{system: s, o: o, pieces: p}
	if _, inclusion := s.(GradientFlow); inclusion {
		flow.clarke, err = clarke.NewAnalyzer(f, clarke.Options{Tol: o.Kink, Cells: o.Pieces})
		return flow, err
	}
	if len(p.names) > 0 {
		return nil, configError("System", "the program has the kink %s, and a limit of second order is known for smooth programs only; use GradientFlow, or smooth the kink", p.names[0])
	}
	return flow, nil
}

// FlowStatus says why a trajectory ended.
type FlowStatus string

// The statuses.
const (
	// ReachedHorizon says that the solution is known up to the horizon.
	ReachedHorizon FlowStatus = "reached the horizon"
	// ReachedCritical says that dist(0, ∂f(x)) is at most FlowOptions.Critical at the end, so that staying there for
	// ever is a solution.
	ReachedCritical FlowStatus = "reached a critical point"
	// TooManyEvents says that events accumulate: FlowOptions.Events of them, or many at one time.
	TooManyEvents FlowStatus = "too many events"
	// TooManySteps says that FlowOptions.Steps were made.
	TooManySteps FlowStatus = "too many steps"
	// Blocked says that no step is small enough: the solution leaves the domain of f or blows up.
	Blocked FlowStatus = "blocked"
	// Undecided says that it is not known how the solution goes on: too many pieces meet, or they are too flat.
	Undecided FlowStatus = "undecided"
	// NotLipschitz says that f is not certified to be locally Lipschitz where the solution has come to.
	NotLipschitz FlowStatus = "not certified locally Lipschitz"
	// Cancelled says that the context ended.
	Cancelled FlowStatus = "cancelled"
)

// FlowEvent is a point at which the velocity jumps or a manifold of kinks is entered or left.
type FlowEvent struct {
	Time float64
	X    []float64
	Kind FlowEventKind
	// Manifold names the switches that are 0 afterwards, see ad.Locked.
	Manifold []string
	// Before and After are the one-sided velocities.
	Before, After []float64
	// Distance is that from 0 to ∂f(X).
	Distance float64
}

// FlowEventKind says what happens.
type FlowEventKind string

// The kinds of events.
const (
	Crossing FlowEventKind = "crossing" // from one smooth piece to another
	Sliding  FlowEventKind = "sliding"  // onto a manifold of kinks, or from one to another
	Leaving  FlowEventKind = "leaving"  // from a manifold to a smooth piece
)

// Trajectory is a solution from time 0 to End.
type Trajectory struct {
	Events []FlowEvent
	Status FlowStatus
	Reason string // a sentence for people
	End    float64
	Steps  int
	// Critical is what is known of ∂f at the end of a solution that ReachedCritical, with its Distance.
	Critical *clarke.Subdifferential

	n        int // entries of x
	last     []float64
	segments []segment
}

// At returns x(t); x(0) for t < 0, and x(End) for t > End, where a solution that ReachedCritical stays and any other is
// not known.
func (r *Trajectory) At(t float64) []float64 { return r.read(t, (*segment).at) }

// Velocity returns the derivative of what At returns, from the right where it jumps, and 0 after End.
func (r *Trajectory) Velocity(t float64) []float64 {
	if t >= r.End {
		return make([]float64, r.n)
	}
	return r.read(max(t, 0), (*segment).slope)
}

func (r *Trajectory) read(t float64, of func(g *segment, t float64, dst []float64)) []float64 {
	x := make([]float64, r.n)
	if t >= r.End || len(r.segments) == 0 {
		copy(x, r.last)
		return x
	}
	of(&r.segments[segmentAt(r.segments, t)], max(t, 0), x)
	return x
}

// Solve follows the system from x0, at rest if it is of second order, for a time. A solution that ends early is no
// error: the trajectory says so. The error is a *ConfigError, or that of a program which cannot be run.
func (f *Flow) Solve(ctx context.Context, x0 []float64, horizon float64) (*Trajectory, error) {
	if len(x0) != f.pieces.n {
		return nil, configError("x0", "it has %d entries; the program has %d variables", len(x0), f.pieces.n)
	}
	for i, v := range x0 {
		if !finite(v) {
			return nil, configError("x0", "entry %d is %v; start at finite numbers", i, v)
		}
	}
	if !(horizon > 0) || !finite(horizon) {
		return nil, configError("horizon", "it is %v; it must be finite and positive", horizon)
	}
	y := make([]float64, f.system.states()*f.pieces.n)
	copy(y, x0)
	f.system.start(y, f.pieces.n)
	s := &solution{ctx: ctx, Flow: f, y: y, horizon: horizon, t: &Trajectory{n: f.pieces.n}}
	return s.t, s.solve()
}
