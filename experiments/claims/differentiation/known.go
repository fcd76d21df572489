package differentiation

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// pointOf returns where a row looks; all inputs are scalars.
func pointOf(row known.Function) (explain.Point, error) {
	var parts []string
	for name, value := range row.At {
		parts = append(parts, name+"="+value)
	}
	return explain.ParsePoint(strings.Join(parts, ","))
}

// verticesOf returns the vertices of a set as rationals; none if they are not
// known.
func verticesOf(s *known.Set) ([][]*big.Rat, error) {
	if s == nil {
		return nil, nil
	}
	out := make([][]*big.Rat, len(s.Vertices))
	for i, v := range s.Vertices {
		for _, text := range v {
			x, ok := new(big.Rat).SetString(text)
			if !ok {
				return nil, fmt.Errorf("known answers: %q is not a rational number", text)
			}
			out[i] = append(out[i], x)
		}
	}
	return out, nil
}

// knownInputs makes the known answers part of a claim's key.
func knownInputs(claim.Values) (claim.Inputs, error) {
	in := claim.Inputs{Data: map[string]string{}}
	for _, name := range []string{"functions.json", "verdicts.txt"} {
		text, err := known.Files.ReadFile(name)
		if err != nil {
			return in, err
		}
		in.Data["known/"+name] = claim.Sum(text)
	}
	return in, nil
}
