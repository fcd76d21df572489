package codegen

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// distances is room for one to each row of points.
func distances(v *value) int { return v.args[0].shape.Dim(-2) }

// nearest writes the indices of the rows that are nearest to others.
func nearest(g *generator, v *value) {
	n, d, m, k := v.args[0].shape.Dim(-2), v.rowSize(0), v.args[1].shape.Dim(-2), int(v.attr[0])
	g.each(v.size/(m*k), func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %s, %d, %d, %s)\n", g.use("Nearest"), row(v.slice, l, m*k, v.size),
			g.rowIn(v, 0, l, n*d), g.rowIn(v, 1, l, m*d), d, k, g.spare[v])
	})
}

// farthest writes the indices of rows that are far from each other.
func farthest(g *generator, v *value) {
	n, d, m := v.args[0].shape.Dim(-2), v.rowSize(0), int(v.attr[0])
	g.each(v.size/m, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %d, %s)\n", g.use("Farthest"), row(v.slice, l, m, v.size), g.rowIn(v, 0, l, n*d), d, g.spare[v])
	})
}

func snapsVectors(v *value) bool { return expr.SnapMode(v.attr[1]) == expr.SnapVectors }

func snapRoom(v *value) int {
	if snapsVectors(v) {
		return 0
	}
	return twoRows(v)
}

// snapRows snaps entries of rows to each other, or whole rows to 0.
func snapRows(g *generator, v *value) {
	n := v.rowSize(0)
	g.each(v.size/n, func(l string) {
		out, x, tol := row(v.slice, l, n, v.size), g.rowIn(v, 0, l, n), number(v.attr[0])
		if snapsVectors(v) {
			fmt.Fprintf(&g.body, "%s(%s, %s, %s)\n", g.use("SnapVector"), out, x, tol)
		} else {
			fmt.Fprintf(&g.body, "%s(%s, %s, %s, %s)\n", g.use("SnapRow"), out, x, tol, g.spare[v])
		}
	})
}
