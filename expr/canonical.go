package expr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// canonical returns the nodes of a program in an order that depends on the
// program alone: the inputs as listed, then every other node in topological
// order, with constants and slots moved to where they are first used. Where a
// graph happens to hold its leaves is an accident of how it was built, and text
// creates them at their first use.
func (f *Func) canonical() []Node {
	order := make([]Node, 0, f.Len()+len(f.in))
	seen := make([]bool, f.Len())
	add := func(n Node) {
		if k := f.order.Index(n); !seen[k] {
			seen[k] = true
			order = append(order, n)
		}
	}
	for _, n := range f.in {
		if f.order.Index(n) >= 0 {
			add(n)
		} else {
			order = append(order, n)
		}
	}
	for _, n := range f.Nodes() {
		if n.isLeaf() {
			continue
		}
		for _, a := range n.Args() {
			if a.isLeaf() {
				add(a)
			}
		}
		add(n)
	}
	for _, n := range f.out { // an output may itself be a leaf
		add(n)
	}
	return order
}

// isLeaf reports whether the node is an input, a slot or a constant.
func (n Node) isLeaf() bool { return len(n.ArgIDs()) == 0 }

// Hash returns the SHA-256 of the program in hexadecimal: of its inputs with
// names, roles and shapes, its ops with exact attributes and operands, its slots
// and its outputs. Node ids, dead nodes and whatever else the graph holds do not
// enter, so the same program built elsewhere has the same hash. A custom op counts
// by its name and its Doc, which stand for what it computes.
func (f *Func) Hash() string {
	order := f.canonical()
	number := numbering{f.order, make([]int, f.Len())}
	for i, n := range order {
		if k := f.order.Index(n); k >= 0 {
			number.of[k] = i
		}
	}
	h := sha256.New()
	io.WriteString(h, "tamegrad program 1\n")
	for _, n := range order {
		hashNode(h, n, number)
	}
	io.WriteString(h, "out")
	for _, n := range f.out {
		fmt.Fprintf(h, " %d", number.at(n))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashNode(h hash.Hash, n Node, number numbering) {
	fmt.Fprintf(h, "%s %v", n.Op().Name, n.Shape())
	if op := n.Op(); op.IsCustom() {
		fmt.Fprintf(h, " custom %q", op.Doc)
	}
	if in, ok := n.Input(); ok {
		fmt.Fprintf(h, " %q %d", in.Name, in.Role)
	}
	if s, ok := n.Slot(); ok {
		hashSlot(h, s, number)
	}
	for _, v := range n.Attr() {
		io.WriteString(h, " "+fractionText(v))
	}
	for _, a := range n.Args() {
		io.WriteString(h, " #"+strconv.Itoa(number.at(a)))
	}
	io.WriteString(h, "\n")
}

// hashSlot names the owner by its number where the program holds it; a
// derivative need not.
func hashSlot(h hash.Hash, s *Slot, number numbering) {
	fmt.Fprintf(h, " %v %q %d %d of %s", s.Kind, s.Name, s.From, s.To, s.Owner.Op().Name)
	if number.order.Index(s.Owner) >= 0 {
		fmt.Fprintf(h, " #%d", number.at(s.Owner))
	}
}

// numbering numbers the nodes of a program anew.
type numbering struct {
	order *Order
	of    []int // by number in the order
}

func (n numbering) at(m Node) int { return n.of[n.order.Index(m)] }

// fractionText is v.Rat().RatString(), and quick for integers.
func fractionText(v Number) string {
	if s, ok := v.integerText(); ok {
		return s
	}
	return v.Rat().RatString()
}
