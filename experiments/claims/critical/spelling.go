package critical

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// spellings checks what backpropagation returns at 0 for programs of one
// function, and that the walk leaves 0 for other choices of relu′(0).
func spellings(ctx context.Context, _ *claim.Context, text string) ([]claim.Check, error) {
	var checks []claim.Check
	for _, s := range []struct {
		label, text, sentence string
		want                  float64
	}{
		{"relu", "relu(x)", "With relu′(0) = 0, relu itself has derivative 0 at 0.", 0},
		{"relu2", "relu(-x) + x", "With relu′(0) = 0, relu₂(x) = relu(−x) + x, which is relu, has derivative 1 at 0.", 1},
		{"relu3", "(relu(x) + relu(-x) + x)/2", "With relu′(0) = 0, relu₃ = (relu + relu₂)/2, which is relu, has derivative ½ at 0.", 0.5},
		{"zero-function", "relu(-x) + x - relu(x)", "With relu′(0) = 0, relu₂ − relu, which is the function 0, has derivative 1 at 0.", 1},
	} {
		v, err := derivativeAt(s.text, new(big.Rat), ad.AtKink(0))
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{Label: s.label, Sentence: s.sentence, Predicted: claim.Exact(s.want), Measured: claim.Measured(v)})
	}
	left := 0
	others := []float64{0.25, 0.5, 0.75, 1}
	for _, s := range others {
		w, err := newWalk(text, s)
		if err != nil {
			return nil, err
		}
		p, err := w.follow(ctx, big.NewRat(3, 1), big.NewRat(1, 1))
		if err != nil {
			return nil, err
		}
		if !p.stuck {
			left++
		}
	}
	return append(checks, claim.Check{
		Label: "other-choices", Sentence: "With relu′(0) = s > 0 the recursion leaves 0, by the step 2sα.",
		Predicted: claim.Exact(1), Measured: claim.Measured(float64(left) / float64(len(others))),
	}), nil
}

// derivativeAt is what backpropagation through a program of one scalar returns,
// computed in rationals.
func derivativeAt(text string, x *big.Rat, w ad.Wiring) (float64, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return 0, err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return 0, err
	}
	if g, err = ad.Wire(g, w); err != nil {
		return 0, err
	}
	p, err := exact.Compile(g)
	if err != nil {
		return 0, err
	}
	out, err := p.Run([]*big.Rat{x})
	if err != nil {
		return 0, err
	}
	v, _ := out[1][0].Float64()
	return v, nil
}
