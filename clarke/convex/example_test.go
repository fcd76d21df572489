package convex_test

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke/convex"
)

// The gradients of the three pieces of CB3 at its minimiser (1, 1): 0 is in their
// hull, and the weights prove that the point is Clarke critical.
func ExampleMinNorm() {
	m, err := convex.MinNorm([][]float64{{4, 2}, {-2, -2}, {-2, 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("norm %.3f, support %d, weights %.3f, certified %t\n", m.Norm, m.Support, m.Weights, m.Certified)
	// Output: norm 0.000, support [0 1 2], weights [0.333 0.500 0.167], certified true
}

func rationals(numbers ...int64) []*big.Rat {
	var point []*big.Rat
	for _, n := range numbers {
		point = append(point, big.NewRat(n, 1))
	}
	return point
}

func ExampleExactMinNorm() {
	m, err := convex.ExactMinNorm([][]*big.Rat{rationals(1, 3), rationals(4, 1), rationals(5, 5)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Point, m.Support, m.Weights, m.NormSquared())
	// Output: [22/13 33/13] [0 1] [10/13 3/13] 121/13
}

func ExampleContains() {
	square := [][]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}}
	for _, v := range [][]float64{{0.5, 0}, {0.5, -2}} {
		m, err := convex.Contains(square, v, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Inside, m.Distance, m.Nearest, m.Normal)
	}
	// Output:
	// true 0 [0.5 0] []
	// false 2 [0.5 0] [0 1]
}

func ExampleExactContains() {
	triangle := [][]*big.Rat{rationals(0, 0), rationals(3, 0), rationals(0, 3)}
	m, err := convex.ExactContains(triangle, rationals(1, 1))
	fmt.Println(m.Inside, m.Support, m.Weights, err)
	// Output: true [0 1 2] [1/3 1/3 1/3] <nil>
}

func ExampleDirection() {
	a, err := convex.Direction([][]float64{{3, 0}, {0, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f, margin %.4f\n", a.Direction, a.Margin)
	a, _ = convex.Direction([][]float64{{3, 0}, {-1, 0}})
	fmt.Println(a.Direction, a.Support, a.Weights)
	// Output:
	// [0.7071 0.7071], margin 0.7071
	// [] [0 1] [0.25 0.75]
}

func ExampleExactDirection() {
	a, err := convex.ExactDirection([][]*big.Rat{rationals(2, 1), rationals(-1, 2)})
	fmt.Println(a.Direction, err)
	// Output: [1/2 3/2] <nil>
}

func ExampleExtreme() {
	points := [][]float64{{1, 1}, {0.5, 0.5}, {0, 0}, {1, 0}, {0.5, 0}, {0, 0}}
	kept, err := convex.Extreme(points, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range kept {
		fmt.Println(i, points[i])
	}
	// Output:
	// 2 [0 0]
	// 3 [1 0]
	// 0 [1 1]
}

func ExampleExactExtreme() {
	kept, err := convex.ExactExtreme([][]*big.Rat{rationals(2, 2), rationals(1, 1), rationals(0, 0)})
	fmt.Println(kept, err)
	// Output: [2 0] <nil>
}

// D = [0, 2] and the Clarke subdifferential {1} of relu(x) − relu(−x) at 0.
func ExampleHausdorff() {
	d, err := convex.Hausdorff([][]float64{{0}, {2}}, [][]float64{{1}})
	fmt.Println(d, err)
	// Output: 1 <nil>
}
