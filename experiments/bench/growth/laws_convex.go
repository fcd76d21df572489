package growth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/verify"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

func hullLaws() []Law {
	segments := Law{Axis: "segments k", Quick: doublings(1<<4, 1<<11, 2), Full: doublings(1<<4, 1<<14, 2), Prepare: nearestOfSum}
	list := Law{Axis: "points m", Quick: doublings(1<<5, 1<<13, 2), Full: doublings(1<<5, 1<<16, 2), Prepare: nearestOfList}
	sphere := Law{Axis: "points m", Quick: doublings(1<<4, 1<<9, 2), Full: doublings(1<<4, 1<<12, 2), Prepare: extremeOfSphere}
	return []Law{
		segments.law(
			"nearest-kinks-calls", Calls, "The point nearest to 0 of a sum of k segments in ℝ⁸ asks for a number of support functions that does not depend on k.",
			flat, "1", "Wolfe's corral has at most 9 points, and how often one of them is exchanged depends on the shape, which tends to a smooth one for many segments", from(1<<5, allocating, "below it there are few vertices"),
		),
		segments.law(
			"nearest-kinks-time", Time, "The point nearest to 0 of a sum of k segments in ℝ⁸ takes time in proportion to k.",
			linear, "k", "as many support functions whatever k is, each in proportion to k", from(1<<7, allocating, "below it Wolfe's own steps count, which work with at most 9 points"),
		),
		list.law(
			"nearest-points-time", Time, "The point nearest to 0 of the hull of m points in ℝ⁸ takes time in proportion to m.",
			linear, "m", "each cycle looks at all points once; their number depends on the shape", from(1<<8, allocating, "below it Wolfe's own steps count"),
		),
		sphere.law(
			"extreme-points-time", Time, "To find that all of m points on a sphere in ℝ³ are extreme takes time in proportion to m².",
			power(2), "m²", "K. Clarkson, More output-sensitive geometric algorithms, 1994: for each of m points a problem over those found so far, m/2 on average, and a look at all for each found", from(1<<6, allocating, "below it the steps of the solver count, which do not grow"),
		),
	}
}

// nearestOfSum is about Σ [−aᵢ, aᵢ] + b, whose centre b is at twice the size of the sum.
func nearestOfSum(k int) (Work, error) {
	rng := generator(k)
	sets, squares := make([]convex.Set, k), 0.0
	for i := range sets {
		a, b := make([]float64, fieldDimension), make([]float64, fieldDimension)
		for j := range a {
			a[j] = rng.NormFloat64()
			b[j] = -a[j]
			squares += float64(a[j] * a[j])
		}
		var err error
		if sets[i], err = convex.Segment(a, b); err != nil {
			return Work{}, err
		}
	}
	sum, err := convex.Sum(sets...)
	if err != nil {
		return Work{}, err
	}
	centre := make([]float64, fieldDimension)
	for j := range centre {
		centre[j] = 2 * math.Sqrt(squares*float64(k)) / fieldDimension
	}
	set, err := convex.Translate(sum, centre)
	if err != nil {
		return Work{}, err
	}
	nearest := func() (convex.Nearest, error) {
		return convex.MinNormOver(context.Background(), set, convex.Options{})
	}
	return Work{
		Run: func() error {
			_, err := nearest()
			return err
		},
		Count: func() (float64, error) {
			n, err := nearest()
			return float64(n.Cycles), err
		},
	}, nil
}

// cloud draws points with normal coordinates.
func cloud(m, d int) [][]float64 {
	rng, points := generator(m), make([][]float64, m)
	for i := range points {
		points[i] = make([]float64, d)
		for j := range points[i] {
			points[i][j] = rng.NormFloat64()
		}
	}
	return points
}

// nearestOfList is about a cloud around a point at distance 4√8.
func nearestOfList(m int) (Work, error) {
	points := cloud(m, fieldDimension)
	for _, p := range points {
		for j := range p {
			p[j] += 4
		}
	}
	return Work{Run: func() error {
		_, err := convex.MinNorm(points)
		return err
	}}, nil
}

func extremeOfSphere(m int) (Work, error) {
	points := cloud(m, 3)
	for _, p := range points {
		norm := math.Hypot(math.Hypot(p[0], p[1]), p[2])
		for j := range p {
			p[j] /= norm
		}
	}
	return Work{Run: func() error {
		found, err := convex.Extreme(points, 0)
		if err == nil && len(found) != m {
			err = fmt.Errorf("%d of %d points are extreme", len(found), m)
		}
		return err
	}}, nil
}

func rationalLaws() []Law {
	values := Law{Axis: "variables n", Quick: doublings(1<<4, 1<<12, 2), Full: doublings(1<<4, 1<<15, 2), Prepare: rationalGradient}
	objects := Law{Axis: "active kinks k", Exponential: true, Quick: []int{2, 4, 6, 7, 8}, Full: []int{2, 4, 6, 7, 8, 9, 10, 11}, Prepare: rechecking}
	return []Law{
		values.law(
			"rational-variables-time", Time, "Value and gradient in rationals of a separable program of n variables at multiples of 1/8 take time in proportion to n.",
			linear, "n", "denominators are powers of two, at most 64, so that a sum of n numbers is longer by log₂ n bits only and fits into a word", from(1<<6, allocating, "below it the call counts"),
		),
		objects.law(
			"recheck-kinks-time", Time, "To recheck the sets at k kinks in ℝ² in rationals goes through all 2ᵏ combinations of choices, each in proportion to k.",
			func(k float64) float64 { return k * math.Exp2(k) }, "k·2ᵏ", "package verify repeats no search: it takes every product of choices, up to verify.MaxProducts, and runs a program of k terms for each", []Range{
				{From: 4, Below: allocating, Above: allocating, Reason: "below it the parts of an object that do not grow count"},
			},
		),
	}
}

func rationalGradient(n int) (Work, error) {
	d, err := selection(separable(n))
	if err != nil {
		return Work{}, err
	}
	p, err := exact.Compile(d)
	rng, x := generator(n), make([]*big.Rat, n)
	for i := range x {
		x[i] = big.NewRat(rng.Int64N(65)-32, 8)
	}
	return Work{Run: func() error {
		_, err := p.Run(x)
		return err
	}}, err
}

// rechecking is the work of package verify for what package explain says about Σ |aᵢx + bᵢy| at 0.
func rechecking(k int) (Work, error) {
	rng, terms := generator(k), make([]string, k)
	for i := range terms {
		terms[i] = fmt.Sprintf("abs(%d*x+%d*y)", rng.IntN(1000)+1, rng.IntN(2001)-1000)
	}
	text := strings.ReplaceAll(strings.Join(terms, "+"), "+-", "-")
	at, err := explain.ParsePoint("x=0,y=0")
	if err != nil {
		return Work{}, err
	}
	report, err := explain.Analyze(context.Background(), explain.Request{Expression: text, At: at})
	if err != nil {
		return Work{}, err
	}
	object, err := json.Marshal(report)
	if err != nil {
		return Work{}, err
	}
	o, err := verify.NewReader(bytes.NewReader(object)).Next()
	return Work{Run: func() error {
		result, err := verify.Recheck(context.Background(), o)
		if err == nil && result.Count(verify.Fails) > 0 {
			err = fmt.Errorf("%d checks fail", result.Count(verify.Fails))
		}
		return err
	}}, err
}
