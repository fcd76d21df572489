package differentiation

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// rules are the constructions of one subgradient of a program of scalar inputs
// at a rational point.
type rules struct {
	// element returns a vector and the direction that it belongs to.
	element       func(f *expr.Func, at clarke.Point, rng *rand.Rand) (v, d clarke.Vector, err error)
	lexicographic func(f *expr.Func) (*expr.Func, error)
}

// elementRules are those of the toolkit.
var elementRules = rules{
	element: func(f *expr.Func, at clarke.Point, rng *rand.Rand) (v, d clarke.Vector, err error) {
		e, err := clarke.NewElement(f)
		if err != nil {
			return v, d, err
		}
		return e.At(at, rng)
	},
	lexicographic: ad.Lexicographic,
}

// subject is a program at a point. Its ∂f is known, or else computed.
type subject struct {
	name   string
	f      *expr.Func
	at     []*big.Rat // the scalar inputs
	clarke []clarke.Vector
}

// atZero is a random program at the origin, where all its kinks are.
func atZero(f *expr.Func) subject {
	s := subject{name: expr.Format(f), f: f}
	for range f.In() {
		s.at = append(s.at, new(big.Rat))
	}
	return s
}

// knownCases are the rows of the known answers that are rational, with ∂f.
func knownCases() ([]subject, error) {
	rows, err := predictedRows(48)
	if err != nil {
		return nil, err
	}
	var out []subject
	for _, r := range rows {
		f, err := parse.Parse(r.known.Expression)
		if err != nil {
			return nil, err
		}
		g, err := ad.Lexicographic(f)
		if err != nil {
			return nil, err
		}
		if _, err := exact.Compile(g); err != nil {
			continue // transcendental
		}
		s := subject{name: r.known.ID, f: f}
		if s.clarke, err = verticesOf(r.known.Clarke); err != nil {
			return nil, err
		}
		for _, in := range f.In() {
			input, _ := in.Input()
			x, ok := new(big.Rat).SetString(r.known.At[input.Name])
			if !ok {
				return nil, fmt.Errorf("row %s: %q is not a rational number", r.known.ID, r.known.At[input.Name])
			}
			s.at = append(s.at, x)
		}
		out = append(out, s)
	}
	return out, nil
}

// extremeElements are the prices of programs that attain the bounds, the second
// in the limit of many squares.
func extremeElements(times int) ([]claim.Check, error) {
	n := float64(times)
	relus, err := iterate(times, expr.ReLU)
	if err != nil {
		return nil, err
	}
	squares, err := iterate(times, square)
	if err != nil {
		return nil, err
	}
	gated, err := squares.Graph().Func(expr.In(squares.In()...), expr.Out(expr.ReLU(squares.Out()[0])))
	if err != nil {
		return nil, err
	}
	var checks []claim.Check
	for _, of := range []struct {
		label, sentence string
		f               *expr.Func
		predicted       float64
	}{
		{"iterated-relu", "Value and one limiting gradient of n iterated relu cost 4 − 1/n times the value.", relus, (float64(4*n) - 1) / n},
		{"relu-of-squares", "Those of relu after n iterated squares cost (7n + 3)/(n + 1) times the value.", gated, (float64(7*n) + 3) / (n + 1)},
	} {
		w, err := ratioOf(of.f, ad.ElementAlong)
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{Label: of.label, Number: 3, Sentence: of.sentence, Predicted: claim.Exact(of.predicted), Measured: claim.Measured(w.ratio)})
	}
	return checks, nil
}

// located says which constructions gave an element of ∂f.
type located struct {
	inputs                           int
	element, lexicographic, backprop bool
	slope                            bool // ⟨v, d⟩ is the slope along d
	compass                          bool
}

func (s subject) locate(ctx context.Context, r rules, rng *rand.Rand) (located, error) {
	at := clarke.RationalPoint(singles(s.at)...)
	if s.clarke == nil {
		set, err := clarke.At(ctx, s.f, at, clarke.Options{})
		if err != nil {
			return located{}, err
		}
		if !set.Exact {
			return located{}, fmt.Errorf("the subdifferential is not known: %s", set.Why)
		}
		s.clarke = set.Vertices
	}
	out := located{inputs: len(s.at)}
	v, d, err := r.element(s.f, at, rng)
	if err != nil {
		return out, err
	}
	if out.element, err = clarke.HullContains(s.clarke, v); err != nil {
		return out, err
	}
	if out.slope, err = s.hasSlope(v, d); err != nil {
		return out, err
	}
	if out.lexicographic, err = s.contains(r.lexicographic); err != nil {
		return out, err
	}
	if out.backprop, err = s.contains(func(f *expr.Func) (*expr.Func, error) {
		g, err := ad.Gradient(f)
		if err != nil {
			return nil, err
		}
		return ad.Wire(g, ad.AtKink(0))
	}); err != nil {
		return out, err
	}
	compass, err := s.compass()
	if err != nil {
		return out, err
	}
	out.compass, err = clarke.HullContains(s.clarke, compass)
	return out, err
}

// contains runs a program of value and gradient and looks whether the gradient
// is in ∂f.
func (s subject) contains(derive derivation) (bool, error) {
	g, err := derive(s.f)
	if err != nil {
		return false, err
	}
	out, err := runExact(g, s.at)
	if err != nil {
		return false, err
	}
	v := make([]*big.Rat, len(s.at))
	for i := range v {
		v[i] = out[1+i][0]
	}
	return clarke.HullContains(s.clarke, clarke.Rational(v))
}

func runExact(f *expr.Func, in []*big.Rat) ([][]*big.Rat, error) {
	p, err := exact.Compile(f)
	if err != nil {
		return nil, err
	}
	return p.Run(singles(in)...)
}

// hasSlope compares ⟨v, d⟩ with (f(x + td) − f(x))/t for a tiny t, which is the
// slope itself for programs that are piecewise affine.
func (s subject) hasSlope(v, d clarke.Vector) (bool, error) {
	t := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 200))
	moved, slope := make([]*big.Rat, len(s.at)), new(big.Rat)
	for i, x := range s.at {
		moved[i] = new(big.Rat).Mul(t, d.Exact[i])
		moved[i].Add(moved[i], x)
		slope.Add(slope, new(big.Rat).Mul(v.Exact[i], d.Exact[i]))
	}
	here, err := runExact(s.f, s.at)
	if err != nil {
		return false, err
	}
	there, err := runExact(s.f, moved)
	if err != nil {
		return false, err
	}
	rise := new(big.Rat).Sub(there[0][0], here[0][0])
	return rise.Quo(rise, t).Cmp(slope) == 0, nil
}
