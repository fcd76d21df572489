package verify

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/mixed"
)

// rounding is the relative difference at which numbers in float64 count as equal:
// both sides have been rounded many times. Rationals are compared exactly.
//
// It is the one tolerance for what float64 cannot decide. Explain answers for the
// numbers that it found, as they stand: a gradient of 1e-16 is not 0. Such an answer
// is no fault if it is right for the numbers as printed, exactly; but where other
// numbers within rounding of them say otherwise it is open, and does not hold.
const rounding = 0x1p-36

func rational(r []*big.Rat) Vector { return mixed.Rational(r) }

// text writes a vector, exactly if it is rational.
func text(v Vector) string {
	parts := make([]string, len(v.Float))
	for i, x := range v.Float {
		if parts[i] = jsonnum.Number(x).String(); v.Exact != nil {
			parts[i] = v.Exact[i].RatString()
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// part returns entries lo ≤ i < hi.
func part(v Vector, lo, hi int) Vector {
	out := Vector{Float: v.Float[lo:hi]}
	if v.Exact != nil {
		out.Exact = v.Exact[lo:hi]
	}
	return out
}

// agree compares exactly if both are rational, else relative to the larger vector,
// or to 1 if both are smaller; NaN agrees with NaN.
func agree(a, b Vector, tol float64) bool {
	if len(a.Float) != len(b.Float) {
		return false
	}
	if a.Exact != nil && b.Exact != nil {
		for i, x := range a.Exact {
			if x.Cmp(b.Exact[i]) != 0 {
				return false
			}
		}
		return true
	}
	tol *= max(1, size(a), size(b))
	for i, x := range a.Float {
		y := b.Float[i]
		if x != y && !(x != x && y != y) && !(math.Abs(x-y) <= tol) {
			return false
		}
	}
	return true
}

// near is agree also for rationals.
func near(a, b Vector, tol float64) bool {
	a.Exact = nil
	return agree(a, b, tol)
}

// size is the largest finite entry.
func size(v Vector) (most float64) {
	for _, x := range v.Float {
		if a := math.Abs(x); !math.IsInf(a, 0) {
			most = max(most, a) // NaN stays out
		}
	}
	return most
}

func isFinite(v Vector) bool {
	for _, x := range v.Float {
		if x-x != 0 {
			return false
		}
	}
	return true
}

func isZero(v Vector) bool { return agree(v, blankLike(v), 0) }

func blankLike(v Vector) Vector {
	out := Vector{Float: make([]float64, len(v.Float))}
	if v.Exact != nil {
		out.Exact = integers(make([]int64, len(v.Exact))...)
	}
	return out
}

// minus returns a − b, in rationals if both are rational.
func minus(a, b Vector) Vector {
	if a.Exact != nil && b.Exact != nil {
		out := make([]*big.Rat, len(a.Exact))
		for i, x := range a.Exact {
			out[i] = new(big.Rat).Sub(x, b.Exact[i])
		}
		return rational(out)
	}
	out := Vector{Float: make([]float64, len(a.Float))}
	for i, x := range a.Float {
		out.Float[i] = x - b.Float[i]
	}
	return out
}

// dot returns ⟨a, b⟩ as a vector of one number.
func dot(a, b Vector) Vector {
	if a.Exact != nil && b.Exact != nil {
		sum, term := new(big.Rat), new(big.Rat)
		for i, x := range a.Exact {
			sum.Add(sum, term.Mul(x, b.Exact[i]))
		}
		return one(sum)
	}
	sum := 0.0
	for i, x := range a.Float {
		sum += float64(x * b.Float[i])
	}
	return Vector{Float: []float64{sum}}
}

// below reports whether a < b, in float64 by more than rounding at the given size.
func below(a, b Vector, size float64) bool {
	if a.Exact != nil && b.Exact != nil {
		return a.Exact[0].Cmp(b.Exact[0]) < 0
	}
	return a.Float[0] < b.Float[0]-float64(rounding*max(size, 1))
}

// inHull reports whether v is in the convex hull of points: in rationals with a
// certificate that is checked by multiplication, else up to rounding.
func inHull(points []Vector, v Vector) (bool, error) {
	if len(points) == 0 {
		return false, nil
	}
	if isExact(points) && v.Exact != nil {
		if contains(points, v) {
			return true, nil
		}
		m, err := convex.ExactContains(exactly(points), v.Exact)
		if err != nil {
			return false, err
		}
		return m.Inside, convex.CheckContains(exactly(points), v.Exact, m)
	}
	scale := max(1, size(v))
	floats := make([][]float64, len(points))
	for i, p := range points {
		floats[i] = p.Float
		scale = max(scale, size(p))
	}
	m, err := convex.Contains(floats, v.Float, rounding*scale)
	return m.Inside, err
}

// isIn reports whether v is in the convex hull of points, for an answer that may claim
// so. In float64 it is if that is so up to rounding. One that denies it is open if the
// numbers as printed are its only ground.
func isIn(points []Vector, v Vector, claimed bool) (bool, error) {
	inside, err := inHull(points, v)
	if err != nil || !inside || claimed || isExact(points) && v.Exact != nil {
		return inside, err
	}
	if inside, err = inHull(printed(points), printed([]Vector{v})[0]); err == nil && !inside {
		err = open("%s is outside the hull by what may be rounding", text(v))
	}
	return inside, err
}

// zeroIn is isIn for 0 and an answer.
func zeroIn(points []Vector, answer string) (bool, error) {
	return isIn(points, blankLike(points[0]), answer == yes)
}

// printed returns the floats of vectors as the rationals that they are; what is not
// finite has none.
func printed(points []Vector) []Vector {
	out := make([]Vector, len(points))
	for i, p := range points {
		out[i].Float = p.Float
		if !isFinite(p) {
			continue
		}
		out[i].Exact = []*big.Rat{}
		for _, x := range p.Float {
			out[i].Exact = append(out[i].Exact, new(big.Rat).SetFloat64(x))
		}
	}
	return out
}

func exactly(points []Vector) [][]*big.Rat {
	out := make([][]*big.Rat, len(points))
	for i, p := range points {
		out[i] = p.Exact
	}
	return out
}

// hasDirection reports whether the open cone of the rows has a direction d, with
// ⟨a, d⟩ > 0 for all rows a; the answer is checked either way (Gordan 1873).
func hasDirection(rows [][]*big.Rat) (bool, error) {
	switch {
	case len(rows) == 0:
		return true, nil
	case haveOpposites(rows): // as copies of a kink have
		return false, nil
	}
	a, err := convex.ExactDirection(rows)
	switch {
	case err != nil:
		return false, err
	case a.Direction != nil:
		return true, convex.CheckDirection(rows, a.Direction)
	}
	return false, convex.CheckRefutation(rows, a.Support, a.Weights)
}

// haveOpposites reports whether two rows add up to 0, the shortest refutation.
func haveOpposites(rows [][]*big.Rat) bool {
	opposite := func(x, y *big.Rat) bool {
		return x.Sign() == -y.Sign() && x.Num().CmpAbs(y.Num()) == 0 && x.Denom().Cmp(y.Denom()) == 0
	}
	for i, a := range rows {
		if slices.ContainsFunc(rows[:i], func(b []*big.Rat) bool { return slices.EqualFunc(a, b, opposite) }) {
			return true
		}
	}
	return false
}

// label numbers an entry of a list in messages.
func label(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
