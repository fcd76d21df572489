package subgradient

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// knownRow is a program with a known Clarke subdifferential, a polytope.
type knownRow struct {
	place
	id       string
	vertices [][]*big.Rat
}

// knownPiecewiseAffine returns the known rows of piecewise affine programs of at
// most two scalar inputs.
func knownPiecewiseAffine() ([]knownRow, error) {
	rows, err := known.Functions()
	if err != nil {
		return nil, err
	}
	var out []knownRow
	for _, row := range rows {
		if row.Expression == "" || len(row.At) > 2 || row.Clarke == nil || row.Clarke.Vertices == nil {
			continue
		}
		r := knownRow{id: row.ID}
		if r.place, err = placeOf(row); err != nil {
			return nil, fmt.Errorf("row %s: %w", row.ID, err)
		}
		if c := r.f.Class(); !c.Kind.Within(expr.PiecewiseAffine) || !c.Certified() {
			continue
		}
		for _, v := range row.Clarke.Vertices {
			x, err := ratsOf(v)
			if err != nil {
				return nil, err
			}
			r.vertices = append(r.vertices, x)
		}
		out = append(out, r)
	}
	return out, nil
}

// placeOf reads program and point of a row.
func placeOf(row known.Function) (place, error) {
	f, err := parse.Parse(row.Expression)
	if err != nil {
		return place{}, err
	}
	values := make([]string, len(f.In()))
	for i, n := range f.In() {
		in, _ := n.Input()
		values[i] = row.At[in.Name]
	}
	return at(row.Expression, values...)
}

// ratsOf reads numbers such as "-9/4".
func ratsOf(texts []string) ([]*big.Rat, error) {
	out := make([]*big.Rat, len(texts))
	for i, text := range texts {
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			return nil, fmt.Errorf("%q is not a rational number", text)
		}
		out[i] = r
	}
	return out, nil
}

// knownSum is the checksum of the known answers.
func knownSum() (string, error) {
	text, err := known.Files.ReadFile("functions.json")
	if err != nil {
		return "", err
	}
	return claim.Sum(text), nil
}
