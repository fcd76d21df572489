package codegen

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// quantileAt returns the lower rank of a quantile and the weights of it and the next, rounded once.
func quantileAt(n expr.Node, extent int) (k int, low, high float64) {
	at := new(big.Rat).Mul(n.Attr()[0].Rat(), big.NewRat(int64(extent-1), 1))
	whole := new(big.Int).Quo(at.Num(), at.Denom())
	weight := at.Sub(at, new(big.Rat).SetInt(whole))
	high, _ = weight.Float64()
	low, _ = new(big.Rat).Sub(big.NewRat(1, 1), weight).Float64()
	return int(whole.Int64()), low, high
}

func sorted(g *generator, v *value) {
	n, lo, hi := v.rowSize(0), 0, v.rowSize(0)
	if v.op == "topk" {
		hi = int(v.attr[0])
	}
	m := hi - lo
	g.each(v.size/m, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %d, %d, %v, %s)\n", g.use("SortRow"), row(v.slice, l, m, v.size), g.rowIn(v, 0, l, n), lo, hi, v.op == "topk", g.spare[v])
	})
}

func groupSort(g *generator, v *value) {
	n := int(v.attr[0])
	g.each(v.size/n, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, 0, %d, false, %s)\n", g.use("SortRow"), row(v.slice, l, n, v.size), g.rowIn(v, 0, l, n), n, g.spare[v])
	})
}

// extreme returns what finds the only entry that is asked for, if that is the largest or the smallest by one key.
func extreme(v *value, keys int) string {
	switch n := v.rowSize(0); {
	case keys > 1:
		return ""
	case v.attr[1] == 1:
		return "Largest"
	case int(v.attr[0]) == n-1:
		return "Smallest"
	}
	return ""
}

func rankRoom(v *value) int {
	keys := len(v.args)
	if v.op == "rank" {
		keys--
	}
	if extreme(v, keys) != "" {
		return 0
	}
	return twoRows(v)
}

// keysOf lists the rows of the first operands as further arguments of a call.
func (g *generator) keysOf(v *value, count int, l string) string {
	s := ""
	for k := range count {
		s += ", " + g.rowIn(v, k, l, v.rowSize(0))
	}
	return s
}

// farthest is the largest or the smallest entry of a row x of the key, which a loop may have found already.
func (g *generator) farthest(v *value, far, x string) string {
	for _, r := range v.args[0].readers {
		if r.kind == sink && g.done[r] && r.args[0].shape == v.args[0].shape && r.op == map[string]string{"Largest": "amax", "Smallest": "amin"}[far] {
			return r.name
		}
	}
	return g.use(far) + "(" + x + ")"
}

func rank(g *generator, v *value) {
	n, slot := v.rowSize(0), len(v.args)-1
	g.each(v.size/n, func(l string) {
		out, w := row(v.slice, l, n, v.size), g.rowIn(v, slot, l, n)
		if far := extreme(v, slot); far != "" {
			x := g.rowIn(v, 0, l, n)
			fmt.Fprintf(&g.body, "%s(%s, %s, %s, %s)\n", g.use("SlotAt"), out, x, w, g.farthest(v, far, x))
			return
		}
		fmt.Fprintf(&g.body, "%s(%s, %s, %v, %v, %s%s)\n", g.use("Rank"), out, w, v.attr[0], v.attr[1], g.spare[v], g.keysOf(v, slot, l))
	})
}

func tieBreak(g *generator, v *value) {
	n := v.rowSize(0)
	g.each(v.size/n, func(l string) {
		out := row(v.slice, l, n, v.size)
		if far := extreme(v, len(v.args)); far != "" {
			x := g.rowIn(v, 0, l, n)
			fmt.Fprintf(&g.body, "%s(%s, %s, %s, %v)\n", g.use("OneAt"), out, x, g.farthest(v, far, x), v.attr[2])
			return
		}
		fmt.Fprintf(&g.body, "%s(%s, %v, %v, %v, %s%s)\n", g.use("TieBreak"), out, v.attr[0], v.attr[1], v.attr[2], g.spare[v], g.keysOf(v, len(v.args), l))
	})
}

func tiedRank(g *generator, v *value) {
	n := v.rowSize(0)
	g.each(v.size/n, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %v, %v, %s%s)\n", g.use("TiedRank"), row(v.slice, l, n, v.size), v.attr[0], v.attr[1], g.spare[v], g.keysOf(v, len(v.args), l))
	})
}

func direction(g *generator, v *value) {
	n, slot := v.rowSize(0), len(v.args)-1
	g.each(v.size/n, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s%s)\n", g.use("Direction"), row(v.slice, l, n, v.size), g.rowIn(v, slot, l, n), g.keysOf(v, slot, l))
	})
}

func tiedDirection(g *generator, v *value) {
	n := v.rowSize(0)
	g.each(v.size/n, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s%s)\n", g.use("TiedDirection"), row(v.slice, l, n, v.size), g.keysOf(v, len(v.args), l))
	})
}

func permutation(g *generator, v *value) {
	n, slot := v.rowSize(0), len(v.args)-1
	size := v.node.Shape().Trail(2).Size()
	g.each(v.size/size, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %d, %s%s)\n", g.use("Permutation"), row(v.slice, l, size, v.size),
			g.rowIn(v, slot, l, v.args[slot].shape.Size()/(v.size/size)), n, g.spare[v], g.keysOf(v, slot, l))
	})
}

func tiedPermutation(g *generator, v *value) {
	n := v.rowSize(0)
	g.each(v.size/(n*n), func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %d, %v, %s%s)\n", g.use("TiedPermutation"), row(v.slice, l, n*n, v.size), n, v.attr[0] == 1, g.spare[v], g.keysOf(v, len(v.args), l))
	})
}

func permute(name string) func(g *generator, v *value) {
	return func(g *generator, v *value) {
		n, size := v.rowSize(1), v.args[0].shape.Trail(2).Size()
		g.each(v.size/n, func(l string) {
			fmt.Fprintf(&g.body, "%s(%s, %s, %s)\n", g.use(name), row(v.slice, l, n, v.size), g.rowIn(v, 0, l, size), g.rowIn(v, 1, l, n))
		})
	}
}
