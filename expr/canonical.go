package expr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// canonical returns the nodes of a program in an order that depends on the
// program alone: the inputs as listed, then every other node in topological
// order, with constants and slots moved to where they are first used. Where a
// graph happens to hold its leaves is an accident of how it was built, and text
// creates them at their first use.
func (f *Func) canonical() []Node {
	order := make([]Node, 0, len(f.live)+len(f.in))
	seen := make(map[Node]bool, len(f.live)+len(f.in))
	add := func(n Node) {
		if !seen[n] {
			seen[n] = true
			order = append(order, n)
		}
	}
	for _, n := range f.in {
		add(n)
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
	number := make(map[Node]int, len(order))
	for i, n := range order {
		number[n] = i
	}
	h := sha256.New()
	io.WriteString(h, "tamegrad program 1\n")
	for _, n := range order {
		hashNode(h, n, number)
	}
	io.WriteString(h, "out")
	for _, n := range f.out {
		fmt.Fprintf(h, " %d", number[n])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashNode(h hash.Hash, n Node, number map[Node]int) {
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
		io.WriteString(h, " "+v.Rat().RatString())
	}
	for _, a := range n.Args() {
		fmt.Fprintf(h, " #%d", number[a])
	}
	io.WriteString(h, "\n")
}

// hashSlot names the owner by its number where the program holds it; a
// derivative need not.
func hashSlot(h hash.Hash, s *Slot, number map[Node]int) {
	fmt.Fprintf(h, " %v %q %d %d of %s", s.Kind, s.Name, s.From, s.To, s.Owner.Op().Name)
	if k, ok := number[s.Owner]; ok {
		fmt.Fprintf(h, " #%d", k)
	}
}
