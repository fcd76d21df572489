package expr

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// OfRow lets ops that ask for the largest or the smallest entry of one row, or for weights among its ties, look for it once.
type OfRow struct {
	// End returns 1 if the largest entry is asked for, −1 for the smallest, and 0 if a look does not pay.
	End func(in []Shape, at Attr) int
	// Look, of weights, looks at the keys, with the attributes of the weights.
	Look *Op
	// Take computes the value from the op's operands and what Look has found, the last operand.
	Take *Op
}

// extremeOfRow is for an op that takes the mean of these ranks.
func extremeOfRow(value func(at Attr, n int) (from, to, divisor int)) *OfRow {
	return &OfRow{
		Take: extremeOfLook,
		End: func(in []Shape, at Attr) int {
			from, to, _ := value(at, in[0].Dim(-1))
			return endOfRow(in, from, to)
		},
	}
}

// weightsOfRow is for an op that weighs entries by a rule.
func weightsOfRow(rule func(at Attr) *tieRule) *OfRow {
	return &OfRow{
		Look: lookForTies(rule), Take: weightsOfTies,
		End: func(in []Shape, at Attr) int {
			if r := rule(at); r.share == nil || r.ties {
				return 0
			}
			return endOfRow(in, at.Int(0), at.Int(1))
		},
	}
}

func endOfRow(in []Shape, from, to int) int {
	n := in[0].Dim(-1)
	if len(in) != 1 || n != in[0].Size() || n <= shortRow { // kernels for short rows take less time
		return 0
	}
	return endOf(from, to, n)
}

// lookChunk is how many entries are looked at together: only if the extreme entry is among them are they counted. Found are
// that entry, NaN if there is one, the weight of each entry that ties with it, and the first and the last chunk with one;
// then the weights of this chunk if it is the only one.
const (
	lookChunk = 512
	lookFound = 4
)

// lookForTies looks for the largest or the smallest entries of a row, which share a weight of 1 by a rule.
func lookForTies(rule func(at Attr) *tieRule) *Op {
	return &Op{
		Name: "look for ties", MinArgs: 1,
		Eval:   func(c *Call[float64]) { look(c, f64, &floats, rule(c.Attr)) },
		Eval32: func(c *Call[float32]) { look(c, f32, &floats32, rule(c.Attr)) },
		Shape: func(in []Shape, _ Attr) (Shape, error) {
			return NewShape(lookFound + min(in[0].Size(), lookChunk))
		},
		Flops: inputSize,
	}
}

func look[T Real](c *Call[T], k kernel.Vectors[T], a *arith[T], rule *tieRule) {
	x, n := c.In[0], len(c.In[0])
	extreme, isLargest := extremeOf(k, c.Attr.Int(0), c.Attr.Int(1), n), c.Attr.Int(1) == 1
	v, counted, first, last := T(0), 0, -1, 0
	chunk := func(i int) []T { return x[i*lookChunk : min((i+1)*lookChunk, n)] }
	count := func() { counted += k.Equal(c.Out[lookFound:], chunk(last), v) }
	for i := range (n + lookChunk - 1) / lookChunk {
		w, isNaN := extreme(chunk(i))
		switch {
		case isNaN:
			canOrder(c, a, c.In[:1], 0, n)
			c.Out[0] = x[firstNaN(a, x)]
			return
		case first < 0 || w != v && (w > v) == isLargest:
			v, counted, first, last = w, 0, i, i
		case w == v:
			count()
			last = i
		}
	}
	count()     // the last one with v, which may have been the last one at all
	if v == 0 { // the sign is that of the first
		v = chunk(first)[slices.Index(chunk(first), v)]
	}
	p, q := rule.share(1, counted)
	share := T(float64(p) / float64(q))
	if weights := c.Out[lookFound:][:len(chunk(last))]; first == last && share != 1 {
		k.Scale(weights, weights, share)
	}
	c.Out[0], c.Out[1], c.Out[2], c.Out[3] = v, share, T(first), T(last)
}

// weightsByLook writes the weights of the next entries; those of a row with NaN are its entries.
func weightsByLook[T Real](k kernel.Vectors[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		if found := c.In[1]; found[0] != found[0] {
			copy(c.Out, c.In[0])
			return
		}
		lo, hi, weights := tiedRange(c, k)
		copy(c.Out[lo:hi], weights)
	}
}

// gateByLook gates the next entries of the last operand by their weights.
func gateByLook[T Real](k kernel.Vectors[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		if found := c.In[1]; found[0] != found[0] {
			k.Gate(c.Out, c.In[0], c.In[2])
			return
		}
		lo, hi, weights := tiedRange(c, k)
		k.Gate(c.Out[lo:hi], weights, c.In[2][lo:hi])
	}
}

// tiedRange clears Out but for the entries from lo to hi, outside of which no weight is above 0, and returns the weights of
// these: what the look, operand 1, has found, or in Out.
func tiedRange[T Real](c *Call[T], k kernel.Vectors[T]) (lo, hi int, weights []T) {
	found := c.In[1]
	v, share, first, last := found[0], found[1], int(found[2]), int(found[3])
	within := func(chunk int) int { return min(max(chunk*lookChunk-c.From, 0), len(c.Out)) }
	lo, hi = within(first), within(last+1)
	clear(c.Out[:lo])
	clear(c.Out[hi:])
	switch weights = c.Out[lo:hi]; {
	case lo == hi:
	case first == last:
		at := lookFound + c.From + lo - first*lookChunk
		weights = found[at : at+hi-lo]
	default:
		if ties := k.Equal(weights, c.In[0][lo:hi], v); ties > 0 && share != 1 {
			k.Scale(weights, weights, share)
		}
	}
	return lo, hi, weights
}
