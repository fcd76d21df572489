package growth

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
)

// arrangement is the number of cells into which k hyperplanes through 0 in general position cut ℝᵈ,
// 2 Σ_{i<d} C(k − 1, i) (R. C. Buck, "Partition of space", Amer. Math. Monthly 50, 1943). It is also that of
// the vertices of a sum of k segments in general position.
func arrangement(k, d int) float64 {
	sum, binomial := 0.0, 1.0
	for i := range d {
		sum += binomial
		binomial = binomial * float64(k-1-i) / float64(i+1)
	}
	return 2 * sum
}

// visited is the number of nodes of the tree of the search for cells: the cells of the first k hyperplanes
// for each k.
func visited(k, d int) (sum float64) {
	for i := range k {
		sum += arrangement(i+1, d)
	}
	return sum
}

// origin is 0 in ℝᵈ, rational if asked.
func origin(d int, rational bool) clarke.Point {
	if !rational {
		return clarke.FloatPoint(make([]float64, d))
	}
	zero := make([]*big.Rat, d)
	for i := range zero {
		zero[i] = new(big.Rat)
	}
	return clarke.RationalPoint(zero)
}

// searching is the work of the search for the cells of k kinks in ℝᵈ. With all but one of the cells as its
// budget it ends before the hull of what it found, and takes that of 128 gradients only.
func searching(k, d int, rational, hull bool) (Work, error) {
	f, err := kinks(k, d)
	if err != nil {
		return Work{}, err
	}
	budget := int(arrangement(k, d))
	if !hull {
		budget--
	}
	a, err := clarke.NewAnalyzer(f, clarke.Options{Cells: budget})
	if err != nil {
		return Work{}, err
	}
	at := func() (*clarke.Subdifferential, error) {
		return a.At(context.Background(), origin(d, rational))
	}
	return Work{
		Run: func() error {
			_, err := at()
			return err
		},
		Count: func() (float64, error) {
			s, err := at()
			if err == nil && !s.Complete {
				err = fmt.Errorf("the search ended early: %s", s.Why)
			}
			if err != nil {
				return 0, err
			}
			return float64(s.Cells), nil
		},
	}, nil
}

func cellLaws() []Law {
	var laws []Law
	for _, d := range []int{3, 5} {
		of := Law{Axis: "active kinks k", Quick: []int{4, 6, 8, 12, 16, 24, 32}, Full: []int{4, 6, 8, 12, 16, 24, 32, 48, 64}}
		if d == 5 {
			of.Quick, of.Full = []int{4, 6, 8, 10, 12}, []int{4, 6, 8, 10, 12, 14, 16, 20}
		}
		where := fmt.Sprintf("k kinks in general position in ℝ%c", []rune("⁰¹²³⁴⁵")[d])
		cells := func(k float64) float64 { return arrangement(int(k), d) }
		nodes := func(k float64) float64 { return visited(int(k), d) }
		of.Prepare = func(k int) (Work, error) { return searching(k, d, false, true) }
		name := fmt.Sprintf("cells-%d", d)
		laws = append(laws, of.law(
			name+"-count", Cells, "The search for limiting gradients at "+where+" sees each cell of their arrangement once.",
			cells, "2 Σ C(k − 1, i), i < d", "Buck, Partition of space, 1943; and no other choices have a direction", everywhere(),
		).exactly())
		const tests = "the tree has the cells of the first j kinks at its level j, at each of which one side is free and the other one asks for a direction; of a test the cost is that of one row, as long as the rows of a small basis decide it"
		from := []Range{{From: 8, Below: allocating, Above: allocating, Reason: "below it linearisation counts"}}
		of.Prepare = func(k int) (Work, error) { return searching(k, d, false, false) }
		laws = append(laws, of.law(name+"-search-time", Time, "The search for the cells of "+where+" takes time in proportion to the nodes of its tree.", nodes, "Σ of the cells of the first j kinks, over j ≤ k", tests, from))
		of.Prepare = func(k int) (Work, error) { return searching(k, d, true, false) }
		laws = append(laws, of.law(name+"-search-exact-time", Time, "The search for the cells of "+where+" in rationals takes time in proportion to the nodes of its tree.", nodes, "Σ of the cells of the first j kinks, over j ≤ k", tests+"; in rationals the numbers keep their length", from))
		of.Prepare = func(k int) (Work, error) { return searching(k, d, true, true) }
		laws = append(laws, of.law(
			name+"-exact-time", Time, "The subdifferential at "+where+" in rationals takes time in proportion to the nodes of the tree of its search, k/d for each cell.", nodes, "Σ of the cells of the first j kinks, over j ≤ k",
			"the search does, and its directions prove gradients extreme at one product for each pair of them, which is cheap beside the tests in rationals of some thousand cells", from,
		))
	}
	return laws
}

// fieldDimension is that of the space in which parallel kinks are counted.
const fieldDimension = 8

// fieldOf is the field of k kinks in ℝᵈ at 0.
func fieldOf(k, d int) (func() (*conservative.Field, error), error) {
	f, err := kinks(k, d)
	if err != nil {
		return nil, err
	}
	a, err := conservative.NewAnalyzer(f, conservative.Options{})
	return func() (*conservative.Field, error) {
		return a.At(context.Background(), origin(d, false))
	}, err
}

func fieldLaws() []Law {
	parallel := Law{Axis: "parallel active kinks k", Quick: doublings(1<<5, 1<<10, 2), Full: doublings(1<<5, 1<<12, 2)}
	independent := Law{Axis: "independent active kinks k", Exponential: true, Quick: []int{2, 4, 6, 8, 10}, Full: []int{2, 4, 6, 8, 10, 12, 14, 16}, Prepare: enumerating}
	parallel.Prepare = func(k int) (Work, error) {
		at, err := fieldOf(k, fieldDimension)
		if err != nil {
			return Work{}, err
		}
		return Work{Run: func() error {
			_, err := at()
			return err
		}}, nil
	}
	support := parallel
	support.Prepare = supporting
	return []Law{
		support.law(
			"support-kinks-time", Time, "The support function of D at k parallel kinks takes time in proportion to k.",
			linear, "k", "no path joins two kinks, so that it is a closed form: a positive part for each", from(1<<7, allocating, "below it the call counts"),
		),
		parallel.law(
			"field-kinks-time", Time, "D at k parallel kinks, with the point of conv D nearest to 0, takes time in proportion to k.",
			linear, "k", "a forward and a backward pass give what each kink contributes; the nearest point asks for support functions, in number bounded by the dimension as a rule", from(1<<7, allocating, "below it what is made once for a field counts"),
		),
		independent.law(
			"vertices-count", Vertices, "conv D at k independent kinks has 2ᵏ extreme points.",
			func(k float64) float64 { return float64(int64(1) << int64(k)) }, "2ᵏ", "it is a parallelepiped", everywhere(),
		).exactly(),
		independent.law(
			"vertices-time", Time, "To list the extreme points of conv D at k independent kinks takes k² time for each of the 2ᵏ.",
			func(k float64) float64 { return k * k * float64(int64(1)<<int64(k)) }, "k²·2ᵏ", "a leaf of the tree sums k vectors of k numbers, and a node tests a row against up to k others", []Range{
				{From: 6, Below: 0.5, Above: 0.25, Reason: "the terms in k are small at such k: without them it is 2ᵏ, which is less by 2/(k ln 2), 0.36 at k = 8"},
			},
		),
	}
}

func supporting(k int) (Work, error) {
	at, err := fieldOf(k, fieldDimension)
	if err != nil {
		return Work{}, err
	}
	field, err := at()
	direction := make([]float64, fieldDimension)
	for i := range direction {
		direction[i] = float64(i + 1)
	}
	return Work{Run: func() error {
		_, err := field.Support(context.Background(), clarke.Floats(direction), 0)
		return err
	}}, err
}

func enumerating(k int) (Work, error) {
	at, err := fieldOf(k, k)
	return Work{
		Run: func() error {
			_, err := at()
			return err
		},
		Count: func() (float64, error) {
			field, err := at()
			if err == nil && !field.Complete {
				err = fmt.Errorf("the extreme points are not complete: %s", field.Why)
			}
			if err != nil {
				return 0, err
			}
			return float64(len(field.Vertices)), nil
		},
	}, err
}
