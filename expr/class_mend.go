package expr

import "fmt"

// What to write instead of a node that is not certified. Each piece of advice
// is a program that the analysis certifies where the first one is not, or says
// that there is none.

// mend returns the advice on a node, or "" if nothing is known to help.
func mend(n Node) string {
	switch n.Op().Name {
	case "sqrt":
		return mendRoot(n)
	case "pow":
		return mendPow(n)
	case "power":
		return "keep the base positive, as in power(max(x, c), y) with a constant c > 0; x^p with a constant p takes other bases too"
	case "div":
		return "if it is meant to be positive, write x/max(y, c) with a constant c > 0"
	case "log":
		return "keep the argument positive, as in log(max(x, c)) with a constant c > 0"
	case "log1p":
		return "keep the argument above −1, as in log1p(max(x, c)) with a constant c > −1"
	case "sin", "cos":
		return fmt.Sprintf("bound the argument, as in %s(clamp(x, -c, c)) with a constant c", n.Op().Name)
	case "sign":
		return "clamp(c*x, -1, 1) with a large constant c is a continuous stand-in"
	case "floor":
		return "no continuous op rounds; it is constant between the integers, so take a point there or pass the rounded number as data"
	case "knn", "farthest":
		return "no selection of indices is continuous; it is constant off ties, so take a point there or gather by fixed indices"
	case "where":
		return mendWhere(n)
	}
	return ""
}

// mendRoot knows roots of squares, which norms spell.
func mendRoot(n Node) string {
	arg := n.Args()[0]
	switch {
	case isSquare(arg) && arg.Op() != opDot:
		return "abs(x) is the spelling of sqrt(x^2) that works, as is norm2 for a vector"
	case isSumOfSquares(arg):
		return "norm2(v) is the spelling of the root of a sum of squares that works"
	}
	return "keep the argument positive, as in sqrt(max(x, c)) with a constant c > 0; norm2(v) is the spelling of the root of a sum of squares that works"
}

// isSquare reports whether n is written as a square.
func isSquare(n Node) bool {
	ids := n.ArgIDs()
	switch n.Op() {
	case opPow:
		return n.Attr()[0].Float() == 2
	case opMul, opDot:
		return ids[0] == ids[1]
	}
	return false
}

// maxTerms bounds the sums that are read, so that advice takes constant time.
const maxTerms = 32

// isSumOfSquares follows sums to the left, as they are read.
func isSumOfSquares(n Node) bool {
	for range maxTerms {
		if n.Op() != opAdd || !isSquare(n.Args()[1]) {
			break
		}
		n = n.Args()[0]
	}
	if n.Op() == opSum {
		n = n.Args()[0]
	}
	return isSquare(n)
}

func mendPow(n Node) string {
	switch p := n.Attr()[0]; {
	case p.Rat().IsInt():
		return "if it is meant to be positive, write max(x, c)^p with a constant c > 0"
	case p.Float() >= 1:
		return "keep the base from being negative, as in abs(x)^p or relu(x)^p, which are locally Lipschitz for p ≥ 1"
	}
	return "keep the base positive, as in max(x, c)^p with a constant c > 0"
}

// decidesByOneValue reports whether the comparison is an equality, which has a
// branch for a single value of the switch.
func (k Comparison) decidesByOneValue() bool { return k == Equal || k == NotEqual }

func whyWhere(k Comparison) string {
	if !k.decidesByOneValue() {
		return "the branches are not proved to agree where the switch is 0"
	}
	return "the branch for a single value of the switch decides nothing almost everywhere, unless the switch stays at that value, " +
		"yet frameworks return its derivative where it is taken; D and ∂ are refused, for the branches are not proved to agree there"
}

func mendWhere(n Node) string {
	k := Comparison(n.Attr().Int(0))
	if k.decidesByOneValue() {
		return "write the branch for unequal sides alone, if it is continuous there"
	}
	if text := kinkOf(n, k); text != "" {
		return fmt.Sprintf("write %s instead of the branch", text)
	}
	return "if they agree there, write the kink by its name instead of the branch, as in max(a, b), relu(x), abs(x) or clamp(x, lo, hi)"
}

// kinkOf returns the spelling by name of a where that is written as a kink.
func kinkOf(n Node, k Comparison) string {
	args := n.Args()
	z, over, under := args[0], args[1], args[2]
	if k == Less || k == LessEqual {
		over, under = under, over
	}
	l, r, zero := z, Node{}, true
	if z.Op() == opSub {
		l, r = z.Args()[0], z.Args()[1]
		zero = isZeroConst(r)
	}
	switch {
	case zero && sameValue(over, l) && isZeroConst(under):
		return "relu(x)"
	case zero && sameValue(over, l) && isNegative(under, l):
		return "abs(x)"
	case r.Valid() && sameValue(over, l) && sameValue(under, r):
		return "max(a, b)"
	case r.Valid() && sameValue(over, r) && sameValue(under, l):
		return "min(a, b)"
	}
	return ""
}

func isZeroConst(n Node) bool {
	v, ok := n.Uniform()
	return ok && v.Equal(Number{})
}

func isNegative(n, of Node) bool { return n.Op() == opNeg && sameValue(n.Args()[0], of) }

// sameValue reports whether two nodes are one, or the same op of the same
// operands, or the same constant.
func sameValue(n, m Node) bool {
	if n == m {
		return true
	}
	v, ok := n.Uniform()
	w, also := m.Uniform()
	if ok || also {
		return ok && also && v.Equal(w)
	}
	ids := n.ArgIDs()
	if n.Op() != m.Op() || len(ids) == 0 || len(ids) != len(m.ArgIDs()) || !n.Attr().Equal(m.Attr()) {
		return false
	}
	for i, id := range m.ArgIDs() {
		if ids[i] != id {
			return false
		}
	}
	return true
}
