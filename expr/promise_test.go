package expr_test

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// The checkers of this file hold what a class promises against samples of a
// program. They return the broken promise, or "". They trust nothing of the
// analysis, so known-bad classes can be fed to them; promise_bad_test.go does.

// line is a program along x + t·u, in rationals.
type line struct {
	program *exact.Program
	x, u    [][]*big.Rat
}

func newLine(f *expr.Func, x, u [][]*big.Rat) (*line, error) {
	p, err := exact.Compile(f)
	return &line{p, x, u}, err
}

// at returns all entries of all outputs; ok is false where a value is undefined
// or too long.
func (l *line) at(t *big.Rat) (values []*big.Rat, ok bool) {
	out, err := l.program.Run(moved(l.x, t, l.u)...)
	return optest.Join(out...), err == nil
}

// samples returns the values at t, t + h, …, t + n·h.
func (l *line) samples(t, h *big.Rat, n int) (rows [][]*big.Rat, ok bool) {
	for k := range n + 1 {
		s := new(big.Rat).Mul(h, big.NewRat(int64(k), 1))
		row, ok := l.at(s.Add(s, t))
		if !ok {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}

// difference is the n-th difference of n + 1 rows; it reports the first entry
// where that is not 0.
func difference(rows [][]*big.Rat) (entry int, value *big.Rat, zero bool) {
	last := rows[0]
	for n := len(rows); n > 1; n-- {
		next := make([][]*big.Rat, n-1)
		for k := range next {
			next[k] = optest.AddScaled(rows[k+1], big.NewRat(-1, 1), rows[k])
		}
		rows, last = next, next[0]
	}
	for i, v := range last {
		if v.Sign() != 0 {
			return i, v, false
		}
	}
	return 0, nil, true
}

// brokenAffine checks a promise of the class affine: second differences vanish
// at every scale.
func brokenAffine(c expr.Class, l *line) string {
	if c.Kind != expr.Affine {
		return ""
	}
	for _, scale := range []int{-40, -3, 0, 5, 30} {
		h := optest.TwoTo(scale)
		rows, ok := l.samples(new(big.Rat).Neg(h), h, 2)
		if !ok {
			continue
		}
		if i, v, zero := difference(rows); !zero {
			return fmt.Sprintf("%v, but the second difference of entry %d with step 2^%d is %v", c, i, scale, v.RatString())
		}
	}
	return ""
}

// brokenPieces checks a promise of piecewise polynomials of some degree d on a
// segment: of many small intervals, all but those that contain one of at most
// kinks breakpoints have vanishing differences of order d + 1. For d = 1 there
// are no more slopes than pieces either.
func brokenPieces(c expr.Class, l *line, kinks int) string {
	if c.Kind > expr.PiecewisePolynomial {
		return ""
	}
	count := 2*kinks + 8
	h := big.NewRat(1, int64(count*(c.Degree+1)))
	bad, slopes := 0, map[string]bool{}
	for k := range count {
		rows, ok := l.samples(big.NewRat(int64(k), int64(count)), h, c.Degree+1)
		if !ok {
			return ""
		}
		if _, _, zero := difference(rows); !zero {
			bad++
			continue
		}
		slopes[fmt.Sprint(optest.Strings([][]*big.Rat{optest.AddScaled(rows[1], big.NewRat(-1, 1), rows[0])}))] = true
	}
	switch {
	case bad > 2*kinks: // a breakpoint between two intervals spoils neither, one inside spoils it
		return fmt.Sprintf("%v, but its differences of order %d vanish on %d of %d intervals only, with at most %d kinks", c, c.Degree+1, count-bad, count, kinks)
	case c.Degree <= 1 && len(slopes) > kinks+1:
		return fmt.Sprintf("%v, but it has %d slopes, with at most %d kinks", c, len(slopes), kinks)
	}
	return ""
}

// brokenCertificate checks a certificate of a germ: along a line, values
// converge if it is continuous, and quotients between two points, one of them
// near the other as well, stay bounded if it is locally Lipschitz. The radii are
// so small that no kink but those at the point is near, and constants of
// programs of small numbers are far below 2^64.
func brokenCertificate(c expr.Class, l *line) string {
	if !c.Continuous {
		return ""
	}
	here, ok := l.at(new(big.Rat))
	if !ok {
		return fmt.Sprintf("continuous %v, but it has no value", c.Continuous)
	}
	for _, radius := range []int{-200, -400, -600} {
		for _, side := range []int64{1, -1, 3, -3} {
			t := new(big.Rat).Mul(optest.TwoTo(radius), big.NewRat(side, 1))
			there, ok := l.at(t)
			if !ok {
				return fmt.Sprintf("certified, but it has no value at distance 2^%d", radius)
			}
			for i := range there {
				gap := new(big.Rat).Sub(there[i], here[i])
				gap.Abs(gap)
				if gap.Cmp(optest.TwoTo(radius/4)) > 0 {
					return fmt.Sprintf("continuous, but entry %d moves by %v within 2^%d", i, gap.FloatString(8), radius)
				}
				if c.Lipschitz && gap.Cmp(optest.TwoTo(radius+64)) > 0 {
					return fmt.Sprintf("Lipschitz, but entry %d has quotients above 2^64 within 2^%d", i, radius)
				}
			}
		}
	}
	return ""
}

// floatLine is a program along x + t·u in float64.
type floatLine struct {
	program *vm.Program
	x, u    [][]float64
	out     [][]float64
	scale   float64 // the largest finite number that it computes at both ends, at least 1
}

func newFloatLine(f *expr.Func, x, u [][]float64) (*floatLine, error) {
	p, err := vm.Compile(f, vm.Options{})
	l := &floatLine{program: p, x: x, u: u, scale: 1}
	for _, n := range f.Out() {
		l.out = append(l.out, make([]float64, n.Shape().Size()))
	}
	for _, t := range []float64{0, 1} {
		values, _ := optest.Floats(f, l.point(t)...)
		for _, row := range values {
			for _, v := range row {
				if v = math.Abs(v); v <= math.MaxFloat64 {
					l.scale = max(l.scale, v)
				}
			}
		}
	}
	return l, err
}

func (l *floatLine) point(t float64) [][]float64 {
	in := make([][]float64, len(l.x))
	for i, x := range l.x {
		for j, v := range x {
			in[i] = append(in[i], v+float64(t*l.u[i][j]))
		}
	}
	return in
}

// at returns the first output entry.
func (l *floatLine) at(t float64) float64 {
	if l.program.Run(l.out, l.point(t)...) != nil {
		return math.NaN()
	}
	return l.out[0][0]
}

// quotient returns the largest difference quotient between the point and its
// neighbours at distances radius and 3·radius, on both sides.
func (l *floatLine) quotient(radius float64) float64 {
	most, here := 0.0, l.at(0)
	for _, side := range []float64{1, -1, 3, -3} {
		q := math.Abs(l.at(side*radius)-here) / math.Abs(side*radius)
		most = max(most, q) // NaN if one of them is
	}
	return most
}

// brokenGrowth checks a certificate in float64, at points whose neighbourhood of
// radius 2^-20 holds no kink or end of a domain but those at the point: the
// quotients of a Lipschitz germ do not grow from 2^-20 to 2^-40. Those of a
// square root grow by 2^10, and those of a jump by 2^20.
func brokenGrowth(c expr.Class, l *floatLine) string {
	if !c.Lipschitz {
		return ""
	}
	far, near := l.quotient(0x1p-20), l.quotient(0x1p-40)
	noise := l.scale * 0x1p-8 // rounding of a few units of 2^-52, over 2^-40
	if math.Abs(l.at(0)) <= math.MaxFloat64 && near <= 8*far+noise {
		return ""
	}
	return fmt.Sprintf("Lipschitz, but quotients grow from %v within 2^-20 to %v within 2^-40", far, near)
}

// brokenMonotony checks a promise of definability: along a line to a point, a
// definable function changes between rising and falling finitely often (the
// monotonicity theorem; van den Dries 1998, chapter 3, theorem 1.2), and a small
// program does so seldom, on many steps that each come closer by the same
// factor.
func brokenMonotony(c expr.Class, l *floatLine) string {
	const steps, most = 300, 40
	if c.Kind == expr.NotDefinable {
		return ""
	}
	changes, sign, last := 0, 0.0, math.NaN()
	for k := range steps {
		v := l.at(math.Pow(0.97, float64(k)))
		d := v - last
		last = v
		if math.IsNaN(d) || math.Abs(d) <= l.scale*0x1p-30 {
			continue // outside the domain, or rounding
		}
		if s := math.Copysign(1, d); s != sign {
			changes, sign = changes+1, s
		}
	}
	if changes > most {
		return fmt.Sprintf("%v, but it turns %d times on %d steps to a point", c, changes, steps)
	}
	return ""
}

// breakpoints bounds the number of breakpoints of a program on a line, from its
// ops alone: where p pieces of degree d meet a switch, each of them is cut at no
// more than d points. It gives up above most.
func breakpoints(f *expr.Func, most int) (count int, ok bool) {
	pieces, degree := 1, map[expr.Node]int{}
	for _, n := range f.Nodes() {
		top, sum := 0, 0
		for _, a := range n.Args() {
			top, sum = max(top, degree[a]), sum+degree[a]
		}
		switch op := n.Op(); {
		case n.IsInput():
			degree[n] = 1
		case op.Degree != nil && op.Class <= expr.PiecewisePolynomial || op.Name == "pow":
			deg := make([]int, 0, 2)
			for _, a := range n.Args() {
				deg = append(deg, degree[a])
			}
			degree[n] = op.Degree(deg, n.Attr())
		default:
			degree[n] = top
		}
		if n.Op().Name == "floor" {
			return 0, false // as many as there are integers in its range
		}
		if s := switchesOf(n); s > 0 {
			pieces += pieces * s * max(1, top)
		}
		if pieces > most || degree[n] > 8 {
			return 0, false
		}
	}
	return pieces - 1, true
}

// switchesOf bounds how many polynomials decide the pieces of a node: for each
// entry of scalar ops, and for each pair of entries elsewhere; clamps and the
// like have more than one each.
func switchesOf(n expr.Node) int {
	op := n.Op()
	if op.Class != expr.PiecewiseAffine && op.Class != expr.PiecewisePolynomial || n.IsInput() {
		return 0
	}
	entries := 0
	for _, a := range n.Args() {
		entries += a.Shape().Size()
	}
	if op.Elementwise {
		return 2*entries + len(n.Attr())
	}
	return entries * (entries + 1)
}
