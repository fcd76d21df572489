package expr

import "github.com/tamegrad/tamegrad/expr/vm/kernel"

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

// ByBlocks computes a value block by block from operands that are there as a whole: those of its size come block by block,
// as for InBlocks, and operand Whole, which has another size, does not. The bits are those of Eval and Eval32.
type ByBlocks struct {
	Whole int
	Run   func(*Call[float64])
	Run32 func(*Call[float32])
}
