package conservative

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// CurveWitness contradicts the chain rule: at almost every time a curve through
// Point with velocity Direction, which stays inside the stratum, has another slope
// than the rule predicts.
type CurveWitness struct {
	Family CurveFamily
	// Arithmetic is "rational" or "float64".
	Arithmetic string
	Inputs     []expr.Node // of the program
	Point      clarke.Point
	Direction  clarke.Vector // flat over the inputs f.Wrt(), with largest entry 1
	// Stratum lists the kinks of the program that are active all along the curve, and
	// Ties the nodes that a foreign rule compares with 0 and that are 0 there at some
	// entry.
	Stratum []ad.Kink
	Ties    []expr.Node
	// Curved says that the curve has to bend to stay in the stratum.
	Curved bool
	// Confirmed lists further points of the curve where it is the same.
	Confirmed []clarke.Point

	// Slope is d/dt f(γ(t)), a vector of one number, as are Lowest and Highest: the
	// slopes that the rule predicts, over the choices that it leaves open. They are
	// empty if one is not a number.
	Slope, Lowest, Highest clarke.Vector
	// Vector is what the rule returned for the choice that is farthest off, and
	// Choices how many were tried.
	Vector  clarke.Vector
	Choices int
	// Blame lists the nodes whose own derivative is wrong there, the worst first. It
	// is empty if no single node was found.
	Blame []NodeError
	// Loop is the loop on which it was found, if it was one.
	Loop *LoopIntegral
}

// NodeError is what one node adds to the error of a slope: what its rule sends to its
// operands, times their tangents, minus its adjoint times its own tangent. See
// ad.Rules.Adjoints.
type NodeError struct {
	Node  expr.Node
	Error float64 // NaN if it is not a number
}

// String states the witness in one line.
func (w *CurveWitness) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "at %s along %s", pointText(w.Inputs, w.Point), vectorText(w.Direction))
	if len(w.Stratum) > 0 {
		fmt.Fprintf(&b, ", inside %s", stratumText(w.Stratum))
	} else if len(w.Ties) > 0 {
		fmt.Fprintf(&b, ", where %v is 0", w.Ties[0])
	}
	fmt.Fprintf(&b, ", the slope is %s; the rule predicts %s", numberText(w.Slope), w.predicted())
	for i, n := range w.Blame {
		b.WriteString([]string{"; to blame: ", ", "}[min(i, 1)])
		fmt.Fprintf(&b, "%v (%+.6g)", n.Node, n.Error)
	}
	return b.String()
}

func (w *CurveWitness) predicted() string {
	lo, hi := numberText(w.Lowest), numberText(w.Highest)
	switch {
	case lo == hi:
		return lo
	case w.Choices > 1:
		return fmt.Sprintf("%s to %s for %d choices", lo, hi, w.Choices)
	}
	return fmt.Sprintf("%s to %s", lo, hi)
}

// stratumText lists the first few kinks.
func stratumText(kinks []ad.Kink) string {
	const few = 4
	var names []string
	for i := range kinks {
		if i == few {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(kinks)-few)
		}
		index := ""
		if k := kinks[i].Index; len(k) > 0 {
			index = strings.ReplaceAll(fmt.Sprint(k), " ", ",")
		}
		names = append(names, kinks[i].Slot.String()+index)
	}
	return strings.Join(names, ", ")
}

func pointText(in []expr.Node, x clarke.Point) string {
	var parts []string
	for i, n := range in {
		text := vectorText(x[i])
		if n.Shape().Rank() == 0 {
			text = text[1 : len(text)-1]
		}
		parts = append(parts, fmt.Sprintf("%v = %s", n, text))
	}
	return strings.Join(parts, ", ")
}

// mostWritten bounds the entries of a vector that are written.
const mostWritten = 8

func vectorText(v clarke.Vector) string {
	var parts []string
	for i, x := range v.Float {
		if i == mostWritten {
			parts = append(parts, fmt.Sprintf("… %d entries", len(v.Float)))
			break
		}
		if v.Exact != nil {
			parts = append(parts, rationalText(v.Exact[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%.6g", x))
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// numberText writes a vector of one number, or none.
func numberText(v clarke.Vector) string {
	if len(v.Float) == 0 {
		return "NaN"
	}
	text := vectorText(v)
	return text[1 : len(text)-1]
}

// rationalText writes short fractions, and long ones as decimals.
func rationalText(r *big.Rat) string {
	const short = 12
	if text := r.RatString(); len(text) <= short {
		return text
	}
	f, _ := r.Float64()
	return fmt.Sprintf("%.6g", f)
}
