package ad

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// AbsMatrices is an abs-normal form in numbers: see AbsForm. Vectors are flat.
type AbsMatrices struct {
	Names      []string
	C, B       []float64
	Z, L, J, Y *mat.Dense
}

// At returns the form at a point, one flat row-major slice for each input of the
// program.
func (a *AbsForm) At(x ...[]float64) (*AbsMatrices, error) {
	out := make([][]float64, 6)
	for i, n := range a.Func.Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	if err := a.program.Run(out, x...); err != nil {
		return nil, err
	}
	s, n, m := len(a.Names), total(a.inputs), len(out[3])
	return &AbsMatrices{
		Names: a.Names, C: out[0], B: out[3],
		Z: mat.NewDense(s, n, out[1]), L: mat.NewDense(s, s, out[2]),
		J: mat.NewDense(m, n, out[4]), Y: mat.NewDense(m, s, out[5]),
	}, nil
}

// Flat joins those inputs of a point that the form is about, those of Wrt, to the
// vector x of the form.
func (a *AbsForm) Flat(x ...[]float64) []float64 {
	var out []float64
	for _, i := range a.at {
		out = append(out, x[i]...)
	}
	return out
}

// Eval returns the switching variables and the outputs at x, by forward
// substitution.
func (m *AbsMatrices) Eval(x []float64) (z, y []float64) {
	z = make([]float64, len(m.C))
	abs := make([]float64, len(m.C))
	for i := range z {
		z[i] = m.C[i] + dot(m.Z.RawRowView(i), x) + dot(m.L.RawRowView(i)[:i], abs)
		abs[i] = math.Abs(z[i])
	}
	y = make([]float64, len(m.B))
	for i := range y {
		y[i] = m.B[i] + dot(m.J.RawRowView(i), x) + dot(m.Y.RawRowView(i), abs)
	}
	return z, y
}

// Piece returns the Jacobian J + Y Σ (I − L Σ)⁻¹ Z of the piece on which the
// switching variables have the given signs, Σ = diag σ; other numbers stand for
// choices at kinks, within [−1, 1] for elements of the conservative field. That
// the signs occur together is not checked. The error says that the number of
// signs is wrong.
func (m *AbsMatrices) Piece(sigma []float64) (*mat.Dense, error) {
	s, n := m.Z.Dims()
	if len(sigma) != s {
		return nil, fmt.Errorf("ad: %d signs given; the form has %d switching variables", len(sigma), s)
	}
	rows := mat.DenseCopyOf(m.Z) // of Σ z, by forward substitution
	for i := range s {
		row := rows.RawRowView(i)
		for j, l := range m.L.RawRowView(i)[:i] {
			for k, v := range rows.RawRowView(j) {
				row[k] += float64(l * v)
			}
		}
		for k := range n {
			row[k] *= sigma[i]
		}
	}
	var out mat.Dense
	out.Mul(m.Y, rows)
	out.Add(&out, m.J)
	return &out, nil
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += float64(v * y[i])
	}
	return s
}
