package ad

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// ClassAt returns the class of the germ of f at a point, with the certificates
// of continuity and local Lipschitz continuity: see expr.Func.ClassAt. The point
// has one flat row-major buffer for each input of f, then one for each open slot.
// Values are computed in float64, so a switch or a domain boundary is met where
// float64 meets it; ClassAtExact decides them in rationals.
func ClassAt(f *expr.Func, x [][]float64) (expr.Class, error) {
	if err := checkPoint(f, x, isFinite); err != nil {
		return expr.Class{}, err
	}
	values, err := floatValues(f, switches(f), x)
	if err != nil {
		return expr.Class{}, err
	}
	return f.ClassAt(func(n expr.Node) []float64 { return values[n] }), nil
}

// ClassAtExact is ClassAt at a rational point. Of the nodes that decide, everything
// that is rational is computed exactly, and so are the kinks and domains; only
// what depends on a transcendental op, on a root or on a division by zero is
// computed in float64. Entries that differ but have the same nearest float64
// count as tied in sorts and ranks, which at worst withholds a certificate.
func ClassAtExact(f *expr.Func, x [][]*big.Rat) (expr.Class, error) {
	if err := checkPoint(f, x, func(r *big.Rat) bool { return r != nil }); err != nil {
		return expr.Class{}, err
	}
	rational, rest, err := exactValues(f, switches(f), x)
	if err != nil {
		return expr.Class{}, err
	}
	at := make([][]float64, len(x))
	for i, v := range x {
		at[i] = nearest(v)
	}
	values, err := floatValues(f, rest, at)
	if err != nil {
		return expr.Class{}, err
	}
	for n, v := range rational {
		values[n] = nearest(v)
	}
	return f.ClassAt(func(n expr.Node) []float64 { return values[n] }), nil
}

// switches returns the nodes whose values decide the class of a germ of f:
// those that the analysis asks for when it learns nothing. What it learns only
// makes it ask less.
func switches(f *expr.Func) (asked []expr.Node) {
	seen := map[expr.Node]bool{}
	f.ClassAt(func(n expr.Node) []float64 {
		if !seen[n] {
			seen[n] = true
			asked = append(asked, n)
		}
		return nil
	})
	return asked
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// checkPoint reports the first mistake in a point.
func checkPoint[T any](f *expr.Func, x [][]T, ok func(T) bool) error {
	leaves := append(f.In(), f.Slots()...)
	if len(x) != len(leaves) {
		return fmt.Errorf("ad: the point has %d buffers; the program has %d inputs and %d slots", len(x), len(f.In()), len(f.Slots()))
	}
	for i, n := range leaves {
		if len(x[i]) != n.Shape().Size() {
			return fmt.Errorf("ad: the point has %d entries for %v; it needs %d", len(x[i]), n, n.Shape().Size())
		}
		for j, v := range x[i] {
			if !ok(v) {
				return fmt.Errorf("ad: entry %d of %v is %v; a germ needs a finite point", j, n, v)
			}
		}
	}
	return nil
}

// floatValues computes nodes of f at a point. A switch that is NaN is no error:
// the nodes that depend on it are NaN.
func floatValues(f *expr.Func, nodes []expr.Node, x [][]float64) (map[expr.Node][]float64, error) {
	values := make(map[expr.Node][]float64, len(nodes))
	if len(nodes) == 0 {
		return values, nil
	}
	g, err := f.Graph().Func(expr.In(f.In()...), expr.Out(nodes...))
	if err != nil {
		return nil, err
	}
	p, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float64, n.Shape().Size())
		values[n] = out[i]
	}
	var nan *vm.NaNError
	if err := p.Run(out, restrict(f, g, x)...); err != nil && !errors.As(err, &nan) {
		return nil, err
	}
	return values, nil
}

// restrict returns the buffers of a point of f that g, a part of f, has inputs and
// slots for.
func restrict[T any](f, g *expr.Func, x [][]T) [][]T {
	at := map[expr.Node][]T{}
	for i, n := range append(f.In(), f.Slots()...) {
		at[n] = x[i]
	}
	var out [][]T
	for _, n := range append(g.In(), g.Slots()...) {
		out = append(out, at[n])
	}
	return out
}

// exactValues computes those of the nodes that are rational, and lists the
// others.
func exactValues(f *expr.Func, nodes []expr.Node, x [][]*big.Rat) (values map[expr.Node][]*big.Rat, rest []expr.Node, err error) {
	if len(nodes) == 0 {
		return nil, nil, nil
	}
	g, err := f.Graph().Func(expr.In(f.In()...), expr.Out(nodes...))
	if err != nil {
		return nil, nil, err
	}
	out, err := exact.Partial(g, restrict(f, g, x)...)
	if err != nil {
		return nil, nil, err
	}
	values = make(map[expr.Node][]*big.Rat, len(nodes))
	for i, n := range nodes {
		if out[i] == nil {
			rest = append(rest, n)
		} else {
			values[n] = out[i]
		}
	}
	return values, rest, nil
}

// nearest rounds rationals to float64 such that signs stay and only integers
// become integers, which is what the analysis looks at.
func nearest(x []*big.Rat) []float64 {
	out := make([]float64, len(x))
	for i, r := range x {
		v, exact := r.Float64()
		switch {
		case exact:
		case v == 0:
			v = math.Copysign(math.SmallestNonzeroFloat64, float64(r.Sign()))
		case v == math.Trunc(v) && !r.IsInt() && math.Abs(v) < 1<<51:
			v = besideInteger(v, r)
		}
		out[i] = v
	}
	return out
}

// besideInteger returns a float64 on the same side of the integer v as r.
func besideInteger(v float64, r *big.Rat) float64 {
	if r.Cmp(new(big.Rat).SetFloat64(v)) < 0 {
		return math.Nextafter(v, math.Inf(-1))
	}
	return math.Nextafter(v, math.Inf(1))
}
