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
	each := b.add(&value{kind: single, node: v.node, op: "tiebreak share", attr: v.attr, args: []operand{key}, size: 1})
	b.values = append(b.values, each)
	v.kind, v.op, v.args = loop, "share", []operand{key, {each, expr.Shape{}}}
}

// found are the variables in which a loop that finds the farthest entry of a row notes those that tie with it: how many,
// the first and the last; "" where nobody asks.
type found struct{ count, first, last string }

// shareOf returns what shares 1 among the entries that the number v, the largest or smallest entry, is; nil if nothing
// does.
func (v *value) shareOf() *value {
	if v.op != "amax" && v.op != "amin" {
		return nil
	}
	for _, r := range v.args[0].readers {
		if r.op == "tiebreak share" && r.isOf(v) {
			return r
		}
	}
	return nil
}

// isOf reports whether v is about the number far, the largest or smallest entry of a row.
func (v *value) isOf(far *value) bool {
	return far.kind == sink && far.args[0].shape == v.args[0].shape && far.op == map[string]string{"Largest": "amax", "Smallest": "amin"}[extreme(v, 1)]
}

// findTies declares the variables for what shares 1 among ties with the number v.
func (g *generator) findTies(v *value) {
	share := v.shareOf()
	if share == nil {
		return
	}
	var f found
	if share.attr[2] != float64(expr.TieAll) {
		f.count = g.names.fresh("ties")
		fmt.Fprintf(&g.body, "%s := 0\n", f.count)
	}
	if g.isSparse[share] {
		f.first, f.last = g.names.fresh("first"), g.names.fresh("last")
		fmt.Fprintf(&g.body, "%s, %s := 0, -1\n", f.first, f.last)
	}
	g.ties[share] = f
}

// noteTies is the round of a loop that finds v and the entries that it is. Mostly one comparison tells that there is
// nothing to do.
func (g *generator) noteTies(v *value, f found) string {
	x, beyond, within := g.entry(v).x[0], ">", "<"
	if v.op == "amin" {
		beyond, within = within, beyond
	}
	first, next := v.name+" = "+x+"\n", ""
	if f.count != "" {
		first, next = first+f.count+" = 1\n", f.count+"++\n"
	}
	if f.first != "" {
		first, next = first+f.first+", "+f.last+" = i, i\n", next+f.last+" = i\n"
	}
	return fmt.Sprintf("if !(%s %s %s) {\nswitch {\ncase %[1]s %[4]s %[3]s:\n%[5]scase %[1]s == %[3]s:\n%[6]scase %[3]s == %[3]s:\n%[3]s = %[1]s\n}\n}\n",
		x, within, v.name, beyond, first, next)
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
	switch f := g.ties[v]; {
	case v.attr[2] == float64(expr.TieAll):
		fmt.Fprintf(&g.body, "%s := 1.0\n", v.name)
	case f.count != "":
		fmt.Fprintf(&g.body, "%s := 1 / float64(max(%s, 1))\n", v.name, f.count)
	default:
		fmt.Fprintf(&g.body, "%s := %s(%s, %s)\n", v.name, g.use("ShareOf"), x, at)
	}
}

// ties is the condition under which an entry has the share.
func (e *entry) ties() string { return e.x[0] + " == " + e.far[e.v.args[1].value] }

func shared(e *entry) string { return fmt.Sprintf("%s(%s, %s, 0)", e.use("If"), e.ties(), e.x[1]) }

// markSparse finds out in which loops only ties are looked at.
func (g *generator) markSparse() {
	for _, s := range g.steps {
		if share := g.sparse(s); share != nil {
			g.isSparse[share.args[1].value] = true
		}
	}
}

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
	body = "if " + e.ties() + " {\n" + body + "}\n"
	if f := g.ties[share.args[1].value]; f.first != "" {
		fmt.Fprintf(&g.body, "for i := %s; i <= %s; i++ {\n%s}\n", f.first, f.last, body)
	} else {
		g.body.WriteString(looped("i", fmt.Sprint(s.size), body))
	}
}
