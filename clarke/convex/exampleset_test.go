package convex_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke/convex"
)

// The cube [−1, 1]³ mapped to a hexagon, a zonotope of three generators, that is moved
// away from 0.
func ExampleMinNormOver() {
	cube, _ := convex.Box([]float64{-1, -1, -1}, []float64{1, 1, 1})
	zonotope, _ := convex.Image([][]float64{{1, 0, 1}, {0, 1, 1}}, cube)
	moved, err := convex.Translate(zonotope, []float64{4, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := convex.MinNormOver(context.Background(), moved, convex.Options{})
	fmt.Printf("%.3f, distance %.3f ≥ %.3f, certified %t %v\n", n.Point, n.Norm, n.Lower, n.Certified, err)
	// Output: [2.000 0.000], distance 2.000 ≥ 2.000, certified true <nil>
}

// Curved sets are bracketed as closely as Tol asks.
func ExampleDistance() {
	ball, _ := convex.Ball([]float64{0, 0}, 1)
	segment, _ := convex.Segment([]float64{3, -1}, []float64{3, 1})
	n, err := convex.Distance(context.Background(), segment, ball, convex.Options{Tol: 1e-6})
	fmt.Printf("%.5f to %.5f %v\n", n.Lower, n.Norm, err)
	// Output: 2.00000 to 2.00000 <nil>
}

func ExampleContainsOver() {
	doublyStochastic, _ := convex.Birkhoff(2)
	for _, v := range [][]float64{{.25, .75, .75, .25}, {1, 0, 1, 0}} {
		where, n, err := convex.ContainsOver(context.Background(), doublyStochastic, v, convex.Options{})
		fmt.Println(where, n.Support, n.Weights, n.Normal, err)
	}
	// Output:
	// inside [[1 0 0 1] [0 1 1 0]] [0.25 0.75] [] <nil>
	// outside [[1 0 0 1] [0 1 1 0]] [0.5 0.5] [-0.5 0.5 -0.5 0.5] <nil>
}

// The slots of a sum of the two largest among three tied entries.
func ExampleSupportValue() {
	slots, _ := convex.Hypersimplex(3, 2)
	lower, upper, err := convex.SupportValue(slots, []float64{3, -1, 2})
	fmt.Println(lower, upper, err)
	// Output: 5 5 <nil>
}

// Signs of two kinks, one after the other, as the enumeration of cells tries them.
func ExampleCone() {
	cone, err := convex.NewCone(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = cone.Push([]float64{1, 0})
	for _, row := range [][]float64{{0, 1}, {-2, 0}} {
		_ = cone.Push(row)
		a := cone.Direction()
		fmt.Printf("%.3f %d %.3f\n", a.Direction, a.Support, a.Weights)
		cone.Pop()
	}
	// Output:
	// [0.707 0.707] [] []
	// [] [0 1] [0.667 0.333]
}

func ExampleExactRefutation() {
	rows := [][]*big.Rat{rationals(1, 0), rationals(0, 5), rationals(-3, 0)}
	weights, ok := convex.ExactRefutation(rows, []int{0, 2})
	fmt.Println(weights, ok, convex.CheckRefutation(rows, []int{0, 2}, weights))
	// Output: [3/4 1/4] true <nil>
}

func ExampleCheckMinNorm() {
	points := [][]*big.Rat{rationals(1, 3), rationals(4, 1), rationals(5, 5)}
	m, err := convex.ExactMinNorm(points)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(convex.CheckMinNorm(points, m))
	fmt.Println(convex.CheckMinNorm(append(points, rationals(1, 1)), m))
	// Output:
	// <nil>
	// convex: the certificate fails: ⟨x, p⟩ must be at least ⟨x, x⟩ = 121/13 for every point p, at 3, found 55/13
}

func ExampleExactExtremeProof() {
	points := [][]*big.Rat{rationals(0, 0), rationals(2, 0), rationals(1, 0), rationals(0, 2)}
	proof, err := convex.ExactExtremeProof(points)
	fmt.Println(proof.Extreme, proof.Inside[0].Point, proof.Inside[0].Support, proof.Inside[0].Weights, err)
	fmt.Println(convex.CheckExtreme(points, proof))
	// Output:
	// [0 3 1] 2 [0 2] [1/2 1/2] <nil>
	// <nil>
}

func ExampleHull2() {
	points := [][]float64{{0, 0}, {1, 1}, {2, 0}, {1, 0}, {2, 2}, {0, 2}}
	hull, err := convex.Hull2(points)
	area, _ := convex.Area2(points)
	fmt.Println(hull, area, err)
	// Output: [0 2 4 5] 4 <nil>
}

func ExampleAreaOver2() {
	disc, _ := convex.Ball([]float64{0, 0}, 1)
	lower, upper, err := convex.AreaOver2(disc, 200)
	fmt.Printf("%.3f to %.3f %v\n", lower, upper, err)
	// Output: 3.141 to 3.142 <nil>
}
