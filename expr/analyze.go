package expr

import "slices"

// The class analysis interprets a program abstractly, in topological order:
// every entry of every node gets a fact. Facts of entries are joined where an op
// mixes entries, and picked where it only moves them, so what one entry lacks
// does not spoil the others.
//
// There are two readings. The global one knows nothing of the inputs. The germ
// at a point knows the values of all nodes there; inputs are then bounded, ops
// that are analytic near their arguments belong to ℝ_an, and whatever is
// certified continuous and takes finitely many values is constant.

// Class returns the class of the program as a function of all its inputs, data
// and open slots included, on the whole space: the reading that convergence
// theorems need. Continuous and Lipschitz are certified everywhere.
func (f *Func) Class() Class { return f.analyze(nil) }

// ClassAt returns the class of the program's germ at a point, which pointwise
// results need. The callback supplies the values of nodes at that point, flat
// and row-major; a node of which it knows nothing is treated as in the global
// reading, and package ad has a driver that computes them. It is asked for the
// nodes that decide something, and if it knows none, for all that ever could.
//
// Continuous and Lipschitz are certified near the point only if every square
// root, logarithm, quotient and real power is strictly inside its domain there
// and every active where has two branches that are one node.
//
// Values decide by their signs, by being integers and by their ties, so they
// should be exact in these respects; in float64 a certificate is as good as the
// switches are.
func (f *Func) ClassAt(value func(Node) []float64) Class {
	if value == nil {
		value = func(Node) []float64 { return nil }
	}
	return f.analyze(value)
}

// analysis is one run of the class analysis.
type analysis struct {
	value   func(Node) []float64 // nil in the global reading
	nodes   *Order
	facts   []facts // by number in the order
	reasons reasons
}

func (f *Func) analyze(value func(Node) []float64) Class {
	a := &analysis{value: value, nodes: f.order, facts: make([]facts, f.Len())}
	for i := range a.facts {
		a.facts[i] = a.visit(f.order.Node(i))
	}
	sum := fact{level: LocallyLipschitz, constant: true}
	for _, n := range f.out {
		sum = a.join(sum, a.all(n))
	}
	return a.class(sum)
}

// of returns the facts of a node that has been visited. Those of a constant are listed when somebody wants them: mostly
// that is many entries of which only the join is of interest.
func (a *analysis) of(n Node) facts {
	i := a.nodes.Index(n)
	if a.facts[i] == nil {
		a.facts[i] = constantFacts(n)
	}
	return a.facts[i]
}

// all joins the facts of all entries of a node.
func (a *analysis) all(n Node) fact {
	values, ok := n.IsConst()
	if !ok {
		return a.of(n).all(a)
	}
	in := pointOf(values[0])
	for _, v := range values[1:] {
		in = in.hull(pointOf(v))
	}
	return constantFact(in)
}

// class reports the joined fact of all outputs.
func (a *analysis) class(s fact) Class {
	c := Class{
		Kind: s.class(), Degree: -1,
		Continuous: s.level >= Continuous, Lipschitz: s.level == LocallyLipschitz,
		Reasons: a.reasons.list(s.why),
	}
	if c.Kind <= PiecewisePolynomial {
		c.Degree = s.degree
	}
	return c
}

// germ reports whether the analysis is about a point.
func (a *analysis) germ() bool { return a.value != nil }

// values returns the values of a node at the point, nil if they are unknown.
func (a *analysis) values(n Node) []float64 {
	if !a.germ() {
		return nil
	}
	v := a.value(n)
	if len(v) != n.Shape().Size() {
		return nil
	}
	return v
}

// visit returns the facts of a node, given those of its operands.
func (a *analysis) visit(n Node) facts {
	op := n.Op()
	switch {
	case n.IsInput():
		return facts{a.input(op)}
	case op == opConst:
		return nil // see of
	case op.Selects || op.View || op == opConcat || op == opStack:
		return a.moved(n)
	case op.Elementwise && n.Shape() == n.Args()[0].Shape():
		return a.entries(n)
	}
	return a.whole(n)
}

// input is the fact of an input. Near a point inputs are bounded, and slots
// range over bounded sets anyway.
func (a *analysis) input(op *Op) fact {
	f := fact{level: LocallyLipschitz, degree: 1, in: anything}
	f.in.Bounded = a.germ() || op == opSlot
	return f
}

func constantFacts(n Node) facts {
	values, _ := n.IsConst()
	out := make(facts, len(values))
	for i, v := range values {
		out[i] = constantFact(pointOf(v))
	}
	return out.compact()
}

// entries treats an elementwise node entry by entry, or once for all entries if
// they have the same facts.
func (a *analysis) entries(n Node) facts {
	args := n.Args()
	in := make([]facts, len(args))
	uniform := !a.germ() || !n.Op().Partial && n.Op() != opGate
	for i, m := range args {
		in[i] = a.of(m)
		uniform = uniform && len(in[i]) == 1
	}
	size := n.Shape().Size()
	if uniform {
		size = 1
	}
	out := make(facts, size)
	row := make([]fact, len(args))
	for i := range out {
		for j := range in {
			row[j] = in[j].at(i)
		}
		out[i] = a.apply(&application{n: n, args: row, entry: i, terms: 1})
	}
	return out.compact()
}

// whole treats a node that mixes entries: all of its entries get one fact.
func (a *analysis) whole(n Node) facts {
	args := n.Args()
	row := make([]fact, len(args))
	for i, m := range args {
		row[i] = a.all(m)
	}
	terms := max(1, args[0].Shape().Size()/n.Shape().Size())
	return facts{a.apply(&application{n: n, args: row, entry: -1, terms: terms})}
}

// moved treats a node whose entries are entries of its operands. Which ones,
// the op itself tells: it is run on positions in place of values.
func (a *analysis) moved(n Node) facts {
	args := n.Args()
	uniform := true
	for _, m := range args {
		uniform = uniform && slices.Equal(a.of(m), a.of(args[0])) && len(a.of(m)) == 1
	}
	if uniform {
		return a.of(args[0])
	}
	var pool facts
	c := &Call[float64]{Out: make([]float64, n.Shape().Size()), Shape: n.Shape(), Attr: n.Attr(), Fault: new(Fault)}
	for _, m := range args {
		position := make([]float64, m.Shape().Size())
		for i := range position {
			position[i] = float64(len(pool))
			pool = append(pool, a.of(m).at(i))
		}
		c.In, c.Shapes = append(c.In, position), append(c.Shapes, m.Shape())
	}
	if n.Op().Index != nil {
		c.Index = n.Op().Index(c.Shapes, c.Shape, c.Attr)
	}
	n.Op().Eval(c)
	out := make(facts, len(c.Out))
	for i, p := range c.Out {
		out[i] = pool[int(p)]
	}
	return out.compact()
}
