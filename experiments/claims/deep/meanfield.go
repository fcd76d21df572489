package deep

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// meanField looks at wide networks whose units move.
func meanField() claim.Claim {
	return claim.Claim{
		Numbers:  []int{45},
		Name:     "mean-field",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByCoverage, claim.ByBound},
		Sentence: "With outputs scaled by 1/m and steps by m the weights of a network of width m move by O(1), and the trained function has a limit, around which it fluctuates like m^{−1/2} from start to start.",
		Source:   "Mei, Montanari, Nguyen, PNAS 115, 2018, theorem 1; Sirignano, Spiliopoulos, SPA 130, 2020 (central limit theorem); Pauwels, CIMI lecture 2021 (overparametrisation)",
		Mathematics: "The network `f(x) = (1/m) Σ_r a_r max(⟨w_r, x⟩, 0)` is a mean over its units. With the step ηm the move of a unit in a step is `−η a_r Σ_i ρ_i x_i` for w_r, with the residuals ρ, and does not depend on m but through f: the units follow a flow in the field that they make together, and their empirical law tends to the solution of an equation of McKean and Vlasov.\n\n" +
			"At the start the units are independent, and for `‖x‖ = 1` the variance of `a max(⟨w, x⟩, 0)` is E a^2 · 1/2 = 1/2, hence\n\n" +
			"  m Var f(x) = 1/2.\n\n" +
			"After training up to a fixed time the deviation of f(x) from start to start is still of the order `m^{−1/2}`, while the root of the mean square of the moves `‖w_r − w_r^0‖` has a limit: the exponents of m are −1/2 and 0. With the scaling 1/√m of the kernel regime that of moves is −1/2.\n\n" +
			"The logarithm of a deviation over R starts has the deviation `1/√(2R)`, so that the exponent over widths m_i has `1/√(2R Σ_i (log m_i − mean)^2)`.\n\n" +
			"The time t = ηk must be short for the smallest width. For inputs that are nearly orthogonal, which are drawn here, outputs relax at rates that are means over the units of `a^2 1_{⟨w, x⟩>0} + max(⟨w, x⟩, 0)^2`, whose variance is 3: after the time t what is left of the fluctuations varies by a factor with the logarithm `t √(3/m)`, and the law has heavy tails unless that is small. Here it is 0.26 for targets of moderate size, which leave the rates near 1, and its square, 7 %, is a correction of the variance.",
		Params: []claim.Param{
			claim.Ints("widths", []int{64, 256, 1024, 4096}, "widths m").AtFull([]int{64, 256, 1024, 4096, 16384}).Between(8, 1e6),
			claim.Int("runs", 600, "networks for each width").AtFull(3000).Between(100, 1e6),
			claim.Int("starts", 6000, "networks of the smallest width whose outputs at the start are looked at").AtFull(50000).Between(1000, 1e7),
			claim.Int("steps", 8, "steps of training").Between(5, 10000),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runMeanField(ctx, c, network.MeanField(), func(m float64) float64 { return m })
		},
	}
}

// fieldRuns has, by width, the outputs of trained networks at a point and the mean moves.
type fieldRuns struct {
	sizes          []float64
	outputs, moved [][]float64
}

// fieldSlack has room for corrections of 4 % in the deviation at the smallest width over the range
// of logarithms, and for the exponent's own deviation, 0.0093: an interval takes four of them, and
// its centre may be off by four more.
const fieldSlack = 0.1

// runMeanField takes another scaling of outputs and of steps, on purpose in tests.
func runMeanField(ctx context.Context, c *claim.Context, readout network.Scaling, steps func(m float64) float64) (claim.Outcome, error) {
	s, err := conditioned(c, 3, 6)
	if err != nil {
		return claim.Outcome{}, err
	}
	for i, y := range s.y {
		s.y[i] = math.Copysign(target, y)
	}
	f, err := s.field(ctx, c, kind{expr.ReLU, readout, false}, steps)
	if err != nil {
		return claim.Outcome{}, err
	}
	first, err := s.variances(ctx, c, kind{expr.ReLU, readout, false})
	if err != nil {
		return claim.Outcome{}, err
	}
	deviations, below := make([]float64, len(f.sizes)), 0.0
	logs := make([]float64, len(f.sizes))
	for i, m := range f.sizes {
		deviations[i], logs[i] = deviation(f.outputs[i]), kernel.Log(m)
	}
	for _, x := range logs {
		below += float64((x - meanOf(logs)) * (x - meanOf(logs)))
	}
	slope := powerOf(f.sizes, deviations)
	const statistical = 2 // checks
	half := distuv.UnitNormal.Quantile(1-claim.Alpha/statistical/2) / math.Sqrt(float64(2*c.Int("runs"))*below)
	checks := []claim.Check{
		{Label: "start", Sentence: "Twice the width times the variance of the output at the start.", Predicted: claim.Covered(1, 0.25), Measured: claim.Mean(first, claim.Alpha/statistical)},
		{Label: "fluctuations", Sentence: "The exponent of m in the deviation of the trained function from start to start.", Predicted: claim.Near(-0.5, fieldSlack), Measured: claim.MeasuredIn(slope, slope-half, slope+half)},
		{Label: "moves", Sentence: "The exponent of m in the root mean square of the moves of units.", Predicted: claim.Near(0, fieldSlack/2), Measured: slopeOver(f.sizes, f.moved)},
		{Label: "far", Sentence: "How far units move, root mean square at the largest width: not little.", Predicted: claim.AtLeast(0.1), Measured: claim.Measured(meanOf(f.moved[len(f.moved)-1]))},
	}
	points := powerLaw("moves of units", f.sizes, f.moved, 0, 1)
	spread := make([][]float64, len(deviations))
	for i, d := range deviations {
		spread[i] = []float64{d}
	}
	points = append(points, powerLaw("deviation of the function", f.sizes, spread, -0.5, 2)...)
	return claim.Outcome{Checks: checks}, c.Figure("width", figure.Figure{
		Title:  "Networks with outputs scaled by 1/m",
		X:      figure.Axis{Label: "width m", Unit: "1", Log: true},
		Y:      figure.Axis{Label: "after training", Unit: "1", Log: true},
		Series: points,
	})
}

// target is the size of targets: for larger ones the kernel grows while units move, and residuals
// are exponentially small at the end.
const target = 0.75

// fieldRate is η, below the inverse of the kernel's trace.
const fieldRate = 0.15

// chunk is how many networks are trained by one compiled program.
const chunk = 35

// field trains networks for all widths; the function is looked at in the first input.
func (s *sample) field(ctx context.Context, c *claim.Context, k kind, steps func(m float64) float64) (*fieldRuns, error) {
	out, runs := &fieldRuns{}, c.Int("runs")
	widths := c.Ints("widths")
	for _, m := range widths {
		out.sizes = append(out.sizes, float64(m))
		out.outputs, out.moved = append(out.outputs, make([]float64, runs)), append(out.moved, make([]float64, runs))
	}
	chunks := (runs + chunk - 1) / chunk
	err := c.Each(ctx, len(widths)*chunks, func(ctx context.Context, at int) error {
		i, from := at/chunks, at%chunks*chunk
		m := widths[i]
		r, err := s.newRun(m, 1, k)
		if err != nil {
			return err
		}
		for j := from; j < min(from+chunk, runs); j++ {
			if err := r.draw(c.Source(claim.At("stream", "field"), claim.At("width", m), claim.At("run", j))); err != nil {
				return err
			}
			if err := r.train(ctx, fieldRate*steps(float64(m)), c.Int("steps")); err != nil {
				return err
			}
			f, _, err := r.tangent.at(r.o)
			if err != nil {
				return err
			}
			out.outputs[i][j], out.moved[i][j] = f[0], r.moved(0)/math.Sqrt(float64(m))
		}
		return nil
	})
	return out, err
}

// variances are 2m f(x)² at the start, for networks of the smallest width.
func (s *sample) variances(ctx context.Context, c *claim.Context, k kind) ([]float64, error) {
	m := c.Ints("widths")[0]
	out := make([]float64, c.Int("starts"))
	r, err := s.newRun(m, 1, k)
	if err != nil {
		return nil, err
	}
	for j := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.draw(c.Source(claim.At("stream", "start"), claim.At("run", j))); err != nil {
			return nil, err
		}
		f, _, err := r.tangent.at(r.o)
		if err != nil {
			return nil, err
		}
		out[j] = float64(2*m) * float64(f[0]*f[0])
	}
	return out, nil
}

// deviation is the standard deviation of a sample.
func deviation(x []float64) float64 {
	mean, sum := meanOf(x), 0.0
	for _, v := range x {
		sum += float64((v - mean) * (v - mean))
	}
	return math.Sqrt(sum / float64(len(x)-1))
}
