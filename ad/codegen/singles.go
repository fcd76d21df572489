package codegen

import "fmt"

// statements write an op with a call or loops of its own.
type statements struct {
	emit func(g *generator, v *value)
	// room is how many spare numbers it needs; nil means none.
	room func(v *value) int
	// entries says that operands are read entry by entry, so that they need not stand in a slice.
	entries bool
	// number says that a result of one entry is a variable, not a slice.
	number bool
}

func (s statements) returns(v *value) bool { return s.number && v.size == 1 }

var singles map[string]statements

func init() { // the tables refer to each other
	singles = map[string]statements{
		"copy": {emit: copyEntries, entries: true}, "pick": {emit: pick, entries: true},
		"stack": {emit: stack, entries: true}, "assemble": {emit: assemble, entries: true},
		"unwindows": {emit: assemble, entries: true},
		"concat":    {emit: concat}, "pad": {emit: pad},
		"gatherrows": {emit: byRows("GatherRows")}, "scatterrows": {emit: byRows("ScatterRows")},

		"sum": {emit: sum, number: true}, "mean": {emit: sum, number: true},
		"norm1": rowNumber("Norm1"), "norminf": rowNumber("NormInf"), "norm2": rowNumber("Norm"), "dot": rowNumber("Dot"),
		"amax": rowNumber("Largest"), "maxpool": rowNumber("Largest"), "amin": rowNumber("Smallest"), "logsumexp": rowNumber("LogSumExp"), "prod": rowNumber("Prod"),
		"median": rankMean(middle), "topksum": rankMean(func(v *value, _ int) (int, int, int) { return 0, int(v.attr[0]), 1 }),
		"quantile": {emit: quantile, number: true, room: twoRows},

		"softmax": rowVector("Softmax"), "prodothers": rowVector("ProdOthers"), "cumsum": {emit: cumSum},
		"sort": {emit: sorted, room: twoRows}, "topk": {emit: sorted, room: twoRows}, "groupsort": {emit: groupSort, room: twoRows},
		"rank": {emit: rank, room: rankRoom}, "tiebreak": {emit: tieBreak, room: rankRoom}, "tiebreak share": {emit: tieShare, number: true}, "tiedrank": {emit: tiedRank, room: twoRows},
		"direction": {emit: direction}, "tieddirection": {emit: tiedDirection},
		"permutation": {emit: permutation, room: twoRows}, "tiedpermutation": {emit: tiedPermutation, room: twoRows},
		"permute": {emit: permute("Permute")}, "unpermute": {emit: permute("Unpermute")},

		"knn": {emit: nearest, room: distances}, "farthest": {emit: farthest, room: distances}, "snap rows": {emit: snapRows, room: snapRoom},
		"conv2d": {emit: convolution}, "conv2dimages": {emit: convolutionImages}, "conv2dkernel": {emit: convolutionKernel},
		"matmul": {emit: matMul}, "matvec": {emit: matVec}, "outer": {emit: outer},
	}
}

// rowSize is the extent of the last axis of an operand.
func (v *value) rowSize(k int) int {
	s := v.args[k].shape
	if s.Rank() == 0 {
		return 1
	}
	return s.Dim(-1)
}

func twoRows(v *value) int { return 2 * v.rowSize(0) }

// each writes statements for so many rows, l being the number of one; l is "" for a single row.
func (g *generator) each(rows int, body func(l string)) {
	if rows == 1 {
		body("")
		return
	}
	fmt.Fprintf(&g.body, "for l := range %d {\n", rows)
	body("l")
	g.body.WriteString("}\n")
}

// row returns row l, of n entries, of a slice of that size. A slice of one row serves all.
func row(slice, l string, n, size int) string {
	switch {
	case l == "" || size == n:
		return slice
	case n == 1:
		return fmt.Sprintf("%s[%s:%[2]s+1]", slice, l)
	}
	return fmt.Sprintf("%s[%s*%d:(%[2]s+1)*%[3]d]", slice, l, n)
}

func (g *generator) rowIn(v *value, k int, l string, n int) string {
	return row(g.in(v, k), l, n, v.args[k].shape.Size())
}

// assign sets entry l of the result, or the variable.
func (g *generator) assign(v *value, l, text string) {
	if l == "" {
		fmt.Fprintf(&g.body, "%s := %s\n", v.name, text)
	} else {
		fmt.Fprintf(&g.body, "%s[l] = %s\n", v.slice, text)
	}
}

// rowNumber is a number of each row of the operands.
func rowNumber(name string) statements {
	return statements{number: true, emit: func(g *generator, v *value) {
		g.each(v.size, func(l string) {
			text := g.use(name) + "("
			for k := range v.args {
				if k > 0 {
					text += ", "
				}
				text += g.rowIn(v, k, l, v.rowSize(k))
			}
			g.assign(v, l, text+")")
		})
	}}
}

// rowVector is a row for each row of the operand.
func rowVector(name string) statements {
	return statements{emit: func(g *generator, v *value) {
		n := v.rowSize(0)
		g.each(v.size/n, func(l string) {
			fmt.Fprintf(&g.body, "%s(%s, %s)\n", g.use(name), row(v.slice, l, n, v.size), g.rowIn(v, 0, l, n))
		})
	}}
}

func cumSum(g *generator, v *value) {
	name := "CumSum"
	if v.attr[0] == 1 {
		name = "CumSumBack"
	}
	rowVector(name).emit(g, v)
}

func middle(_ *value, n int) (from, to, divisor int) { return (n - 1) / 2, n/2 + 1, 2 - n%2 }

func rankMean(ranks func(v *value, n int) (from, to, divisor int)) statements {
	return statements{number: true, room: twoRows, emit: func(g *generator, v *value) {
		n := v.rowSize(0)
		from, to, divisor := ranks(v, n)
		g.each(v.size, func(l string) {
			g.assign(v, l, fmt.Sprintf("%s(%s, %d, %d, %d, %s)", g.use("RankMean"), g.rowIn(v, 0, l, n), from, to, divisor, g.spare[v]))
		})
	}}
}

func quantile(g *generator, v *value) {
	n := v.rowSize(0)
	k, low, high := quantileAt(v.node, n)
	g.each(v.size, func(l string) {
		g.assign(v, l, fmt.Sprintf("%s(%s, %d, %s, %s, %s)", g.use("Quantile"), g.rowIn(v, 0, l, n), k, number(low), number(high), g.spare[v]))
	})
}
