package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// sharesOne reports whether a rule weighs the farthest entries of one row alike.
func sharesOne(v *value) bool {
	return v.op == "tiebreak" && v.size > 1 && v.size == v.rowSize(0) && extreme(v, len(v.args)) != "" && v.attr[2] >= float64(expr.TieEven)
}

// share makes the weights entry by entry of the farthest entry and what each that ties with it gets, so that nobody
// has to store them.
func (b *builder) share(v *value) {
	key := b.whole(v.args[0])
	each := b.add(&value{kind: single, node: v.node, op: "tie share", attr: v.attr, args: []operand{key}, size: 1})
	b.values = append(b.values, each)
	v.kind, v.op, v.args = loop, "share", []operand{key, {each, expr.Shape{}}}
}

func tieShare(g *generator, v *value) {
	far, x := extreme(v, 1), g.in(v, 0)
	at := g.farthest(v, far, x)
	if strings.Contains(at, "(") {
		name := g.names.fresh("farthest")
		fmt.Fprintf(&g.body, "%s := %s\n", name, at)
		at = name
	}
	g.far[v] = at
	if v.attr[2] == float64(expr.TieAll) {
		fmt.Fprintf(&g.body, "%s := 1.0\n", v.name)
	} else {
		fmt.Fprintf(&g.body, "%s := %s(%s, %s)\n", v.name, g.use("ShareOf"), x, at)
	}
}

// ties is the condition under which an entry has the share.
func (e *entry) ties() string { return e.x[0] + " == " + e.far[e.v.args[1].value] }

func shared(e *entry) string { return fmt.Sprintf("%s(%s, %s, 0)", e.use("If"), e.ties(), e.x[1]) }

// sparse returns the share without which all that a loop stores is 0; nil if there is none.
func (g *generator) sparse(s step) *value {
	at := slices.IndexFunc(s.values, func(v *value) bool { return v.op == "share" && !v.stored })
	if at < 0 {
		return nil
	}
	isZero := map[*value]bool{s.values[at]: true}
	for _, v := range s.values {
		if v.kind != loop {
			return nil
		}
		switch v.op {
		case "gate":
			isZero[v] = isZero[v.args[0].value]
		case "add", "sub":
			isZero[v] = isZero[v.args[0].value] && isZero[v.args[1].value]
		}
		if !isZero[v] {
			return nil
		}
	}
	return s.values[at]
}

// sparseLoop computes only where entries have a share.
func (g *generator) sparseLoop(s step, share *value) {
	e := g.entry(share)
	body := fmt.Sprintf("%s := %s\n", share.name, e.x[1])
	for _, v := range s.values {
		if v.stored {
			fmt.Fprintf(&g.body, "clear(%s)\n", v.slice)
		}
		if v != share {
			body += g.round(v)
		}
		g.done[v] = true
	}
	g.body.WriteString(looped("i", fmt.Sprint(s.size), "if "+e.ties()+" {\n"+body+"}\n"))
}
