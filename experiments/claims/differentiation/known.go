package differentiation

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
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
func verticesOf(s *known.Set) ([]clarke.Vector, error) {
	if s == nil {
		return nil, nil
	}
	out := make([]clarke.Vector, len(s.Vertices))
	for i, texts := range s.Vertices {
		v := make([]*big.Rat, len(texts))
		for k, text := range texts {
			var ok bool
			if v[k], ok = new(big.Rat).SetString(text); !ok {
				return nil, fmt.Errorf("known answers: %q is not a rational number", text)
			}
		}
		out[i] = clarke.Rational(v)
	}
	return out, nil
}

// inHull reports whether v is in the hull of rational points: exactly if it is
// rational, else up to rounding. What is not a number is in no set.
func inHull(points []clarke.Vector, v clarke.Vector) (bool, error) {
	if slices.ContainsFunc(v.Float, math.IsNaN) {
		return false, nil
	}
	if v.Exact != nil {
		return clarke.HullContains(points, v)
	}
	rounded := make([]clarke.Vector, len(points))
	for i, p := range points {
		rounded[i] = clarke.Floats(p.Float)
	}
	return clarke.HullContains(rounded, v)
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
