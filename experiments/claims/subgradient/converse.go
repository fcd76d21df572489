package subgradient

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// criticalPoint has 0 in ∂f, but f decreases along a direction with a known
// slope, the derivative f′(x; direction).
type criticalPoint struct {
	name, title, text string
	values, direction []string
	slope             float64
}

var onlyCritical = []criticalPoint{
	{"local-maximum", "", "abs(abs(x) - 1)", []string{"0"}, []string{"1"}, -1},
	{"saddle", "", "abs(x) - abs(y)", []string{"0", "0"}, []string{"0", "1"}, -1},
	{"khan-barton", "Khan and Barton", "max(min(x, -y), y - x)", []string{"0", "0"}, []string{"-1", "-2"}, -1},
	{"ncr2", "NCR₂", "abs(x - 1)/4 + abs(y - 2*abs(x) + 1)", []string{"0", "-1"}, []string{"1", "2"}, -1.0 / 4},
}

// converseChecks proves that the points are critical and no minima.
func converseChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	t := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), uint(c.Int("halvings"))))
	proved := 0
	var checks []claim.Check
	fig := figure.Figure{
		Title:   "Critical points with a way down",
		Caption: "Values of f along a direction from a point with 0 ∈ ∂f(x), in rationals, with the line of the directional derivative. All of them fall: the points are no local minima.",
		X:       figure.Axis{Label: "step t along the direction", Unit: "1"}, Y: figure.Axis{Label: "f(x + t·d) − f(x)", Unit: "1"},
	}
	for i, e := range onlyCritical {
		p, err := at(e.text, e.values...)
		if err != nil {
			return nil, err
		}
		s, err := p.clarke(ctx)
		if err != nil {
			return nil, err
		}
		d, err := ratsOf(e.direction)
		if err != nil {
			return nil, err
		}
		slope, err := p.slope(t, d)
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{Label: "slope-" + e.name, At: map[string]any{"program": e.text}, Predicted: claim.Exact(e.slope), Measured: claim.Measured(float(slope))})
		down, err := critical(p, s, t)
		if err != nil {
			return nil, err
		}
		if down {
			proved++
		}
		if e.title != "" { // the other lines coincide with the first of these
			series, err := p.along(d, e.title, i)
			if err != nil {
				return nil, err
			}
			fig.Series = append(fig.Series, series, tangent(series, e.slope))
		}
	}
	checks = append(checks, claim.Check{Label: "critical-no-minimum", Predicted: claim.Exact(float64(len(onlyCritical))), Measured: claim.Measured(float64(proved))})
	return checks, c.Figure("descent", fig)
}

// critical reports whether 0 is in the set and f, of which it is the set, decreases
// along the direction of descent that comes with it.
func critical(p place, s *clarke.Subdifferential, t *big.Rat) (bool, error) {
	if s.ContainsZero != clarke.Yes || s.Minimality != clarke.NotLocalMinimum || s.Descent.Exact == nil {
		return false, nil
	}
	slope, err := p.slope(t, s.Descent.Exact)
	return err == nil && slope.Sign() < 0, err
}

// slope is (f(x + t·d) − f(x))/t.
func (p place) slope(t *big.Rat, d []*big.Rat) (*big.Rat, error) {
	here, err := p.value(p.x)
	if err != nil {
		return nil, err
	}
	there, err := p.value(moved(p.x, t, d))
	if err != nil {
		return nil, err
	}
	change := new(big.Rat).Sub(there, here)
	return change.Quo(change, t), nil
}

// along follows f from x in direction d.
func (p place) along(d []*big.Rat, name string, color int) (figure.Series, error) {
	s := figure.Series{Name: name, Style: figure.Measured, Color: color}
	for i := int64(0); i <= 16; i++ {
		t := big.NewRat(i, 64)
		y := new(big.Rat)
		if i > 0 {
			slope, err := p.slope(t, d)
			if err != nil {
				return s, fmt.Errorf("%s: %w", name, err)
			}
			y.Mul(slope, t)
		}
		s.X, s.Y = append(s.X, float(t)), append(s.Y, float(y))
	}
	return s, nil
}

// tangent is the line of a slope over the points of a series.
func tangent(s figure.Series, slope float64) figure.Series {
	line := figure.Series{Name: "slope " + strings.ReplaceAll(fmt.Sprint(slope), "-", "−"), Style: figure.Predicted, X: s.X, Color: s.Color}
	for _, t := range s.X {
		line.Y = append(line.Y, float64(slope*t))
	}
	return line
}
