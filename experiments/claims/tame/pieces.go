package tame

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// onLine is a piecewise affine program of one scalar input on an interval.
type onLine struct {
	text     string
	from, to *big.Rat
}

// tent is the tent map composed so many times, on [0, 1].
func tent(times int) onLine {
	var text strings.Builder
	of := "x"
	for i := range times {
		fmt.Fprintf(&text, "let t%d = 2*relu(%s) - 4*relu(%s - 1/2); ", i, of, of)
		of = fmt.Sprintf("t%d", i)
	}
	return onLine{text.String() + of, new(big.Rat), big.NewRat(1, 1)}
}

// weight is a random number other than 0, of so many digits that ratios of two of
// them coincide with a probability below 10⁻⁸.
func weight(rng *rand.Rand) int64 {
	return (1 + rng.Int64N(1e9)) * (1 - 2*rng.Int64N(2))
}

// shallow has one hidden layer of random neurons, and an interval with all of
// their kinks.
func shallow(rng *rand.Rand, neurons int) onLine {
	terms := make([]string, neurons)
	end := big.NewRat(1, 1)
	for i := range terms {
		w, b := weight(rng), weight(rng)
		terms[i] = fmt.Sprintf("(%d)*relu((%d)*x + (%d))", weight(rng), w, b)
		kink := big.NewRat(b, w)
		end.Add(end, kink.Abs(kink))
	}
	return onLine{strings.Join(terms, " + "), new(big.Rat).Neg(end), end}
}

// deep has so many hidden layers of random neurons.
func deep(rng *rand.Rand, layers int) onLine {
	var text strings.Builder
	before := []string{"x"}
	for l := range layers {
		var after []string
		for i := range width {
			name := fmt.Sprintf("h%d_%d", l, i)
			sum := fmt.Sprintf("(%d/2000000000)", weight(rng))
			for _, of := range before {
				sum += fmt.Sprintf(" + (%d/1000000000)*%s", weight(rng), of)
			}
			fmt.Fprintf(&text, "let %s = relu(%s); ", name, sum)
			after = append(after, name)
		}
		before = after
	}
	return onLine{text.String() + strings.Join(before, " - "), big.NewRat(-8, 1), big.NewRat(8, 1)}
}

// piecesOf counts the affine pieces of a program on its interval, exactly.
//
// The abs-normal form of a piecewise affine program is the program itself: with
// switching variables z, z = c + Zx + L|z| and y = b + Jx + Y|z|. From a point the
// signs of z, and where z is 0 those of its slope, give the slopes of all z and of
// y; the next point where something may change is the nearest zero of a z. Zeros at
// which the slope of y stays are no ends of a piece.
func piecesOf(ctx context.Context, program onLine) (int, error) {
	w, err := newWalker(program.text)
	if err != nil {
		return 0, err
	}
	pieces := 1
	last, next := w.look(program.from)
	for next != nil && next.Cmp(program.to) < 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		var slope *big.Rat
		if slope, next = w.look(next); slope.Cmp(last) != 0 {
			pieces++
			last = slope
		}
	}
	return pieces, nil
}

// walker is the abs-normal form of a program of one scalar input, flat.
type walker struct{ c, z, l, j, y []*big.Rat }

func newWalker(text string) (*walker, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	form, err := ad.AbsNormal(f)
	if err != nil {
		return nil, err
	}
	program, err := exact.Compile(form.Func)
	if err != nil {
		return nil, err
	}
	out, err := program.Run([]*big.Rat{new(big.Rat)}) // at 0, though it is the same anywhere
	if err != nil {
		return nil, err
	}
	return &walker{c: out[0], z: out[1], l: out[2], j: out[4], y: out[5]}, nil
}

// look returns the slope of y to the right of x, and the first point beyond x where
// a switching variable is 0, nil if there is none.
func (w *walker) look(x *big.Rat) (slope, next *big.Rat) {
	s := len(w.c)
	size, bend := make([]*big.Rat, s), make([]*big.Rat, s) // |z| and its slope
	for i := range s {
		z := new(big.Rat).Mul(w.z[i], x)
		z.Add(z, w.c[i])
		dz := new(big.Rat).Set(w.z[i])
		for k := range i {
			if l := w.l[i*s+k]; l.Sign() != 0 {
				z.Add(z, new(big.Rat).Mul(l, size[k]))
				dz.Add(dz, new(big.Rat).Mul(l, bend[k]))
			}
		}
		if z.Sign()*dz.Sign() < 0 {
			zero := new(big.Rat).Quo(z, dz)
			zero.Sub(x, zero)
			if next == nil || zero.Cmp(next) < 0 {
				next = zero
			}
		}
		size[i], bend[i] = new(big.Rat).Abs(z), dz
		if z.Sign() < 0 || z.Sign() == 0 && dz.Sign() < 0 {
			bend[i] = new(big.Rat).Neg(dz)
		}
	}
	slope = new(big.Rat).Set(w.j[0])
	for k := range s {
		slope.Add(slope, new(big.Rat).Mul(w.y[k], bend[k]))
	}
	return slope, next
}

// coneChecks counts the cells of one layer without biases at 0.
func coneChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	var checks []claim.Check
	for _, size := range [][2]int{{3, 2}, {7, 2}, {6, 3}, {5, 4}} {
		n, d := size[0], size[1]
		rng := c.Rand(claim.At("cones", n), claim.At("dimension", d))
		terms := make([]string, n)
		for i := range terms {
			var sum []string
			for k := range d {
				sum = append(sum, fmt.Sprintf("(%d)*x%d", weight(rng), k))
			}
			terms[i] = "relu(" + strings.Join(sum, " + ") + ")"
		}
		f, err := parse.Parse(strings.Join(terms, " + "))
		if err != nil {
			return nil, err
		}
		zero := make([][]*big.Rat, d)
		for k := range zero {
			zero[k] = []*big.Rat{new(big.Rat)}
		}
		s, err := clarke.At(ctx, f, clarke.RationalPoint(zero...), clarke.Options{})
		if err != nil {
			return nil, err
		}
		if !s.Complete {
			return nil, fmt.Errorf("the cells of %d neurons in %d dimensions were not all seen: %s", n, d, s.Why)
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("cones-%d-%d", n, d), At: map[string]any{"n": n, "d": d},
			Predicted: claim.Exact(cover(n, d)), Measured: claim.Measured(float64(s.Cells)),
		})
	}
	return checks, nil
}

// cover is Cover's number 2·∑_{k<d} (n − 1 choose k).
func cover(n, d int) float64 {
	sum := int64(0)
	for k := range d {
		sum += new(big.Int).Binomial(int64(n-1), int64(k)).Int64()
	}
	return float64(2 * sum)
}
