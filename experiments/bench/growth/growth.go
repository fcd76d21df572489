// Package growth measures how time, memory and counted work grow with the size of a problem, and
// holds the fitted exponents against predicted ones.
//
// A [Law] is such a prediction: a sentence, the exponent with its derivation, the sizes, and the
// ranges of sizes that lines are fitted to. All of these are fixed before anything is measured;
// a range that ends where a cache ends says so. [Measure] returns a [Curve], which draws itself as a
// [figure.Figure] and as rows of a table.
//
// Counts, such as the operations of a program or the cells of an arrangement, have no noise: laws
// about them that have a formula are exact, and tests hold them. Times have noise and depend on the
// machine: their verdicts inform, and no test looks at them. They are times of processors, since the clock makes
// slopes too steep where other processes run: long runs are interrupted, and short ones hardly ever.
package growth

import "fmt"

// Quantity is what grows.
type Quantity string

// The quantities, and which part of a [Work] gives them.
const (
	// Time is that of processors, in seconds, so that what else runs on a machine does not count; where the
	// system does not tell, it is Elapsed.
	Time       Quantity = "time"         // of Run
	Ratio      Quantity = "time ratio"   // of Run over Base, timed in turn
	Elapsed    Quantity = "elapsed time" // of Run by the clock, in seconds
	Operations Quantity = "operations"   // Count: of one run, by vm.Cost
	Cells      Quantity = "cells"        // Count: leaves of a search
	Vertices   Quantity = "vertices"     // Count: extreme points of a set
	Calls      Quantity = "calls"        // Count: of an oracle
	Share      Quantity = "share"        // Count: a ratio of two counts
	Numbers    Quantity = "numbers"      // Count: for which a workspace has room, by vm.Cost
	Allocated  Quantity = "allocated"    // bytes that Build allocates, whether or not they are freed
	Held       Quantity = "held"         // bytes reachable from what Build returns
	Peak       Quantity = "peak"         // the most bytes that the heap has more while Build runs
)

// Unit returns the unit of a quantity, "1" for a pure number.
func (q Quantity) Unit() string {
	switch q {
	case Time, Elapsed:
		return "s"
	case Allocated, Held, Peak:
		return "B"
	default:
		return "1"
	}
}

func (q Quantity) timed() bool   { return q == Time || q == Ratio || q == Elapsed }
func (q Quantity) memory() bool  { return q.Unit() == "B" }
func (q Quantity) counted() bool { return !q.timed() && !q.memory() }

// Work is what a law looks at for one size. Prepare sets what the law's quantity needs.
type Work struct {
	Run   func() error
	Base  func() error
	Build func() (any, error)
	Count func() (float64, error)
}

func (w Work) check(q Quantity) error {
	missing := ""
	switch {
	case q.timed() && w.Run == nil:
		missing = "Run"
	case q == Ratio && w.Base == nil:
		missing = "Base"
	case q.memory() && w.Build == nil:
		missing = "Build"
	case q.counted() && w.Count == nil:
		missing = "Count"
	default:
		return nil
	}
	return fmt.Errorf("growth: a law about %s needs the function %s of its work; set it", q, missing)
}

// Range is a part of the axis that has a line of its own. Ranges are part of the law, so that none is
// chosen after seeing the data.
type Range struct {
	From, To int // sizes, both included; To is 0 if there is no end
	// Below and Above are how far the fitted exponent may lie below and above the predicted one.
	Below, Above float64
	Reason       string // why there is a range, and the tolerance
}

func (r Range) contains(size int) bool { return size >= r.From && (r.To == 0 || size <= r.To) }

// Law is a prediction of growth.
type Law struct {
	Name     string // by which [Lookup] finds it: "gradient-variables-time"
	Sentence string // that somebody could dispute
	Axis     string // what the size counts: "variables n"
	Quantity Quantity
	// Exponential says that the quantity is fitted as 2 to the exponent times the size, the exponent
	// being the number of doublings for each unit of size, on an axis that is not logarithmic. Else
	// it is fitted as the size to the exponent.
	Exponential bool
	// Predicted is the quantity at a size: exactly if Exact, and else up to a factor that the law leaves
	// open. The predicted exponent of a range is that of the line through these numbers.
	Predicted  func(size float64) float64
	Formula    string // Predicted as it is written: "4n − 1", "n log n"
	Derivation string // why
	Exact      bool
	Ranges     []Range
	// Quick and Full are the sizes, ascending, of the two profiles.
	Quick, Full []int
	// Prepare makes the work of one size: all that is not to be measured.
	Prepare func(size int) (Work, error)
}

// sizes returns those of a profile.
func (l *Law) sizes(full bool) []int {
	if full {
		return l.Full
	}
	return l.Quick
}

// Lookup returns the law of that name.
func Lookup(name string) (Law, error) {
	for _, l := range Laws() {
		if l.Name == name {
			return l, nil
		}
	}
	return Law{}, fmt.Errorf("growth: there is no law %q; take a name of the list", name)
}
