package critical

import (
	"context"
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// auditor asks of one program whether what backpropagation returns is in ∂f.
type auditor struct {
	f         *expr.Func
	sets      *clarke.Analyzer
	gradients []*exact.Program
}

// conventions are the frameworks and a few other constants.
func conventions() []ad.Wiring {
	out := []ad.Wiring{ad.AtSlot(0), ad.AtSlot(0.25), ad.AtSlot(0.5), ad.AtSlot(1)}
	for _, p := range ad.Presets() {
		out = append(out, p.Wiring())
	}
	return out
}

func newAuditor(f *expr.Func) (*auditor, error) { return newAuditorFor(f, conventions()) }

func newAuditorFor(f *expr.Func, wirings []ad.Wiring) (*auditor, error) {
	sets, err := clarke.NewAnalyzer(f, clarke.Options{})
	if err != nil {
		return nil, err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	a := &auditor{f: f, sets: sets}
	for _, w := range wirings {
		wired, err := ad.Wire(g, w)
		if absent := (*ad.NoRuleError)(nil); errors.As(err, &absent) {
			continue // the framework does not have the op
		}
		if err != nil {
			return nil, err
		}
		p, err := exact.Compile(wired)
		if err != nil {
			return nil, err
		}
		a.gradients = append(a.gradients, p)
	}
	return a, nil
}

// at returns the set, and how many conventions return what is proved to be an
// element of it.
func (a *auditor) at(ctx context.Context, x [][]*big.Rat) (set *clarke.Subdifferential, inside int, err error) {
	if set, err = a.sets.At(ctx, clarke.RationalPoint(x...)); err != nil {
		return nil, 0, err
	}
	if ctx.Err() != nil { // the set is then an inner bound
		return nil, 0, ctx.Err()
	}
	if !set.Exact {
		return set, 0, nil
	}
	for _, p := range a.gradients {
		out, err := p.Run(x...)
		if err != nil {
			return nil, 0, err
		}
		in, err := clarke.HullContains(set.Vertices, clarke.Rational(slices.Concat(out[1:]...)))
		if err != nil {
			return nil, 0, err
		}
		if in {
			inside++
		}
	}
	return set, inside, nil
}
