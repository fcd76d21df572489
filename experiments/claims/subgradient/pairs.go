package subgradient

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// pair is two functions of as many variables, which appear in one order. strict says whether the sum rule is
// strict for them: 1 for yes, 0 for no, −1 if that is not known beforehand.
type pair struct {
	f, g   string
	inputs int
	strict int
}

// onLine are multiples a|x| and b|x|: the rule is strict if and only if ab < 0.
func onLine(rng *rand.Rand) pair {
	a, b := 1+rng.IntN(9), 1+rng.IntN(9)
	signs := [2]int{1 - 2*rng.IntN(2), 1 - 2*rng.IntN(2)}
	p := pair{f: fmt.Sprintf("%d*abs(x)", signs[0]*a), g: fmt.Sprintf("%d*abs(x)", signs[1]*b), inputs: 1}
	if signs[0]*signs[1] < 0 {
		p.strict = 1
	}
	return p
}

// convexPair has convex functions of the plane: the rule is an equality.
func convexPair(rng *rand.Rand) pair {
	return pair{f: randomSum(rng, true), g: randomSum(rng, true), inputs: 2}
}

// signedPair has functions of the plane that need not be convex.
func signedPair(rng *rand.Rand) pair {
	return pair{f: randomSum(rng, false), g: randomSum(rng, false), inputs: 2, strict: -1}
}

// pairChecks counts violations of the inclusion, and pairs for which strictness is
// not as predicted; shares are those of pairs for which the rule is strict.
func pairChecks(ctx context.Context, c *claim.Context) (checks []claim.Check, shares jsonnum.Object, err error) {
	shares = jsonnum.Object{}
	outside := 0
	for _, kind := range []struct {
		name string
		draw func(*rand.Rand) pair
	}{{"line", onLine}, {"convex", convexPair}, {"signed", signedPair}} {
		included, strict := make([]bool, c.Int("pairs")), make([]bool, c.Int("pairs"))
		drawn := make([]pair, c.Int("pairs"))
		err := c.Each(ctx, len(drawn), func(ctx context.Context, i int) error {
			drawn[i] = kind.draw(c.Rand(claim.At("kind", kind.name), claim.At("pair", i)))
			var err error
			included[i], strict[i], err = sumRuleOf(ctx, drawn[i])
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		count, wrong := 0, 0
		for i, p := range drawn {
			if !included[i] {
				outside++
			}
			if strict[i] {
				count++
			}
			if p.strict >= 0 && strict[i] != (p.strict == 1) {
				wrong++
			}
		}
		shares[kind.name] = float64(count) / float64(len(drawn))
		if kind.name != "signed" {
			checks = append(checks, claim.Check{
				Label: "strictness-" + kind.name, Sentence: "The rule is strict where it is predicted to be, and an equality elsewhere.",
				Predicted: claim.Exact(0), Measured: claim.Measured(float64(wrong)),
			})
		}
	}
	return append(checks, claim.Check{
		Label: "inclusion", Sentence: "∂(f + g) ⊂ ∂f + ∂g for all pairs.",
		Predicted: claim.Exact(0), Measured: claim.Measured(float64(outside)),
	}), shares, nil
}

// sumRuleOf decides in rationals at 0 whether ∂(f + g) ⊂ ∂f + ∂g, and whether the
// right side is larger.
func sumRuleOf(ctx context.Context, p pair) (included, strict bool, err error) {
	sets := make([][]clarke.Vector, 3)
	for i, text := range []string{p.f, p.g, "(" + p.f + ") + (" + p.g + ")"} {
		q, err := at(text, []string{"0", "0"}[:p.inputs]...)
		if err != nil {
			return false, false, err
		}
		s, err := q.clarke(ctx)
		if err != nil {
			return false, false, err
		}
		sets[i] = s.Vertices
	}
	sums := pairwise(sets[0], sets[1])
	if included, err = allIn(sums, sets[2]); err != nil {
		return false, false, err
	}
	equal, err := allIn(sets[2], sums)
	return included, !equal, err
}

// pairwise are the sums of all pairs, whose hull is the sum of the hulls.
func pairwise(a, b []clarke.Vector) []clarke.Vector {
	var out []clarke.Vector
	for _, v := range a {
		for _, w := range b {
			out = append(out, clarke.Rational(moved(v.Exact, one, w.Exact)))
		}
	}
	return out
}

// allIn reports whether all vectors are in the hull of points.
func allIn(points, vectors []clarke.Vector) (bool, error) {
	for _, v := range vectors {
		if in, err := clarke.HullContains(points, v); err != nil || !in {
			return false, err
		}
	}
	return true, nil
}
