package minimisation

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// site is a point and what is proved about it.
type site struct {
	x          chain
	stationary clarke.Verdict
	minimality clarke.Minimality
	falls      bool // f falls along the direction given
	met        int  // runs that ended near it
}

// census is what is known of f for one n.
type census struct {
	n         int
	patterns  int    // of signs
	looked    int    // those whose ∂f was computed
	undecided int    // of them
	sites     []site // those that are stationary, sorted
	elsewhere int    // runs that ended as stationary near none of them
}

func runRosenbrock(ctx context.Context, c *claim.Context, program func(n int) (*expr.Func, error)) (claim.Outcome, error) {
	var out claim.Outcome
	result := jsonnum.Object{}
	sizes := slices.Compact(slices.Sorted(slices.Values(c.Ints("variables"))))
	for _, n := range sizes {
		f, err := program(n)
		if err != nil {
			return out, err
		}
		s, err := takeCensus(ctx, c, f, n)
		if err != nil {
			return out, err
		}
		if err := s.visit(ctx, c, f); err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, s.checks()...)
		result[fmt.Sprintf("n=%d", n)] = s.object()
		if n == sizes[len(sizes)-1] {
			if err := s.draw(c); err != nil {
				return out, err
			}
		}
	}
	out.Result = result
	return out, nil
}

// takeCensus looks at one point of each pattern. Where Fₙ₋₁ ≠ 0 the last partial derivative is 1 or −1 around the point.
func takeCensus(ctx context.Context, c *claim.Context, f *expr.Func, n int) (*census, error) {
	all := patterns(n)
	points := slices.DeleteFunc(slices.Clone(all), func(x chain) bool { return x.misses()[n-2].Sign() != 0 })
	sites := make([]site, len(points))
	err := c.Each(ctx, len(points), func(ctx context.Context, i int) (err error) {
		sites[i], err = look(ctx, f, points[i])
		return err
	})
	s := &census{n: n, patterns: len(all), looked: len(points)}
	for _, at := range sites {
		switch at.stationary {
		case clarke.Yes:
			s.sites = append(s.sites, at)
		case clarke.Unknown:
			s.undecided++
		}
	}
	slices.SortFunc(s.sites, func(a, b site) int { return slices.CompareFunc(a.x, b.x, (*big.Rat).Cmp) })
	return s, err
}

// look computes ∂f(x) in rationals.
func look(ctx context.Context, f *expr.Func, x chain) (site, error) {
	set, err := clarke.At(ctx, f, clarke.RationalPoint(x), clarke.Options{})
	if err != nil {
		return site{}, err
	}
	at := site{x: x, stationary: set.ContainsZero, minimality: set.Minimality}
	if set.Arithmetic != "rational" {
		at.stationary = clarke.Unknown
	}
	if at.stationary == clarke.Yes && at.minimality == clarke.NotLocalMinimum {
		at.falls = falls(x, set.Descent.Exact)
	}
	return at, nil
}

// falls says whether f(x + d/2ᵏ) < f(x) for some k ≤ 60, by the formula of f.
func falls(x chain, d []*big.Rat) bool {
	t := big.NewRat(1, 1)
	for range 61 {
		y := make(chain, len(x))
		for i := range y {
			y[i] = new(big.Rat).Mul(t, d[i])
			y[i].Add(y[i], x[i])
		}
		if y.value().Cmp(x.value()) < 0 {
			return true
		}
		t.Mul(t, big.NewRat(1, 2))
	}
	return false
}

// visitRadius is within what distance, in each coordinate, a run has met a point. Points are 2¹⁻ⁿ apart and more.
const visitRadius = 1e-3

// visit runs gradient sampling from random starts.
func (s *census) visit(ctx context.Context, c *claim.Context, f *expr.Func) error {
	starts := c.Int("starts")
	ends := make([]*descent.Result, starts)
	err := c.Each(ctx, starts, func(ctx context.Context, i int) error {
		rng := c.Rand(claim.At("variables", s.n), claim.At("start", i))
		start := make([]float64, s.n)
		for j := range start {
			start[j] = float64(4*rng.Float64()) - 2
		}
		oracle, err := descent.NewProgram(f, ad.AtKink(0))
		if err != nil {
			return err
		}
		ends[i], err = descent.GradientSampling{Seed: rng.Uint64()}.Minimize(ctx, oracle, start, descent.Limits{})
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range ends {
		if r.Status != descent.Stationary {
			continue
		}
		k := slices.IndexFunc(s.sites, func(at site) bool { return at.x.near(r.X) })
		if k < 0 {
			s.elsewhere++
			continue
		}
		s.sites[k].met++
	}
	return ctx.Err()
}

func (x chain) near(y []float64) bool {
	for i, v := range x {
		at, _ := v.Float64()
		if !(math.Abs(at-y[i]) <= visitRadius) {
			return false
		}
	}
	return true
}

// count is the number of stationary points with a property.
func (s *census) count(property func(site) bool) claim.Measurement {
	if s.undecided > 0 {
		return claim.Measured(math.NaN())
	}
	n := 0
	for _, at := range s.sites {
		if property(at) {
			n++
		}
	}
	return claim.Measured(float64(n))
}

// predicted is the number of stationary points, (3ⁿ⁻¹ + 1)/2.
func predicted(n int) float64 {
	power := 1.0
	for range n - 1 {
		power *= 3
	}
	return (power + 1) / 2
}

func (s *census) checks() []claim.Check {
	check := func(label, sentence string, number float64, measured claim.Measurement) claim.Check {
		return claim.Check{
			Label: fmt.Sprintf("%s/n=%d", label, s.n), Sentence: sentence, At: map[string]any{"n": s.n},
			Predicted: claim.Exact(number), Measured: measured,
		}
	}
	curve := float64(int(1) << (s.n - 1))
	others := check("off-the-curve", "No other point is stationary.", 0, s.count(func(at site) bool { return !at.x.onCurve() }))
	others.Finding, others.Instead = offCurve, claim.Exact(predicted(s.n)-curve)
	largest := 0
	for _, at := range s.sites {
		largest = max(largest, at.x.dimension())
	}
	list := listed(s.n)
	return []claim.Check{
		check("on-the-curve", "There are 2ⁿ⁻¹ points x with 0 ∈ ∂f(x) on the curve xᵢ₊₁ = 2|xᵢ| − 1.", curve, s.count(func(at site) bool { return at.x.onCurve() })),
		others,
		check("listed", "With these there are (3ⁿ⁻¹ + 1)/2 stationary points, those that the blocks of the derivation list.", predicted(s.n), s.count(func(at site) bool {
			return slices.ContainsFunc(list, func(x chain) bool {
				return slices.EqualFunc(x, at.x, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
			})
		})),
		check("dimension", "Each is the only point with its pattern of signs: the largest dimension of a pattern is 0.", 0, claim.Measured(float64(largest))),
		check("minima", "One of them is a local minimum.", 1, s.count(func(at site) bool { return at.minimality == clarke.LocalMinimum })),
		check("descent", "From all others f falls along a direction, in rationals.", predicted(s.n)-1, s.count(func(at site) bool { return at.falls })),
		check("elsewhere", "No run of gradient sampling ends as stationary farther than 10⁻³ from all of them.", 0, claim.Measured(float64(s.elsewhere))),
	}
}

// object is what the result keeps.
func (s *census) object() jsonnum.Object {
	points := []jsonnum.Object{}
	for _, at := range s.sites {
		value, _ := at.x.value().Float64()
		points = append(points, jsonnum.Object{"x": at.x.String(), "f": value, "on_curve": at.x.onCurve(), "minimality": string(at.minimality), "met": at.met})
	}
	return jsonnum.Object{"patterns": s.patterns, "looked_at": s.looked, "undecided": s.undecided, "points": points, "runs_elsewhere": s.elsewhere}
}
