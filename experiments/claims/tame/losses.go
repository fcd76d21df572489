package tame

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// tameLosses shows what losses of deep learning are, as functions.
func tameLosses() claim.Claim {
	return claim.Claim{
		Numbers:  []int{21},
		Name:     "tame-losses",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence: "Losses of deep learning are tame: relu networks are piecewise linear with finitely many pieces, their square loss is piecewise polynomial of degree 2L in the parameters of L layers, and every loss built from the usual ops is definable; unrestricted sines and selections by index are refused.",
		Source:   "Davis, Drusvyatskiy, Kakade and Lee, FoCM 20 (2020); Wilkie, J. AMS 9 (1996); Cover, IEEE Trans. EC-14 (1965), 326–334; Telgarsky, COLT 2016; Pauwels, CIMI lecture 2021",
		Mathematics: "A relu network is built from affine maps and max(z, 0), so it is piecewise affine in its input. Pieces are counted exactly. On a line a hidden layer of n neurons has one kink for each, hence n + 1 pieces; with h neurons in each of L layers there are at most `(h + 1)^L`, since every layer adds at most h kinks to each piece. The tent map `2·relu(x) − 4·relu(x − 1/2)` composed L times has exactly `2^L` pieces on [0, 1], each of them once up or down the unit interval. Through 0, in `ℝ^d`, n neurons in general position without biases cut space into\n\n" +
			"\tC(n, d) = 2·∑_{k<d} (n − 1 choose k)\n\n" +
			"cones (Cover), one limiting gradient each.\n\n" +
			"In the parameters θ of L layers each layer multiplies the output of the one before, while relu keeps degrees: the output has degree L on every piece and the square loss 2L. So differences of order 2L + 1 along any line in θ vanish within a piece, those of order 2L do not, and across a kink even those of order 2L + 1 are not 0. In x alone, or in one layer alone, the loss is quadratic on pieces, and differences of order 3 vanish. All of this is checked in rationals, and the degree 2L is also what the static analysis of the program certifies.\n\n" +
			"Piecewise polynomials are semialgebraic. With exp the class grows to the functions definable in `ℝ_exp` (Wilkie), an o-minimal structure: finite unions of points and intervals are all that one can define on the line, so no oscillation. The program's class is found op by op from a dictionary. Only sin, cos and floor have infinitely many pieces or zeros; they are refused unless their argument is bounded, and so are selections by index, which jump. Chain rule and convergence theorems ask for no more than this certificate.",
		Params: []claim.Param{
			claim.Int("depth", 7, "largest number of layers of the networks on a line").AtFull(10).Between(2, 12),
			claim.Int("neurons", 16, "neurons of one hidden layer on a line").AtFull(64).Between(1, 128),
			claim.Ints("layers", []int{1, 2, 3}, "numbers L of layers for degrees").AtFull([]int{1, 2, 3, 4, 5}).Between(1, 6),
			claim.Int("lines", 4, "random lines for each network").AtFull(64).Between(1, 1e4),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, l := range slices.Concat(losses, refusals) {
				in.Programs = append(in.Programs, l.text)
			}
			return in, nil
		},
		Run: runLosses,
	}
}

func runLosses(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	pieces, err := pieceChecks(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	cones, err := coneChecks(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	degrees, err := degreeChecks(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	certificates, table, err := certificateChecks()
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: slices.Concat(pieces, cones, degrees, certificates),
		Result: jsonnum.Object{"classes": table},
	}, nil
}

// width is that of the random networks on a line.
const width = 4

// pieceChecks counts the pieces of networks on a line.
func pieceChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	one, err := piecesOf(ctx, shallow(c.Rand(claim.At("network", "shallow")), c.Int("neurons")))
	if err != nil {
		return nil, err
	}
	var depth, tents, random, tentsPredicted, bound []float64
	tentsOff, share := 0.0, 0.0
	for l := 1; l <= c.Int("depth"); l++ {
		n, err := piecesOf(ctx, tent(l))
		if err != nil {
			return nil, err
		}
		most := 0
		for i := range c.Int("lines") {
			k, err := piecesOf(ctx, deep(c.Rand(claim.At("network", "deep"), claim.At("layers", l), claim.At("line", i)), l))
			if err != nil {
				return nil, err
			}
			most = max(most, k)
		}
		want, limit := float64(int(1)<<l), power(width+1, l)
		tentsOff = max(tentsOff, float64(n)-want, want-float64(n))
		share = max(share, float64(most)/limit)
		depth, tents, random = append(depth, float64(l)), append(tents, float64(n)), append(random, float64(most))
		tentsPredicted, bound = append(tentsPredicted, want), append(bound, limit)
	}
	err = c.Figure("pieces", figure.Figure{
		Title:   "Linear pieces of relu networks on a line",
		Caption: fmt.Sprintf("Pieces counted exactly. Compositions of the tent map double with each layer; random networks of width %d have far fewer pieces than the bound (h + 1)^L allows.", width),
		X:       figure.Axis{Label: "layers L", Unit: "1"}, Y: figure.Axis{Label: "linear pieces", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "tent maps", Style: figure.Measured, X: depth, Y: tents, Color: 1},
			{Name: "2^L", Style: figure.Predicted, X: depth, Y: tentsPredicted, Color: 1},
			{Name: "random, most of some lines", Style: figure.Measured, X: depth, Y: random, Color: 2},
			{Name: "(h + 1)^L", Style: figure.Predicted, X: depth, Y: bound, Color: 2},
		},
	})
	return []claim.Check{
		{Label: "pieces-one-layer", Predicted: claim.Exact(float64(c.Int("neurons") + 1)), Measured: claim.Measured(float64(one))},
		{Label: "pieces-tents", Sentence: "L tent maps have 2^L pieces: the largest difference over L.", Predicted: claim.Exact(0), Measured: claim.Measured(tentsOff)},
		{Label: "pieces-deep", Sentence: "Random networks have at most (h + 1)^L pieces: the largest share of that bound.", Predicted: claim.AtMost(1), Measured: claim.Measured(share)},
	}, err
}

func power(base, exponent int) float64 {
	out := 1.0
	for range exponent {
		out *= float64(base)
	}
	return out
}
