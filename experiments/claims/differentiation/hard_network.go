package differentiation

import (
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
)

// formula is a Boolean formula in conjunctive normal form. A literal is the
// number of a variable from 1, negative if negated.
type formula struct {
	variables int
	clauses   [][]int
}

// satisfiable tries all assignments.
func (f formula) satisfiable() bool {
	for bits := range 1 << f.variables {
		if f.holds(bits) {
			return true
		}
	}
	return false
}

// holds evaluates the formula; bit i of the assignment is variable i + 1.
func (f formula) holds(assignment int) bool {
	for _, clause := range f.clauses {
		met := false
		for _, l := range clause {
			met = met || (l > 0) == (assignment>>(max(l, -l)-1)&1 == 1)
		}
		if !met {
			return false
		}
	}
	return true
}

// network returns F(x) = minⱼ Σ {relu(l(x)) : l a literal of clause j} as a relu
// network without biases, whose matrices have the entries −1, 0 and 1.
func (f formula) network() (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", f.variables)
	b := &matrices{g: g, h: x}
	b.layer(f.literals())
	b.layer(f.sums())
	// The state is (m, c₂, c₃, …) with the minimum m so far; then r = relu(m − c)
	// comes first, and m − r is the next minimum.
	k := len(f.clauses)
	if k == 1 {
		return g.Func(expr.In(x), expr.Out(b.output([]float64{1})))
	}
	rows := [][]float64{difference(k, 0, 1), unitRow(k, 0)} // r, m, c₃, …
	for i := 2; i < k; i++ {
		rows = append(rows, unitRow(k, i))
	}
	b.layer(rows)
	for rest := k - 2; rest > 0; rest-- {
		size := rest + 2
		rows = [][]float64{difference(size, 1, 0), difference(size, 1, 0)}
		rows[0][2] = -1 // r = relu((m − r) − c)
		for i := 3; i < size; i++ {
			rows = append(rows, unitRow(size, i))
		}
		b.layer(rows)
	}
	return g.Func(expr.In(x), expr.Out(b.output([]float64{-1, 1})))
}

// literals has the rows of relu(x₁), relu(−x₁), relu(x₂), …
func (f formula) literals() (rows [][]float64) {
	for i := range f.variables {
		plus, minus := make([]float64, f.variables), make([]float64, f.variables)
		plus[i], minus[i] = 1, -1
		rows = append(rows, plus, minus)
	}
	return rows
}

// sums has a row for each clause.
func (f formula) sums() (rows [][]float64) {
	for _, clause := range f.clauses {
		row := make([]float64, 2*f.variables)
		for _, l := range clause {
			if l > 0 {
				row[2*l-2] = 1
			} else {
				row[-2*l-1] = 1
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// matrices applies layers relu(M·h).
type matrices struct {
	g *expr.Graph
	h expr.Node
}

func (b *matrices) tensor(rows [][]float64) expr.Node {
	var flat []float64
	for _, r := range rows {
		flat = append(flat, r...)
	}
	return b.g.Tensor(flat, len(rows), len(rows[0]))
}

func (b *matrices) layer(rows [][]float64) { b.h = expr.ReLU(expr.MatMul(b.tensor(rows), b.h)) }

func (b *matrices) output(row []float64) expr.Node {
	return expr.Index(expr.MatMul(b.tensor([][]float64{row}), b.h), 0)
}

func unitRow(n, i int) []float64 {
	row := make([]float64, n)
	row[i] = 1
	return row
}

// difference is the row of h[i] − h[k].
func difference(n, i, k int) []float64 {
	row := unitRow(n, i)
	row[k] = -1
	return row
}

// allFormulas are those of two variables with at most the given number of
// clauses, out of the 8 clauses that there are.
func allFormulas(most int) (out []formula) {
	clauses := [][]int{{1}, {-1}, {2}, {-2}, {1, 2}, {1, -2}, {-1, 2}, {-1, -2}}
	for set := 1; set < 1<<len(clauses); set++ {
		f := formula{variables: 2}
		for i, c := range clauses {
			if set>>i&1 == 1 {
				f.clauses = append(f.clauses, c)
			}
		}
		if len(f.clauses) <= most {
			out = append(out, f)
		}
	}
	return out
}

// randomFormula has clauses of two literals of different variables; about four
// clauses for three variables make half of them unsatisfiable.
func randomFormula(rng *rand.Rand, variables, clauses int) formula {
	f := formula{variables: variables}
	for range clauses {
		p := rng.Perm(variables)[:2]
		for i := range p {
			p[i] = (p[i] + 1) * (1 - 2*rng.IntN(2))
		}
		f.clauses = append(f.clauses, p)
	}
	return f
}

// contradiction is x₁ ∧ ¬x₁ ∧ (x₁ ∨ x₂ ∨ ⋯): unsatisfiable, with any number of
// variables.
func contradiction(variables int) formula {
	last := make([]int, variables)
	for i := range last {
		last[i] = i + 1
	}
	return formula{variables, [][]int{{1}, {-1}, last}}
}
