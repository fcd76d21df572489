package codegen

import "fmt"

func matMul(g *generator, v *value) {
	a, b := v.args[0].shape, v.args[1].shape
	m, k, n := a.Dim(-2), a.Dim(-1), b.Dim(-1)
	rowA, colA, rowB, colB := k, 1, n, 1
	if v.attr[0] == 1 {
		m, k = k, m
		rowA, colA = 1, m
	}
	if v.attr[1] == 1 {
		n = b.Dim(-2)
		rowB, colB = 1, k
	}
	g.each(v.size/(m*n), func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %s, %d, %d, %d, %d, %d, %d, %d)\n", g.use("MatMul"),
			row(v.slice, l, m*n, v.size), g.rowIn(v, 0, l, m*k), g.rowIn(v, 1, l, k*n), m, n, k, rowA, colA, rowB, colB)
	})
}

// matVec is the product with a matrix of one column.
func matVec(g *generator, v *value) {
	w := v.args[0].shape
	m, k, rowA, colA := w.Dim(-2), w.Dim(-1), w.Dim(-1), 1
	if v.attr[0] == 1 {
		rowA, colA = 1, k
		m, k = k, m
	}
	g.each(v.size/m, func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %s, %d, 1, %d, %d, %d, 1, 1)\n", g.use("MatMul"),
			row(v.slice, l, m, v.size), g.rowIn(v, 0, l, m*k), g.rowIn(v, 1, l, k), m, k, rowA, colA)
	})
}

func outer(g *generator, v *value) {
	m, n := v.rowSize(0), v.rowSize(1)
	g.each(v.size/(m*n), func(l string) {
		fmt.Fprintf(&g.body, "%s(%s, %s, %s)\n", g.use("Outer"), row(v.slice, l, m*n, v.size), g.rowIn(v, 0, l, m), g.rowIn(v, 1, l, n))
	})
}

// byRows picks or scatters rows by computed indices.
func byRows(name string) func(g *generator, v *value) {
	return func(g *generator, v *value) {
		size, d := v.node.Shape().Trail(2).Size(), v.rowSize(1)
		g.each(v.size/size, func(l string) {
			fmt.Fprintf(&g.body, "%s(%s, %s, %s, %d)\n", g.use(name), row(v.slice, l, size, v.size),
				g.rowIn(v, 0, l, v.rowSize(0)), g.rowIn(v, 1, l, v.args[1].shape.Trail(2).Size()), d)
		})
	}
}
