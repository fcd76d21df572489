package critical

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// digitsCritical asks of points that gradient descent on real data approaches for
// which set they are critical.
func digitsCritical() claim.Claim {
	return claim.Claim{
		Numbers:  []int{27},
		Name:     "digits-critical",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence: "On images of digits, gradient descent on a relu network from a random start approaches Clarke critical points, where the conservative field has nothing more; from first-layer weights 0 without biases it converges to a point that is critical for the conservative field and, proved in rationals, not for Clarke's subdifferential.",
		Source:   "Bolte and Pauwels, NeurIPS 2020, arXiv 2006.02080; Davis, Drusvyatskiy, Kakade, Lee, FoCM 20 (2020); Lee, Park, Aiken, ICML 2023",
		Mathematics: `Images of the digits 0 and 1 are reduced to two centred numbers ` + "`x_i ∈ ℚ²`" + ` each, with labels ` + "`y_i = ±1`" + ` of mean 0. The loss is the mean of ` + "`½(⟨v, relu(Wᵀx_i + b)⟩ + c − y_i)²`" + `.

Random start. The iterates meet no kink exactly, so both sets are the point ` + "`{∇f(θ_k)}`" + `, and their distance to 0 falls as the loss converges. A finite run with steps that fall to 0 is an illustration, not a test of the limit.

Start at W = 0 without b, with one unit and v = 1. All n kinks are active, backpropagation with ` + "`relu′(0) = 0`" + ` returns 0 for W and v, and W never moves. Only c does: it converges linearly to the mean of the labels, 0. The limit is ` + "`θ = (W, v, c) = (0, 1, 0)`" + `, where the choice 0 at all kinks gives 0 ∈ D(θ). The residuals are ` + "`−y_i`" + ` and every set of choices s gives for W

	g(s) = −(1/n) ∑ s_iy_ix_i,      s_i ∈ [0, 1],

and 0 for v and c. The conservative field takes all s; Clarke's takes the hull of those that occur in a direction d in the plane, ` + "`s_i = 1`" + ` if ` + "`⟨d, x_i⟩ > 0`" + `, else 0: at most 2n vectors, as d turns once around. The distance from 0 to their hull is predicted by listing them and taking the nearest of all segments between two of them, which is right if 0 is not in the hull. It is not: the labels correlate with x on every half-plane in one common direction, the separating one. The toolkit proves this in rationals, cell by cell.

With a bias the same start is Clarke critical: in the direction in which the bias falls all units turn off, so 0 is itself a limiting gradient. It is a poor point all the same, and no local minimum.

Starts near W = 0 but not at it leave for lower losses: the artificial point attracts only what hits it.`,
		Params: []claim.Param{
			claim.Int("images", 60, "images, half of each digit; even").AtFull(120).Between(10, 200),
			claim.Int("hidden", 8, "units of the network that starts at random").Between(8, 64),
			claim.Int("steps", 2000, "steps of gradient descent").AtFull(20000).Between(1000, 1e6),
			claim.Float("rate", 0.1, "first step size of the random start, falling to 0 along half a cosine").Between(0.05, 0.2),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			set, err := dataset.Digits()
			if err != nil {
				return claim.Inputs{}, err
			}
			return claim.Inputs{Data: map[string]string{"digits": set.SHA256}}, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDigitsCritical(ctx, c, net{hidden: 1})
		},
	}
}

func runDigitsCritical(ctx context.Context, c *claim.Context, stuck net) (claim.Outcome, error) {
	if c.Int("images")%2 != 0 {
		return claim.Outcome{}, fmt.Errorf("images: give an even number such as %d, half for each digit", c.Int("images")+1)
	}
	p, err := newPairs(c.Int("images"))
	if err != nil {
		return claim.Outcome{}, err
	}
	trained, err := trainPairs(ctx, c, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks, err := stuckChecks(ctx, c, stuck, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	err = c.Figure("criticality", trained.figure(sweepDistance(p)))
	return claim.Outcome{
		Checks: append(trained.checks(), checks...),
		Result: jsonnum.Object{"step": trained.step, "loss": trained.loss, "distance_to_clarke": trained.inner, "distance_to_field": trained.outer, "accuracy": trained.accuracy, "artificial_point_distance": sweepDistance(p)},
	}, err
}

// training is a run from a random start with what was seen at some steps.
type training struct {
	step, loss, inner, outer []float64
	accuracy                 float64
	kinks                    int
}

// observations is about how often a run is looked at.
const observations = 20

func trainPairs(ctx context.Context, c *claim.Context, p *pairs) (*training, error) {
	m := net{hidden: c.Int("hidden"), bias: true}
	steps := c.Int("steps")
	t, err := m.trainer(p, sgd.Cosine{Max: c.Float("rate"), Over: steps}, m.start(1, c.Rand(claim.At("stream", "initial"))))
	if err != nil {
		return nil, err
	}
	f, err := m.model(p.n)
	if err != nil {
		return nil, err
	}
	inner, err := clarke.NewAnalyzer(f, clarke.Options{})
	if err != nil {
		return nil, err
	}
	outer, err := conservative.NewAnalyzer(f, conservative.Options{})
	if err != nil {
		return nil, err
	}
	r := &training{}
	observe := func(step int, loss float64) error {
		x := clarke.FloatPoint(m.point(t, p)...)
		set, err := inner.At(ctx, x)
		if err != nil {
			return err
		}
		field, err := outer.At(ctx, x)
		if err != nil {
			return err
		}
		r.step, r.loss = append(r.step, float64(step)), append(r.loss, loss)
		r.inner, r.outer = append(r.inner, set.Distance), append(r.outer, field.Distance)
		return c.Trace(jsonnum.Object{"step": step, "loss": loss, "distance_to_clarke": set.Distance, "distance_to_field": field.Distance})
	}
	if err := observe(0, math.NaN()); err != nil {
		return nil, err
	}
	for s, err := range t.Steps(ctx) {
		if err != nil {
			return nil, err
		}
		r.kinks += s.Kinks
		if done := s.Number + 1; done%max(steps/observations, 1) == 0 || done == steps {
			if err := observe(done, s.Loss); err != nil {
				return nil, err
			}
		}
		if s.Number+1 == steps {
			break
		}
	}
	r.accuracy = m.accuracy(t, p)
	return r, ctx.Err()
}

// start draws w and v normal with the given standard deviation; b and c are 0. As
// images are centred, every unit is then active for some of them; with random biases
// some starts have units that are off for all, and never learn.
func (m net) start(sigma float64, rng *rand.Rand) map[string][]float64 {
	out := map[string][]float64{"w": make([]float64, 2*m.hidden), "v": make([]float64, m.hidden), "c": {0}}
	for _, name := range []string{"w", "v"} {
		random.Normals(out[name], sigma, rng)
	}
	if m.bias {
		out["b"] = make([]float64, m.hidden)
	}
	return out
}

// point lists the inputs of the model at the trainer's parameters.
func (m net) point(t *sgd.Trainer, p *pairs) [][]float64 {
	var out [][]float64
	for _, name := range []string{"w", "b", "v", "c"} {
		for _, q := range t.Params() {
			if q.Name == name {
				out = append(out, slices.Clone(q.Value))
			}
		}
	}
	return append(out, floats(p.x), floats(p.y))
}

// accuracy is the share of images whose output has the sign of the label.
func (m net) accuracy(t *sgd.Trainer, p *pairs) float64 {
	at := m.point(t, p)
	w, v, c, x, y := at[0], at[len(at)-4], at[len(at)-3][0], at[len(at)-2], at[len(at)-1]
	right := 0
	for i := range p.n {
		out := c
		for j, weight := range v {
			z := float64(x[2*i]*w[j]) + float64(x[2*i+1]*w[m.hidden+j])
			if m.bias {
				z += at[1][j]
			}
			out += float64(weight * max(z, 0))
		}
		if out*y[i] > 0 {
			right++
		}
	}
	return float64(right) / float64(p.n)
}

// What a trained network of this size is known to reach on these two digits, and
// what counts as a fall.
const (
	pairAccuracy = 0.95
	distanceFall = 0.2
)

func (r *training) checks() []claim.Check {
	last, apart := len(r.step)-1, 0.0
	for i := range r.inner {
		apart = max(apart, math.Abs(r.inner[i]-r.outer[i]))
	}
	return []claim.Check{
		{Label: "trained-accuracy", Predicted: claim.AtLeast(pairAccuracy), Measured: claim.Measured(r.accuracy), Sentence: "From a random start the network learns to tell the digits apart."},
		{Label: "trained-distance", Predicted: claim.AtMost(distanceFall), Measured: claim.Measured(r.inner[last] / r.inner[0]), Sentence: "The distance from 0 to the Clarke subdifferential falls."},
		{Label: "trained-sets", Predicted: claim.Near(0, 1e-9), Measured: claim.Measured(apart), Sentence: "At all iterates looked at, 0 is as far from the conservative field as from the Clarke subdifferential."},
		{Label: "trained-kinks", Predicted: claim.Exact(0), Measured: claim.Measured(float64(r.kinks)), Sentence: "The run from a random start meets no kink exactly."},
	}
}

func (r *training) figure(artificial float64) figure.Figure {
	flat := make([]float64, len(r.step))
	for i := range flat {
		flat[i] = artificial
	}
	return figure.Figure{
		Title:   "Distance to criticality on images of digits",
		Caption: "Distance from 0 to both sets along a run from a random start, where they agree, and from 0 to the Clarke subdifferential at the point where a run from weights 0 without biases is stuck for ever. There the distance to the conservative field is 0.",
		X:       figure.Axis{Label: "step", Unit: "1"}, Y: figure.Axis{Label: "distance from 0", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "to ∂f, random start", Style: figure.Curve, X: r.step, Y: r.inner, Color: 1},
			{Name: "to D, random start", Style: figure.Measured, X: r.step, Y: r.outer, Color: 2},
			{Name: "to ∂f, stuck at W = 0", Style: figure.Predicted, X: r.step, Y: flat, Color: 3},
		},
	}
}
