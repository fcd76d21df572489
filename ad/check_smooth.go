package ad

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// maxCoordinates bounds how many coordinates are looked at one by one: those at
// which the claim is farthest from the program's derivative.
const maxCoordinates = 64

// smooth judges a claim where no kink is active.
func (c *checker) smooth() (*CheckReport, error) {
	values, err := newDifference(c.f, c.open, c.x)
	if err != nil {
		return nil, err
	}
	decided := 0
	directions := c.directions()
	for _, d := range directions {
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		own, claim, tol := dot(c.middle, d), dot(c.claimed, d), c.tolerance(d)
		slope, uncertain, ok := values.slope(d, own, tol)
		bounds := &Witness{Direction: d, Claimed: claim, Lo: slope - uncertain, Hi: slope + uncertain}
		contradicted := ok && math.Abs(own-slope) > tol+uncertain // the record of an op is wrong
		switch {
		case ok && math.Abs(claim-slope) > tol+uncertain:
			why := "the derivative along this direction is known from values"
			if contradicted {
				why += "; the program's own derivative is wrong there too, so a rule of one of its ops is"
			}
			return c.wrong(bounds, why), nil
		case !contradicted && math.Abs(claim-own) > tol:
			return c.wrong(&Witness{Direction: d, Claimed: claim, Lo: own, Hi: own}, "the derivative along this direction is the program's own; differences of values are too rough to tell"), nil
		}
		if ok {
			decided++
		}
	}
	why := fmt.Sprintf("no kink is active, and the claim agrees with the program's derivative and along %d of %d directions with its values", decided, len(directions))
	return c.report(VerdictAgree, why), nil
}

// directions returns coordinates, the most suspicious first, and two random
// directions, which are the ones that see errors in all of many coordinates.
func (c *checker) directions() [][]float64 {
	n := len(c.claimed)
	var out [][]float64
	for _, i := range c.suspects() {
		out = append(out, unit(n, i, 1))
	}
	for range 2 {
		d := make([]float64, n)
		for i := range d {
			d[i] = float64(c.rng.IntN(17)-8) / 8
		}
		out = append(out, d)
	}
	return out
}

// suspects orders the coordinates by how far the claim is from the middle.
func (c *checker) suspects() []int {
	order := span(0, len(c.claimed))
	gap := func(i int) float64 { return math.Abs(c.claimed[i] - c.middle[i]) }
	slices.SortStableFunc(order, func(i, j int) int { return compareFloats(gap(j), gap(i)) })
	return order[:min(len(order), maxCoordinates)]
}

// difference takes derivatives of f from its values.
type difference struct {
	f     *expr.Func
	x     [][]float64
	exact *exact.Program // nil if f is not rational
	float *vm.Program    // f, then all choices of branches
	scale float64        // the largest number that any operation of f gives at x
	here  [][]float64    // their values at x
	out   [][]float64
}

func newDifference(f, gradient *expr.Func, x [][]float64) (*difference, error) {
	v := &difference{f: f, x: x}
	if p, err := exact.Compile(f); err == nil {
		v.exact = p
	}
	branches, err := branchesOf(f, gradient)
	if err != nil {
		return nil, err
	}
	watched := append(f.Out(), branches...)
	g, err := f.Graph().Func(expr.In(f.In()...), expr.Out(watched...))
	if err != nil {
		return nil, err
	}
	if v.float, err = vm.Compile(g, vm.Options{}); err != nil {
		return nil, err
	}
	v.here, v.out = buffersFor(watched), buffersFor(watched)
	if err := v.float.Run(v.here, x...); err != nil {
		return nil, err
	}
	return v, v.measure()
}

// branchesOf returns the nodes that tell which smooth piece a point is on: the
// choices of branches of the first derivative and of the second, which jumps at
// the seams of functions such as huber.
func branchesOf(f, gradient *expr.Func) ([]expr.Node, error) {
	first, err := Wire(gradient, AtSlot(0.5))
	if err != nil {
		return nil, err
	}
	gradients, err := f.Graph().Func(expr.In(f.In()...), expr.Out(first.Out()[1:]...))
	if err != nil {
		return nil, err
	}
	second, err := Forward(gradients)
	if err != nil {
		return nil, err
	}
	if second, err = Wire(second, AtSlot(0.5)); err != nil {
		return nil, err
	}
	var out []expr.Node
	order := expr.NewOrder(append(first.Out(), second.Out()...)...)
	for i, ofDirection := range order.Depends(second.In()[len(f.In()):]) {
		n := order.Node(i)
		if ofDirection {
			continue
		}
		switch n.Op().Name {
		case "step", "rank", "permutation", "compare", "sign", "floor":
			out = append(out, n)
		}
	}
	return out, nil
}

// measure finds the scale: differences of large numbers keep their rounding.
func (v *difference) measure() error {
	nodes := v.f.Nodes()
	all, err := v.f.Graph().Func(expr.In(v.f.In()...), expr.Out(nodes...))
	if err != nil {
		return err
	}
	p, err := vm.Compile(all, vm.Options{})
	if err != nil {
		return err
	}
	values := buffersFor(nodes)
	if err := p.Run(values, v.x...); err != nil {
		return err
	}
	for _, y := range values {
		for _, w := range y {
			if isFinite(w) {
				v.scale = max(v.scale, math.Abs(w))
			}
		}
	}
	return nil
}

// slope returns the derivative along d and a bound of its error: ten times what
// Ridders' extrapolation estimates, since that is no more than an estimate. If the
// program's own derivative is confirmed up to tol, one step is enough. Otherwise
// all steps must agree that are precise, from a part of the reach of x on down:
// long ones step over what is narrow. ok is false if they do not, or if no step is
// precise and stays on one smooth piece.
func (v *difference) slope(d []float64, own, tol float64) (slope, bound float64, ok bool) {
	if slope, bound, ok = v.exactSlope(d); ok {
		return slope, bound, true
	}
	reach := 1.0
	for _, x := range v.x {
		for _, w := range x {
			reach = max(reach, math.Abs(w))
		}
	}
	const shrink, least, precise = 1.0 / 8, 0x1p-48, 1e-3
	for h := reach / 8; h > reach*least; h *= shrink {
		s, e, smooth := v.ridders(d, h)
		e = float64(10 * e)
		if !smooth || e > precise*(math.Abs(s)+v.scale/reach) {
			continue
		}
		if ok && math.Abs(s-slope) > e+bound {
			return 0, 0, false
		}
		if !ok || e < bound {
			slope, bound, ok = s, e, true
		}
		if math.Abs(own-slope) <= tol+bound {
			break
		}
	}
	return slope, bound, ok
}

// The step of exact differences is far below the distance of numbers of ordinary
// length to any kink. What curvature adds to the quotient, the step times a
// second derivative or its square times a third one, is below the truncation as
// long as these are below 2¹²⁸.
const (
	stepBits   = 256
	truncation = 0x1p-128
)

// exactSlope is the mean of the two one-sided differences, which must agree.
func (v *difference) exactSlope(d []float64) (slope, bound float64, ok bool) {
	if v.exact == nil {
		return 0, 0, false
	}
	h := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), stepBits))
	var y [3]*big.Rat
	for i := range y {
		t := new(big.Rat).Mul(h, big.NewRat(int64(i-1), 1))
		out, err := v.exact.Run(moved(v.f, ratsOf(v.x), t, ratsOf([][]float64{d})[0])...)
		if err != nil {
			return 0, 0, false
		}
		y[i] = out[0][0]
	}
	left, right := new(big.Rat).Sub(y[1], y[0]), new(big.Rat).Sub(y[2], y[1])
	left.Quo(left, h)
	right.Quo(right, h)
	a, _ := left.Float64()
	b, _ := right.Float64()
	return (a + b) / 2, 10 * truncation, math.Abs(a-b) <= float64(1e-15*max(math.Abs(a), math.Abs(b)))+truncation
}

// moved returns the inputs of f with t·d added to those of f.Wrt().
func moved(f *expr.Func, x [][]*big.Rat, t *big.Rat, d []*big.Rat) [][]*big.Rat {
	out := slices.Clone(x)
	for _, w := range f.Wrt() {
		for i, n := range f.In() {
			if n == w {
				out[i] = addScaled(x[i], t, d[:len(x[i])])
				d = d[len(x[i]):]
			}
		}
	}
	return out
}

// ridders extrapolates central differences with steps h, h/1.4, h/1.4², … to 0.
func (v *difference) ridders(d []float64, h float64) (slope, uncertain float64, ok bool) {
	const levels, ratio = 10, 1.4
	var table [levels][levels]float64
	uncertain = math.Inf(1)
	for i := range levels {
		a, okA := v.value(d, h)
		b, okB := v.value(d, -h)
		if !okA || !okB {
			return 0, 0, false
		}
		table[0][i] = (a - b) / (2 * h)
		noise := 4 * 0x1p-52 * max(v.scale, math.Abs(a), math.Abs(b)) / h
		factor := ratio * ratio
		for j := 1; j <= i; j++ {
			table[j][i] = (table[j-1][i]*factor - table[j-1][i-1]) / (factor - 1)
			factor *= ratio * ratio
			e := max(math.Abs(table[j][i]-table[j-1][i]), math.Abs(table[j][i]-table[j-1][i-1])) + noise
			if e < uncertain {
				slope, uncertain = table[j][i], e
			}
		}
		h /= ratio
	}
	return slope, uncertain, isFinite(slope) && isFinite(uncertain)
}

// value returns f(x + h·d) if the same branches are taken there as at x.
func (v *difference) value(d []float64, h float64) (y float64, ok bool) {
	x := make([][]float64, len(v.x))
	copy(x, v.x)
	for _, w := range v.f.Wrt() {
		for i, n := range v.f.In() {
			if n == w {
				x[i] = slices.Clone(v.x[i])
				for j := range x[i] {
					x[i][j] += float64(h * d[j])
				}
				d = d[len(x[i]):]
			}
		}
	}
	if err := v.float.Run(v.out, x...); err != nil || !isFinite(v.out[0][0]) {
		return 0, false
	}
	for i, branch := range v.here[1:] {
		if !slices.Equal(branch, v.out[1+i]) {
			return 0, false
		}
	}
	return v.out[0][0], true
}

func ratsOf(x [][]float64) [][]*big.Rat {
	out := make([][]*big.Rat, len(x))
	for i, v := range x {
		for _, w := range v {
			out[i] = append(out[i], new(big.Rat).SetFloat64(w))
		}
	}
	return out
}
