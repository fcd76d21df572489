package expr

import (
	"errors"
	"math/big"
)

// Comparison is how a where compares its first operand with 0.
type Comparison int

// The comparisons.
const (
	Less Comparison = iota
	LessEqual
	Equal
	NotEqual
	GreaterEqual
	Greater
)

// String returns the operator.
func (k Comparison) String() string {
	return [...]string{"<", "<=", "==", "!=", ">=", ">"}[k]
}

// holds reports whether a number of the given sign compares true.
func (k Comparison) holds(sign int) bool {
	switch k {
	case Less:
		return sign < 0
	case LessEqual:
		return sign <= 0
	case Equal:
		return sign == 0
	case NotEqual:
		return sign != 0
	case GreaterEqual:
		return sign >= 0
	}
	return sign > 0
}

var comparisonAttr = AttrSpec{Names: "how: 0 is <, 1 <=, 2 ==, 3 !=, 4 >=, 5 >", Min: 1, Max: 1, Integer: true}

func floatHolds(c *Call[float64], i int) (holds, ok bool) {
	z := c.In[0][i]
	if z != z {
		c.Fail(i, FaultNaN)
		return false, false
	}
	return Comparison(c.Attr.Int(0)).holds(floats.cmp(z, 0)), true
}

var (
	opWhere = new(Op)
	_       = define(opWhere, Op{
		Name: "where", Doc: "x where z compares true with 0, else y", MinArgs: 3, MaxArgs: 3, Elementwise: true, Shape: comparisonShape,
		Attrs: comparisonAttr,
		Class: PiecewiseAffine, Partial: true,
		Degree:  func(deg []int, _ Attr) int { return max(deg[1], deg[2]) },
		Regular: regular(0, "the branches of where may disagree where its switch is 0", func(z float64) bool { return z != 0 }),
		Eval: func(c *Call[float64]) {
			for i := range c.Out {
				holds, ok := floatHolds(c, i)
				switch {
				case !ok:
					c.Out[i] = c.In[0][i]
				case holds:
					c.Out[i] = c.In[1][i]
				default:
					c.Out[i] = c.In[2][i]
				}
			}
		},
		Exact: func(c *Call[*big.Rat]) {
			for i := range c.Out {
				c.Out[i] = c.In[2][i]
				if Comparison(c.Attr.Int(0)).holds(c.In[0][i].Sign()) {
					c.Out[i] = c.In[1][i]
				}
			}
		},
		Slopes: func(r *Rule) []Node {
			taken := opCompare.Apply(r.Attr(), r.In(0))
			return []Node{{}, taken, complement(taken)}
		},
		Sample: sample(3, Ints(int(GreaterEqual)), kinked(0)),
	})

	opCompare = new(Op)
	_         = define(opCompare, Op{
		Name: "compare", Doc: "1 where z compares true with 0, else 0", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: comparisonShape,
		Attrs: comparisonAttr,
		Class: PiecewiseAffine, Range: fixedRange(0, 1), Partial: true,
		Regular:    regular(0, "a comparison jumps where its switch is 0", func(z float64) bool { return z != 0 }),
		Everywhere: everywhere(0, "a comparison jumps where its switch is 0", lipschitzIf(nonzeroInterval)),
		Eval: func(c *Call[float64]) {
			for i := range c.Out {
				holds, ok := floatHolds(c, i)
				switch {
				case !ok:
					c.Out[i] = c.In[0][i]
				case holds:
					c.Out[i] = 1
				default:
					c.Out[i] = 0
				}
			}
		},
		Exact: func(c *Call[*big.Rat]) {
			for i, z := range c.In[0] {
				c.Out[i] = ratZero
				if Comparison(c.Attr.Int(0)).holds(z.Sign()) {
					c.Out[i] = ratOne
				}
			}
		},
		Constant: true,
		Sample:   sample(1, Ints(int(Less)), kinked(0)),
	})
)

func comparisonShape(in []Shape, at Attr) (Shape, error) {
	if k := at.Int(0); k < 0 || k > int(Greater) {
		return Shape{}, errComparison
	}
	return in[0], nil
}

var errComparison = errors.New("unknown comparison; it must be 0 to 5 for < <= == != >= >")
