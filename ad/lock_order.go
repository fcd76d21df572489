package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// mostSorted is the largest number of entries that Lock sorts by a network, which has a switch for every two.
const mostSorted = 16

// ordering writes an op that sorts the last axis by a network of maxima of two (Knuth, The Art of Computer
// Programming, volume 3, section 5.3.4, bubble sort): the smaller of a and b is a + b − max(a, b). ok says whether the op
// is one of these and the axis short enough.
func (r *absRewriter) ordering(n expr.Node, args []twin) (t twin, ok bool, err error) {
	switch n.Op().Name {
	case "sort", "median", "topk", "topksum":
	default:
		return t, false, nil
	}
	size := args[0].actual.Shape().Dim(-1)
	if size > mostSorted {
		return t, false, nil
	}
	sorted, err := r.network(n, args[0], size)
	if err != nil {
		return t, true, err
	}
	return twin{arranged(n, sorted), n}, true, nil
}

// network returns the entries of the last axis in ascending order.
func (r *absRewriter) network(n expr.Node, x twin, size int) ([]twin, error) {
	e := make([]twin, size)
	for i := range e {
		e[i] = entry(x, i)
	}
	for last := size - 1; last > 0; last-- {
		for j := range last {
			high, err := r.scalarAt(n, "P", fmt.Sprintf("%d,%d", last, j), "max", nil, e[j], e[j+1])
			if err != nil {
				return nil, err
			}
			e[j] = twin{
				expr.Sub(expr.Add(e[j].symbolic, e[j+1].symbolic), high.symbolic),
				expr.Sub(expr.Add(e[j].actual, e[j+1].actual), high.actual),
			}
			e[j+1] = high
		}
	}
	return e, nil
}

// arranged is what an op makes of sorted entries.
func arranged(n expr.Node, sorted []twin) expr.Node {
	e := make([]expr.Node, len(sorted))
	for i, t := range sorted {
		e[i] = t.symbolic
	}
	m := len(e)
	switch n.Op().Name {
	case "median":
		if m%2 == 1 {
			return e[m/2]
		}
		return expr.ScaleNumber(half, expr.Add(e[m/2-1], e[m/2]))
	case "sort":
		return expr.Stack(e...)
	}
	k := n.Attr().Int(0)
	top := make([]expr.Node, k)
	for i := range top {
		top[i] = e[m-1-i]
	}
	if n.Op().Name == "topk" {
		return expr.Stack(top...)
	}
	return expr.SumLast(expr.Stack(top...))
}
