package expr

// Operations counts what one run of f does, by the rule under which value and
// gradient of an affine–relu program together never exceed 5 times the value
// (Baur and Strassen, TCS 22, 1983; Bolte, Boustany, Pauwels and
// Pesquet-Popescu, ICLR 2023, for nonsmooth programs): every scalar that an
// arithmetic or kink op produces counts 1, and so does every entry that a
// structural op moves.
//
// Entries are counted one by one, and only those that count for something:
//
//   - an entry that no output needs is free: of a slice of a long vector only
//     the entries sliced are computed;
//   - an entry that is the same number whatever inputs and slots are is free;
//   - so is the addition of a structural 0, an entry that nothing was moved to,
//     and all that is multiplied by it. The adjoint of a slice is such a vector
//     of zeros around what was sliced; moving an entry onto another counts 1, as
//     the addition that it is;
//   - reshapes are free, and sums of one entry and their adjoints, which are no
//     more than that.
//
// A sum of n terms is n − 1 additions and a product of n pairs 2n − 1 operations;
// other reductions count as Op.Flops says, row by row. Equal operations count as
// often as they occur: executors may share them, see vm.Program.Cost.
func Operations(f *Func) int {
	c := &counter{
		order: f.order, terms: make([]terms, f.Len()),
		state: make([][]entry, f.Len()), need: make([][]bool, f.Len()),
	}
	for i := range c.state {
		c.terms[i] = termsOf(f.order.Node(i))
		c.classify(i)
	}
	for _, n := range f.out {
		c.require(n, 0, n.Shape().Size())
	}
	total := 0
	for i := f.Len() - 1; i >= 0; i-- {
		total += c.visit(i)
	}
	return total
}

// entry is what is known of one entry of a node.
type entry uint8

const (
	isVarying entry = iota
	isFixed         // one number, whatever inputs and slots are
	isEmpty         // 0, and nothing is done to make it so
)

// counter counts one program: forward it finds what entries are, backward which
// are needed and what they cost. Nodes go by their number in the order.
type counter struct {
	order *Order
	terms []terms
	state [][]entry
	need  [][]bool
}

func (c *counter) stateOf(n Node) []entry { return c.state[c.order.Index(n)] }

// require marks entries [lo, hi) of a node.
func (c *counter) require(n Node, lo, hi int) {
	i := c.order.Index(n)
	if c.need[i] == nil {
		c.need[i] = make([]bool, n.Shape().Size())
	}
	for k := lo; k < hi; k++ {
		c.need[i][k] = true
	}
}

// classify finds what the entries of a node are.
func (c *counter) classify(i int) {
	n := c.order.Node(i)
	state := make([]entry, n.Shape().Size())
	c.state[i] = state
	switch terms := c.terms[i]; {
	case n.IsInput(): // varies
	case n.Op() == opConst:
		all := isFixed
		if v, ok := n.Uniform(); ok && v.Float() == 0 {
			all = isEmpty
		}
		for k := range state {
			state[k] = all
		}
	case terms != nil:
		for k := range state {
			state[k] = c.sum(n, terms, k).state()
		}
	default:
		c.classifyBlocks(n, state)
	}
}

// visit marks what the needed entries of a node need and returns their cost.
func (c *counter) visit(i int) (cost int) {
	n, need := c.order.Node(i), c.need[i]
	if need == nil || n.IsInput() {
		return 0
	}
	terms := c.terms[i]
	if terms == nil {
		return c.visitBlocks(n, need, c.state[i])
	}
	args := n.Args()
	for k, needed := range need {
		if !needed || c.state[i][k] != isVarying {
			continue
		}
		cost += c.sum(n, terms, k).cost(n)
		terms(k, func(t term) {
			if c.ofTerm(args, t) == isVarying {
				c.require(args[t.arg], t.at, t.at+1)
				if t.paired {
					c.require(args[t.by], t.byAt, t.byAt+1)
				}
			}
		})
	}
	return cost
}

// tally describes one entry that is a sum of terms.
type tally struct {
	live, fixed int // terms that are not 0, and those of them that are fixed
	products    int // terms of two factors that vary
	minus       bool
}

func (c *counter) sum(n Node, terms terms, k int) (s tally) {
	args := n.Args()
	terms(k, func(t term) {
		of := c.ofTerm(args, t)
		if of == isEmpty {
			return
		}
		s.live++
		s.minus = t.minus
		if of == isFixed {
			s.fixed++
		} else if t.paired {
			s.products++
		}
	})
	return s
}

// ofTerm is 0 if a factor is, and varies if one does.
func (c *counter) ofTerm(args []Node, t term) entry {
	x := c.stateOf(args[t.arg])[t.at]
	if !t.paired || x == isEmpty {
		return x
	}
	return combine(x, c.stateOf(args[t.by])[t.byAt])
}

func combine(x, y entry) entry {
	switch {
	case x == isEmpty || y == isEmpty:
		return isEmpty
	case x == isVarying || y == isVarying:
		return isVarying
	}
	return isFixed
}

func (s tally) state() entry {
	switch s.live {
	case 0:
		return isEmpty
	case s.fixed:
		return isFixed
	}
	return isVarying
}

// cost counts products and additions, fixed terms being one number, or moves.
func (s tally) cost(n Node) int {
	op := n.Op()
	if op.Structural {
		if op.View || op == opBroadcast && n.Shape().Size() == n.Args()[0].Shape().Size() {
			return 0
		}
		return s.live - s.fixed
	}
	added := s.live - s.fixed + min(s.fixed, 1)
	cost := s.products + added - 1
	if op == opMean || op == opSub && added == 1 && s.minus {
		cost++
	}
	return cost
}

// blocksOf cuts a node and its operands into corresponding blocks: entries of
// elementwise ops, rows of reductions and selectors, else all.
func blocksOf(n Node) int {
	op, in := n.Op(), n.Args()
	if len(in) == 0 {
		return 1
	}
	x := in[0].Shape()
	switch {
	case op.Elementwise && n.Shape() == x:
		return x.Size()
	case op.Weights != nil, op == opRank, op == opTiedRank, op == opTieBreak, op == opPermutation, op == opTiedPermutation, op == opDirection, op == opTiedDirection:
		return x.Size() / x.Dim(-1)
	}
	return 1
}

// classifyBlocks finds the entries of a block fixed if all operands are, there.
func (c *counter) classifyBlocks(n Node, state []entry) {
	blocks := blocksOf(n)
	for b := range blocks {
		of := isEmpty
		for _, a := range n.Args() {
			part := c.stateOf(a)
			size := len(part) / blocks
			for _, x := range part[b*size : (b+1)*size] {
				of = min(of, x)
			}
		}
		if of == isEmpty && !homogeneousOp(n) {
			of = isFixed
		}
		size := len(state) / blocks
		for k := b * size; k < (b+1)*size; k++ {
			state[k] = of
		}
	}
}

// homogeneousOp reports whether a derivative may scale a structural 0 by the op,
// which leaves it 0.
func homogeneousOp(n Node) bool {
	return n.Op() == opNeg || n.Op() == opAffine && n.Attr()[1].Float() == 0
}

func (c *counter) visitBlocks(n Node, need []bool, state []entry) (cost int) {
	op, blocks := n.Op(), blocksOf(n)
	flops := n.Shape().Size()
	if op.Flops != nil {
		flops = op.Flops(shapesOfNodes(n.Args()), n.Shape(), n.Attr())
	}
	size := len(need) / blocks
	for b := range blocks {
		if !anyVaries(need[b*size:(b+1)*size], state[b*size:]) {
			continue
		}
		cost += flops / blocks
		for _, a := range n.Args() {
			part := a.Shape().Size() / blocks
			c.require(a, b*part, (b+1)*part)
		}
	}
	return cost
}

func anyVaries(need []bool, state []entry) bool {
	for k, needed := range need {
		if needed && state[k] == isVarying {
			return true
		}
	}
	return false
}
