package expr

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// The selectors and what belongs to them. Operands of a selector are its keys,
// the switching value first, and last the slot. Selectors have derivative 0 in
// their keys, Direction excepted, and are linear in the slot: Tied, TiedRank
// and TiedPermutation are their derivatives with respect to it.

// selector is the record common to them.
func selector(name, doc string, trail int, eval func(*Call[float64]), exact func(*Call[*big.Rat])) Op {
	return Op{
		Name: name, Doc: doc, MinArgs: 2, MaxArgs: -1, Class: PiecewiseAffine,
		Partial: true, Degree: slotDegree,
		Eval: eval, Exact: exact,
		Shape: func(in []Shape, _ Attr) (Shape, error) { return sameShapes(in, trail) },
	}
}

func sameShapes(in []Shape, trail int) (Shape, error) {
	for _, s := range in {
		if s != in[0] || s.Rank() < trail {
			return s, fmt.Errorf("keys and slot must have one shape with at least %d axes, got %v", trail, in)
		}
	}
	return in[0], nil
}

var (
	opStep = new(Op)
	_      = define(opStep, stepRecord())

	opTied = new(Op)
	_      = define(opTied, tiedRecord())

	opRank = new(Op)
	_      = define(opRank, rankRecord())

	opTiedRank = new(Op)
	_          = define(opTiedRank, tieRecord("tiedrank", "1 on entries of a tied block that is partly in ranks [from, to), else 0",
		func(Attr) *tieRule { return &openTies }))

	opTieBreak = new(Op)
	_          = define(opTieBreak, tieBreakRecord())
)

func stepRecord() Op {
	op := selector("step", "1 or 0 by the sign of the first non-zero key, the slot if all are 0", 0, stepVector(f64.Step), step(rats))
	op.Elementwise, op.Range, op.Regular = true, chosenRange(0, 1), regularStep
	op.Eval32, op.KeepsKeys = stepVector(f32.Step), true
	op.Slopes = func(r *Rule) []Node {
		out := make([]Node, len(r.Args()))
		keys := r.Args()[:len(out)-1]
		out[len(out)-1] = opTied.Apply(nil, keys...)
		return out
	}
	op.Code, op.Scalar = kernel.CodeStep, stepOfTwo
	op.Sample = sample(2, nil, kinked(0))
	return op
}

// stepOfTwo is step for two keys and a slot, as in derivatives along a direction; for one
// key there is a code.
func stepOfTwo(_ Attr, args int) Scalar {
	if args != 3 {
		return nil
	}
	return func(f *Fault, z, y, slot float64) float64 {
		if z == 0 {
			z = y
		}
		switch {
		case z > 0:
			return 1
		case z < 0:
			return 0
		case z != z:
			f.Switch()
		}
		return slot
	}
}

func tiedRecord() Op {
	op := selector("tied", "1 where all keys are 0, else 0", 0, tied(floats), tied(rats))
	op.MinArgs, op.Elementwise, op.Range, op.Constant, op.Regular = 1, true, fixedRange(0, 1), true, regularTied
	op.Eval32 = tied(floats32)
	op.Sample = sample(1, nil, kinked(0))
	return op
}

// firstSign returns the sign of the first non-zero key at entry i.
func firstSign[T any](c *Call[T], a *arith[T], keys, i int) int {
	for _, k := range c.In[:keys] {
		if a.isNaN(k[i]) {
			c.Fail(i, FaultNaN)
			return 0
		}
		if s := a.cmp(k[i], a.zero); s != 0 {
			return s
		}
	}
	return 0
}

func step[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		m := len(c.In) - 1
		for i := range c.Out {
			switch firstSign(c, &a, m, i) {
			case 1:
				c.Out[i] = a.one
			case -1:
				c.Out[i] = a.zero
			default:
				c.Out[i] = c.In[m][i]
			}
		}
	}
}

// stepVector is step along the kernel for the usual single key, which is not
// overwritten, so that a NaN can be found in it.
func stepVector[T Real](k func(dst, z, slot []T) (isNaN bool)) func(*Call[T]) {
	several := step(realArith[T]())
	return func(c *Call[T]) {
		if len(c.In) > 2 {
			several(c)
		} else if k(c.Out, c.In[0], c.In[1]) {
			c.Fail(slices.IndexFunc(c.In[0], func(z T) bool { return z != z }), FaultNaN)
		}
	}
}

func tied[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		for i := range c.Out {
			t := a.zero
			if firstSign(c, &a, len(c.In), i) == 0 {
				t = a.one
			}
			c.Out[i] = t
		}
	}
}

var rankAttr = AttrSpec{Names: "from to", Min: 2, Max: 2, Integer: true}

func checkRanks(in []Shape, at Attr) (Shape, error) {
	s, err := sameShapes(in, 1)
	if err != nil {
		return s, err
	}
	if from, to := at.Int(0), at.Int(1); from < 0 || from >= to || to > s.Dim(-1) {
		return s, fmt.Errorf("ranks %d to %d are not within the %d entries of the last axis", from, to, s.Dim(-1))
	}
	return s, nil
}

func rankRecord() Op {
	eval := func(c *Call[float64]) { rankVector(c, f64, &floats, len(c.In)-1, c.In[len(c.In)-1], nil) }
	exact := func(c *Call[*big.Rat]) { rankWeights(c, &rats, len(c.In)-1, c.In[len(c.In)-1], nil) }
	op := selector("rank", "weight 1 on entries of ranks [from, to) from the largest; the slot's on a tied block partly in it", 1, eval, exact)
	op.Attrs, op.Shape, op.Work = rankAttr, checkRanks, rowWork
	op.Eval32 = func(c *Call[float32]) { rankVector(c, f32, &floats32, len(c.In)-1, c.In[len(c.In)-1], nil) }
	op.Range, op.Regular = chosenRange(0, 1), regularRank
	op.JVP = func(r *Rule, dx []Node) Node {
		dw := dx[len(dx)-1]
		if !dw.Valid() {
			return dw
		}
		return Gate(opTiedRank.Apply(r.Attr(), r.Args()[:len(dx)-1]...), dw)
	}
	op.VJP = func(r *Rule, ct Node) []Node {
		keys := r.Args()[:len(r.Args())-1]
		return append(make([]Node, len(keys)), Gate(opTiedRank.Apply(r.Attr(), keys...), ct))
	}
	op.Sample = sampleShaped(Ints(0, 1), smallInt, []int{4}, []int{4})
	return op
}

// tieRecord is the record of an op that weighs entries by their keys alone.
func tieRecord(name, doc string, rule func(at Attr) *tieRule) Op {
	eval := func(c *Call[float64]) { rankVector(c, f64, &floats, len(c.In), nil, rule(c.Attr)) }
	exact := func(c *Call[*big.Rat]) { rankWeights(c, &rats, len(c.In), nil, rule(c.Attr)) }
	op := selector(name, doc, 1, eval, exact)
	op.MinArgs, op.Attrs, op.Shape, op.Work = 1, rankAttr, checkRanks, rowWork
	op.Eval32 = func(c *Call[float32]) { rankVector(c, f32, &floats32, len(c.In), nil, rule(c.Attr)) }
	op.Range, op.Constant, op.Regular = fixedRange(0, 1), true, regularRank
	op.OfRow = weightsOfRow(rule)
	op.Sample = sampleShaped(Ints(0, 1), smallInt, []int{4})
	return op
}

// TieMode is a rule for the slot of a Rank that depends on the keys only.
type TieMode int

// The rules of frameworks: the first or the last of the tied entries in index
// order, an even split, or (invalid: it leaves the slot's set) 1 on every
// tied entry.
const (
	TieFirst TieMode = iota
	TieLast
	TieEven
	TieAll
)

func tieBreakRecord() Op {
	op := tieRecord("tiebreak", "rank with ties settled: mode 0 the first tied entries, 1 the last, 2 evenly, 3 all",
		func(at Attr) *tieRule { return &tieRules[at.Int(2)] })
	op.Attrs = AttrSpec{Names: "from to mode", Min: 3, Max: 3, Integer: true}
	op.Shape = func(in []Shape, at Attr) (Shape, error) {
		if m := at.Int(2); m < 0 || m >= len(tieRules) {
			return Shape{}, fmt.Errorf("unknown tie mode %d; it must be 0 to %d", m, len(tieRules)-1)
		}
		return checkRanks(in, at)
	}
	op.Sample = sampleShaped(Ints(0, 1, int(TieEven)), smallInt, []int{4})
	return op
}

// tieRule settles one tied block of which count entries are selected: a share
// p/q for each entry, or, without share, 1 for the first or the last count of
// them.
type tieRule struct {
	share func(count, size int) (p, q int)
	last  bool
	ties  bool // weigh nothing but such blocks
}

var (
	tieRules = [...]tieRule{
		TieFirst: {},
		TieLast:  {last: true},
		TieEven:  {share: func(count, size int) (int, int) { return count, size }},
		TieAll:   {share: one},
	}
	openTies = tieRule{share: one, ties: true}
)

func one(int, int) (p, q int) { return 1, 1 }

// rankWeights writes the weights of ranks [from, to), counted from the largest
// row of the first m operands. A tied block that is partly in the range takes
// the slot's weights or, without a slot, those of the rule.
func rankWeights[T any](c *Call[T], a *arith[T], m int, slot []T, rule *tieRule) {
	n := c.Shapes[0].Dim(-1)
	from, to := c.Attr.Int(0), c.Attr.Int(1)
	full := a.one
	if rule != nil && rule.ties {
		full = a.zero
	}
	keys := c.In[:m]
	for b := range c.rows(n) {
		out := c.Out[b*n : (b+1)*n]
		if !canOrder(c, a, keys, b*n, n) {
			copy(out, keys[0][b*n:])
			continue
		}
		weigh := func(block []int, count int) {
			switch {
			case count <= 0:
				set(out, block, a.zero)
			case count == len(block):
				set(out, block, full)
			case rule == nil:
				for _, i := range block {
					out[i] = slot[b*n+i]
				}
			default:
				settle(out, block, a, rule, count)
			}
		}
		if dir := endOf(from, to, n); dir != 0 { // no need to sort
			for i := range out {
				out[i] = a.zero
			}
			weigh(best(c.Work[:n], a, keys, b*n, n, dir), 1)
			continue
		}
		idx := order(c.Work, a, keys, b*n, n, -1)
		blocks(idx, a, keys, b*n, func(lo, hi int) {
			weigh(idx[lo:hi], min(hi, to)-max(lo, from))
		})
	}
}

// rankVector is rankWeights along the kernels where a single key decides and only
// the largest, or the smallest, entry is asked for.
func rankVector[T Real](c *Call[T], k kernel.Vectors[T], a *arith[T], m int, slot []T, rule *tieRule) {
	n := c.Shapes[0].Dim(-1)
	farthest := extremeOf(k, c.Attr.Int(0), c.Attr.Int(1), n)
	if m > 1 || farthest == nil || rule != nil && rule.ties {
		rankWeights(c, a, m, slot, rule)
		return
	}
	several := func(b, ties int) { settleTies(k, c.Out[b*n:(b+1)*n], after(slot, b*n), ties, rule) }
	if n <= shortRow && c.Attr.Int(1) == 1 && len(c.In[0]) == len(c.Out) {
		if !markShort(c.Out, c.In[0], n, several) {
			rankWeights(c, a, m, slot, rule)
		}
		return
	}
	for b := range c.rows(n) {
		x := c.row(0, b, n)
		v, isNaN := farthest(x)
		if isNaN {
			rankWeights(c, a, m, slot, rule)
			return
		}
		if ties := k.Equal(c.Out[b*n:(b+1)*n], x, v); ties > 1 {
			several(b, ties)
		}
	}
}

// after returns the entries from i on, none if there are none at all.
func after[T any](x []T, i int) []T {
	if x == nil {
		return nil
	}
	return x[i:]
}

// settleTies weighs so many tied entries of a row, which are marked by 1: as the slot
// says, unless a rule does.
func settleTies[T Real](k kernel.Vectors[T], out, slot []T, ties int, rule *tieRule) {
	switch {
	case rule == nil:
		for i, w := range out {
			if w == 1 {
				out[i] = slot[i]
			}
		}
	case rule.share != nil:
		p, q := rule.share(1, ties)
		k.Affine(out, out, float64(p)/float64(q), 0)
	default:
		i := slices.Index(out, 1)
		if rule.last {
			for i = len(out) - 1; out[i] != 1; i-- {
			}
		}
		clear(out)
		out[i] = 1
	}
}

// endOf tells whether ranks [from, to) of n entries are just the largest, 1, or
// just the smallest, −1; else 0.
func endOf(from, to, n int) int {
	switch {
	case to == 1:
		return 1
	case from == n-1:
		return -1
	}
	return 0
}

func set[T any](out []T, block []int, v T) {
	for _, i := range block {
		out[i] = v
	}
}

func settle[T any](out []T, block []int, a *arith[T], rule *tieRule, count int) {
	if rule.share != nil {
		set(out, block, a.ratio(rule.share(count, len(block))))
		return
	}
	set(out, block, a.zero)
	if rule.last {
		block = block[len(block)-count:]
	}
	set(out, block[:count], a.one)
}
