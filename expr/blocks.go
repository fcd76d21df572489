package expr

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// The executor computes long values in groups, block by block. An op that is not elementwise may end a group, or take part
// in one that begins when its operands are there.

// InBlocks computes a value from operands that come block by block, as the executor computes them: these are never
// there as a whole. In has their next entries, from entry From on, and Shapes their whole shapes; Out is whole, and
// Scratch, of BlockScratch numbers, is kept from one block to the next. Blocks have a multiple of BlockScratch entries,
// but for the last. The bits are those of Eval and Eval32.
type InBlocks struct {
	// Fits reports whether operands of one size can come in blocks.
	Fits  func(in []Shape, out Shape, at Attr) bool
	Run   func(*Call[float64])
	Run32 func(*Call[float32])
}

// BlockScratch is how many numbers are kept from one block to the next: the accumulators of a sum in either precision.
const BlockScratch = 16

// sumInBlocks is for sums of all entries.
var sumInBlocks = &InBlocks{Fits: isWhole, Run: sumNext[float64], Run32: sumNext[float32]}

// meanInBlocks is likewise for means.
var meanInBlocks = &InBlocks{Fits: isWhole, Run: meanNext[float64], Run32: meanNext[float32]}

func isWhole(_ []Shape, out Shape, _ Attr) bool { return out.Size() == 1 }

// isLast reports whether no block comes any more.
func (c *Call[T]) isLast() bool { return c.From+len(c.In[0]) == c.Shapes[0].Size() }

func sumNext[T Real](c *Call[T]) {
	acc := c.Scratch[:kernel.Accumulators[T]()]
	if c.From == 0 {
		clear(acc)
	}
	kernel.SumOn(acc, c.In[0])
	if c.isLast() {
		c.Out[0] = kernel.Combine(acc)
	}
}

func meanNext[T Real](c *Call[T]) {
	sumNext(c)
	if c.isLast() {
		c.Out[0] /= T(c.Shapes[0].Size())
	}
}

// assembleInBlocks is for at most two operands of one run of positions each: then the order in which an entry gets
// its terms does not matter.
var assembleInBlocks = &InBlocks{
	Fits: func(in []Shape, out Shape, at Attr) bool {
		tail, lists, err := assembleParts(in, at)
		if err != nil || len(in) > 2 || tail.Size() != out.Size() {
			return false
		}
		for _, l := range lists {
			for i, p := range l {
				if p != l[0]+i {
					return false
				}
			}
		}
		return true
	},
	Run: assembleNext[float64], Run32: assembleNext[float32],
}

// assembleNext clears the entries that it is the first to add to.
func assembleNext[T Real](c *Call[T]) {
	size, farthest := len(c.In[0]), 0
	assembleRuns(c.Index, func(_, _, at, _ int) { farthest = max(farthest, at) })
	cleared, until := farthest+c.From, farthest+c.From+size
	if c.From == 0 {
		cleared = 0
	}
	if c.isLast() {
		until = len(c.Out)
	}
	clear(c.Out[cleared:until])
	add := kernel.Of[T]().Add
	assembleRuns(c.Index, func(operand, _, at, _ int) {
		to := c.Out[at+c.From : at+c.From+size]
		add(to, to, c.In[operand])
	})
}

// ByBlocks computes a value block by block from operands that are there as a whole: Look sees them, and leaves in
// Scratch, of Keeps numbers, what Run needs to compute the entries of Out from those of In at the same places. Operands
// and result have one size. The bits are those of Eval and Eval32.
type ByBlocks struct {
	Keeps         int
	Fits          func(in []Shape, at Attr) bool
	Look, Run     func(*Call[float64])
	Look32, Run32 func(*Call[float32])
}

// shareByBlocks weighs the largest or the smallest entries of one row, which share a weight of 1 by a rule.
func shareByBlocks(rule func(at Attr) *tieRule) *ByBlocks {
	return &ByBlocks{
		Keeps: 2 + shareChunk,
		Fits: func(in []Shape, at Attr) bool {
			n := in[0].Size()
			r := rule(at)
			return len(in) == 1 && n == in[0].Dim(-1) && endOf(at.Int(0), at.Int(1), n) != 0 && r.share != nil && !r.ties
		},
		Look:   func(c *Call[float64]) { lookForShare(c, f64, &floats, rule(c.Attr)) },
		Look32: func(c *Call[float32]) { lookForShare(c, f32, &floats32, rule(c.Attr)) },
		Run:    func(c *Call[float64]) { shareNext(c, f64) },
		Run32:  func(c *Call[float32]) { shareNext(c, f32) },
	}
}

// shareChunk is how many entries are looked at together: only if the extreme entry is among them are they counted.
const shareChunk = 512

// lookForShare leaves the extreme entry, NaN if there is one, and the weight of each entry that ties with it.
func lookForShare[T Real](c *Call[T], k kernel.Vectors[T], a *arith[T], rule *tieRule) {
	x, extreme := c.In[0], extremeOf(k, c.Attr.Int(0), c.Attr.Int(1), len(c.In[0]))
	isLargest := c.Attr.Int(1) == 1
	v, counted := T(0), 0
	var chunk []T // the last one with v, which is not counted yet
	for next := range slices.Chunk(x, shareChunk) {
		w, isNaN := extreme(next)
		switch {
		case isNaN:
			canOrder(c, a, c.In, 0, len(x))
			c.Scratch[0] = T(math.NaN())
			return
		case chunk == nil || w != v && (w > v) == isLargest:
			v, counted, chunk = w, 0, next
		case w == v:
			counted += k.Equal(c.Scratch[2:], chunk, v)
			chunk = next
		}
	}
	p, q := rule.share(1, counted+k.Equal(c.Scratch[2:], chunk, v))
	c.Scratch[0], c.Scratch[1] = v, T(float64(p)/float64(q))
}

// shareNext writes the weights of the next entries; those of a row with NaN are its entries.
func shareNext[T Real](c *Call[T], k kernel.Vectors[T]) {
	v, share := c.Scratch[0], c.Scratch[1]
	if v != v {
		copy(c.Out, c.In[0])
		return
	}
	if ties := k.Equal(c.Out, c.In[0], v); ties > 0 && share != 1 {
		k.Scale(c.Out, c.Out, share)
	}
}
