package expr

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// SnapMode says how Snap treats a switching value.
type SnapMode int

// The modes, one for each way in which selectors compare: entries with 0,
// entries of a row with each other, rows with the zero vector.
const (
	SnapEntries SnapMode = iota
	SnapRows
	SnapVectors
)

var (
	opSnap = new(Op)
	_      = define(opSnap, Op{
		Name: "snap", Doc: "x with near ties made exact: mode 0 |x| ≤ tol becomes 0, mode 1 entries of a row that a chain of gaps ≤ tol joins become equal, mode 2 rows of norm ≤ tol become 0; its derivative is that of x",
		MinArgs: 1, MaxArgs: 1, Attrs: AttrSpec{Names: "tol mode", Min: 2, Max: 2},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			mode := SnapMode(at.Int(1))
			if at[0].Float() < 0 || mode < SnapEntries || mode > SnapVectors || mode > SnapEntries && in[0].Rank() == 0 {
				return in[0], fmt.Errorf("tol %v in mode %v does not fit shape %v; tol must be ≥ 0 and the mode 0, 1 or 2", at[0], at[1], in[0])
			}
			return in[0], nil
		},
		Class: PiecewiseAffine, Partial: true, Regular: regularSnap,
		Eval: snap,
		Exact: func(c *Call[*big.Rat]) {
			if c.Attr[0].Float() > 0 {
				c.Fail(0, "a tolerance in exact arithmetic")
			}
			copy(c.Out, c.In[0])
		},
		Work: func(in []Shape) int {
			if in[0].Rank() == 0 {
				return 0
			}
			return rowWork(in)
		},
		Slopes: func(r *Rule) []Node { return []Node{r.Const(1)} },
		Sample: sampleShaped(Attr{Num(0), Num(1)}, dyadic, []int{4}),
	})
)

// Snap makes near ties of a switching value exact, so that a kink counts as
// active within a tolerance.
func Snap(x Node, tol float64, mode SnapMode) Node {
	return opSnap.Apply(Attr{Num(tol), Num(float64(mode))}, x)
}

func snap(c *Call[float64]) {
	tol := c.Attr[0].Float()
	copy(c.Out, c.In[0])
	if SnapMode(c.Attr.Int(1)) == SnapEntries {
		for i, v := range c.Out {
			if math.Abs(v) <= tol {
				c.Out[i] = 0
			}
		}
		return
	}
	n := c.Shape.Dim(-1)
	for b := range c.rows(n) {
		row := c.Out[b*n : (b+1)*n]
		switch {
		case SnapMode(c.Attr.Int(1)) == SnapRows:
			joinChains(row, c.Work, tol)
		case kernel.Norm(row) <= tol:
			clear(row)
		}
	}
}

// joinChains gives entries that differ by at most tol from their neighbour in
// sorted order the value of the largest of them.
func joinChains(row []float64, work []int, tol float64) {
	keys := [1][]float64{row}
	idx := order(work, &floats, keys[:], 0, len(row), -1)
	last := 0.0
	for k, i := range idx {
		v := row[i]
		if k > 0 && last-v <= tol {
			row[i] = row[idx[k-1]]
		}
		last = v
	}
}
