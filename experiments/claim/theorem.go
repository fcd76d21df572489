package claim

// Theorem is the class of a claim's theorem: what kind of statement it makes.
type Theorem string

// The classes. A claim with several statements has the class of the one that its sentence is about.
const (
	Identity    Theorem = "identity"    // two things are equal, or two statements equivalent, in every instance
	Inequality  Theorem = "inequality"  // a bound, an inclusion or another property holds in every instance
	Limit       Theorem = "limit"       // something is approached, at a rate or of an order
	Probability Theorem = "probability" // an event has a probability, a random number a mean
	Example     Theorem = "example"     // something exists, most often a counterexample
	Observation Theorem = "observation" // what experiments show; no theorem says so
)

// Decision is what decides the verdict of a check.
type Decision string

// The decisions, one for each kind of [Prediction].
const (
	ByEquality  Decision = "equality"  // the number itself: see [Exact]
	ByTolerance Decision = "tolerance" // the measured interval within a tolerance: [Near], [NearRelative]
	ByCoverage  Decision = "coverage"  // a confidence interval, narrow enough, that holds the number: [Covered]
	ByBound     Decision = "bound"     // the measured interval on one side of a bound: [AtMost], [AtLeast]
	ByAbsence   Decision = "absence"   // an event that was not seen, so that it is rare: [Never]
)

// Decision returns what decides a check with this prediction.
func (p Prediction) Decision() Decision { return p.decision }
