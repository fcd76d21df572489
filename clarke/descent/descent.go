// Package descent minimises nonsmooth functions: gradient sampling, quasi-Newton methods, Goldstein
// methods, subgradient and bundle baselines, and the polish that makes their answer exact up to rounding where it
// finds out which kinks are active. Every answer has a status, the number of oracle calls and, unless the run
// ended before, a certificate of how near to stationary it is, which can be checked without the method that found it.
//
// A method asks an [Oracle] for values and gradients. A [Program] is the oracle of an expr.Func, so
// that gradients are those of package ad; functions written by hand implement the interface.
// Nothing here is random except what a method draws from its Seed, and nothing depends on the number of
// goroutines.
package descent

import "context"

// Oracle is a function f: ℝⁿ → ℝ, locally Lipschitz, with gradients where they exist. At a kink
// an oracle returns what it likes, usually the gradient of one piece: methods look at kinks only
// through the gradients around them.
type Oracle interface {
	// Dim returns n ≥ 1.
	Dim() int
	// Evaluate returns f(x) and, if gradient is not nil, writes ∇f(x) to it. x has n entries and
	// must not be modified or kept. Outside of its domain f is +Inf or NaN, which methods take as
	// +Inf. An error ends the run.
	Evaluate(x, gradient []float64) (float64, error)
}

// Batch is an Oracle that evaluates many points faster than one by one.
type Batch interface {
	Oracle
	// EvaluateAll is Evaluate for each point: it writes to values[i] and gradients[i]. Its numbers
	// are those of Evaluate, bit for bit.
	EvaluateAll(ctx context.Context, points [][]float64, values []float64, gradients [][]float64) error
}

// Method minimises.
type Method interface {
	// Name is the name by which command lines call the method: "gradient-sampling".
	Name() string
	// Minimize starts at a point of finite value. A run that ends early, for its limits or its
	// context, is no error: the result says so in its Status. Errors are *InputError for what no
	// method can start from, and those of the oracle.
	Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error)
}

// Limits end a run that has not converged. The zero value means the defaults.
type Limits struct {
	Calls      int     // oracle calls; 0 means 100,000
	Iterations int     // steps of the method; 0 means no limit of their own
	Below      float64 // a value that proves the function unbounded; 0 means −1e30
}

// The defaults of Limits.
const (
	defaultCalls = 100_000
	defaultBelow = -1e30
)

// Status says why a run ended.
type Status string

// The statuses.
const (
	// Stationary says that the Distance of the certificate is at most the method's Tolerance, and its Radius at most the
	// method's or, where that is more, 2⁻⁴⁶‖X‖, for float64 resolves no less; both up to rounding. X need be no
	// minimum. [Bundle] bounds no radius: where f is not convex, look at the one of its certificate.
	Stationary  Status = "stationary"
	Stalled     Status = "stalled"      // no step of the method's kind decreases f any more
	OutOfCalls  Status = "out of calls" // a limit was reached
	Unbounded   Status = "unbounded"    // f fell below Limits.Below
	Interrupted Status = "interrupted"  // the context ended
)

// Result is the best point that a run found. X has the smallest value of all points at which the run
// accepted a step; [Auto] may prefer a certified one of nearly the same value.
type Result struct {
	Method     string
	X          []float64
	F          float64
	Calls      int // points at which the oracle was asked
	Iterations int
	Status     Status
	Message    string // a sentence for people, with the numbers behind Status
	// Certificate is how far X is known to be from stationary.
	Certificate Certificate
}

// Certificate is a convex combination of gradients at points near X:
//
//	MinNorm = Σ Weights[i]·Gradients[i],   ‖Points[i] − X‖ ≤ Radius
//
// so MinNorm is an element of Goldstein's ∂_δ f(X) for δ = Radius, and X is (δ, ε)-stationary for
// ε = Distance (A. A. Goldstein, Math. Programming 13, 1977), as far as the oracle's gradients are
// gradients. Radius 0 means that all are what the oracle returns at X itself: if those are limiting gradients, it
// is a certificate for Clarke's set, but at a kink they may be anything. A run that ended early may leave such
// a certificate; one that ends as Stationary has looked at the gradients around X.
type Certificate struct {
	Points    [][]float64
	Gradients [][]float64
	Weights   []float64
	MinNorm   []float64
	Distance  float64 // ‖MinNorm‖
	Radius    float64
	// Directions are those of the gradients that a DirectionalOracle gave for one, and nil for the
	// others; the list is nil if there are none.
	Directions [][]float64
}
