package expr

import (
	"math"

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
		Keeps: sharePlan + shareChunk,
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

// gatedByBlocks is the gate by these weights of the second operand.
func gatedByBlocks(weights *ByBlocks) *ByBlocks {
	return &ByBlocks{
		Keeps: weights.Keeps,
		Fits:  func(in []Shape, at Attr) bool { return len(in) == 2 && in[0] == in[1] && weights.Fits(in[:1], at) },
		Look:  weights.Look, Look32: weights.Look32,
		Run:   func(c *Call[float64]) { gatedShareNext(c, f64) },
		Run32: func(c *Call[float32]) { gatedShareNext(c, f32) },
	}
}

// wholly is Eval of an op by its ByBlocks.
func wholly[T Real](look, run func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		look(c)
		run(c)
	}
}

// shareChunk is how many entries are looked at together: only if the extreme entry is among them are they counted. A plan is
// that entry, NaN if there is one, the weight of each entry that ties with it, and the first and the last chunk with one.
const (
	shareChunk = 512
	sharePlan  = 4
)

// lookForShare leaves the plan for a row, and after it the weights of the last chunk, if it is the only one.
func lookForShare[T Real](c *Call[T], k kernel.Vectors[T], a *arith[T], rule *tieRule) {
	x, extreme := c.In[0], extremeOf(k, c.Attr.Int(0), c.Attr.Int(1), len(c.In[0]))
	isLargest := c.Attr.Int(1) == 1
	v, counted, first, last := T(0), 0, -1, 0
	chunk := func(i int) []T { return x[i*shareChunk : min((i+1)*shareChunk, len(x))] }
	count := func() { counted += k.Equal(c.Scratch[sharePlan:], chunk(last), v) }
	for i := range (len(x) + shareChunk - 1) / shareChunk {
		w, isNaN := extreme(chunk(i))
		switch {
		case isNaN:
			canOrder(c, a, c.In[:1], 0, len(x))
			c.Scratch[0] = T(math.NaN())
			return
		case first < 0 || w != v && (w > v) == isLargest:
			v, counted, first, last = w, 0, i, i
		case w == v:
			count()
			last = i
		}
	}
	count() // the last one with v, which may have been the last one at all
	p, q := rule.share(1, counted)
	share := T(float64(p) / float64(q))
	if weights := c.Scratch[sharePlan:][:len(chunk(last))]; first == last && share != 1 {
		k.Scale(weights, weights, share)
	}
	c.Scratch[0], c.Scratch[1], c.Scratch[2], c.Scratch[3] = v, share, T(first), T(last)
}

// shareNext writes the weights of the next entries; those of a row with NaN are its entries.
func shareNext[T Real](c *Call[T], k kernel.Vectors[T]) {
	if c.Scratch[0] != c.Scratch[0] {
		copy(c.Out, c.In[0])
		return
	}
	lo, hi, weights := tiedRange(c, k)
	copy(c.Out[lo:hi], weights)
}

// gatedShareNext gates the next entries of the second operand by their weights.
func gatedShareNext[T Real](c *Call[T], k kernel.Vectors[T]) {
	if c.Scratch[0] != c.Scratch[0] {
		k.Gate(c.Out, c.In[0], c.In[1])
		return
	}
	lo, hi, weights := tiedRange(c, k)
	k.Gate(c.Out[lo:hi], weights, c.In[1][lo:hi])
}

// tiedRange clears Out but for the entries from lo to hi, outside of which no weight is above 0, and returns the weights of
// these: what the look has kept, or in Out.
func tiedRange[T Real](c *Call[T], k kernel.Vectors[T]) (lo, hi int, weights []T) {
	first, last := int(c.Scratch[2]), int(c.Scratch[3])
	within := func(chunk int) int { return min(max(chunk*shareChunk-c.From, 0), len(c.Out)) }
	lo, hi = within(first), within(last+1)
	clear(c.Out[:lo])
	clear(c.Out[hi:])
	switch weights = c.Out[lo:hi]; {
	case lo == hi:
	case first == last:
		kept := sharePlan + c.From + lo - first*shareChunk
		weights = c.Scratch[kept : kept+hi-lo]
	default:
		if ties := k.Equal(weights, c.In[0][lo:hi], c.Scratch[0]); ties > 0 && c.Scratch[1] != 1 {
			k.Scale(weights, weights, c.Scratch[1])
		}
	}
	return lo, hi, weights
}
