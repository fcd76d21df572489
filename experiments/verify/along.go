package verify

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
)

// Steps t at which programs are looked at near the point. In rational arithmetic, or
// with kinks decided in rationals, they are so small that nothing but kinks at the
// point matters for numbers of usual lengths, and that derivatives of smooth pieces
// move by much less than rounding; in float64 they are a compromise.
var (
	tinyStep  = new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 100))
	floatStep = big.NewRat(1, 1<<24)
)

// nearby is how far a derivative at a step may be from its limit, in units of the
// derivative: 0 for piecewise affine programs in rationals.
const (
	nearbyTiny  = 0x1p-36
	nearbyFloat = 0x1p-12
)

// step returns the step for a program, and the tolerance that goes with it.
func (r *recheck) step() (t *big.Rat, tol float64) {
	if !isExact(r.p.x) || !r.p.rows.run.Decides() {
		return floatStep, nearbyFloat
	}
	return tinyStep, nearbyTiny
}

// reaches reports whether the derivative along x + td tends to v for t ↓ 0.
func (r *recheck) reaches(path string, v, d Vector) error {
	if isZero(d) {
		return faulty(path+".direction", "it is 0")
	}
	if !isFinite(d) {
		return faulty(path+".direction", "it is not finite")
	}
	t, tol := r.step()
	switch {
	case t == floatStep:
		d = r.scaled(d)
	case d.Exact == nil: // as printed; in float64 so small a step is none
		d = printed([]Vector{d})[0]
	}
	at := r.p.moved(t, d)
	got, ok, err := r.p.tends(at, v, tol, r.affine)
	switch {
	case err == errTooMany:
		return open("%s: %v at x + td", path, err)
	case err != nil:
		return faulty(path, "along its direction: %v", err)
	case !ok && t == floatStep && r.nearTie() && r.isElement(r.p.x, v, rounding):
		return open("%s: a switch is off a tie by what may be rounding, and moves along the direction", path)
	case !ok && t == floatStep && r.isLost(at, d) && r.isElement(at, v, tol):
		return open("%s: the step along the direction rounds to nothing in one coordinate", path)
	case !ok:
		return faulty(path, "there is the derivative %s at x + td, which does not tend to its vertex %s", text(got), text(v))
	}
	return nil
}

// isLost reports whether x + td is x in a coordinate in which d is not 0: then it may
// still be on a tie that the direction leaves.
func (r *recheck) isLost(moved []Vector, d Vector) bool {
	x, y := join(r.p.x), join(moved)
	for i, v := range d.Float {
		if v != 0 && x.Float[i] == y.Float[i] {
			return true
		}
	}
	return false
}

// isElement reports whether some combination of extreme choices at a point gives v, as
// it does for every limit of gradients along a direction that keeps to ties there.
func (r *recheck) isElement(at []Vector, v Vector, tol float64) bool {
	f, err := r.p.enumerate(at)
	return err != nil || slices.ContainsFunc(f.elements, func(e element) bool { return near(e.Vector, v, tol) })
}

// tieRounding is how near to a tie, in the units of the switch, rounding may have moved
// a switch that is at one.
const tieRounding = 0x1p-40

// nearTie reports whether there are more ties within rounding than those that floats
// see: between them and the step derivatives need not be what they are at the point.
func (r *recheck) nearTie() bool {
	within, err := ad.Wire(r.p.back, ad.Within(tieRounding))
	if err != nil {
		return false
	}
	finder, err := ad.NewFinder(within)
	if err != nil {
		return false
	}
	at := slices.Concat(r.p.x, r.p.unit(r.p.f.Out(), 0))
	near, err := finder.At(floatsOf(at)...)
	seen, failed := r.p.rows.kinks(at)
	return err == nil && failed == nil && tied(near) > tied(seen)
}

func floatsOf(point []Vector) (out [][]float64) {
	for _, v := range point {
		out = append(out, v.Float)
	}
	return out
}

// tied counts the entries of all ties.
func tied(kinks []ad.Kink) (n int) {
	for i := range kinks {
		n += kinks[i].Tied()
	}
	return n
}

// length is that of the point, or 1.
func (r *recheck) length() float64 { return max(1, size(join(r.p.x))) }

// scaled makes a direction as long as the point, or of length 1.
func (r *recheck) scaled(d Vector) Vector {
	length := r.length()
	out := Vector{Float: make([]float64, len(d.Float))}
	for i, x := range d.Float {
		out.Float[i] = x / size(d) * length
	}
	return out
}

// lexicographic recomputes the lexicographic derivative, and compares it with the
// derivative at x + te₁ + t²e₂ + ….
func (r *recheck) lexicographic() {
	r.check("lexicographic", func() (string, error) {
		v := r.o.Lexicographic
		if v == nil {
			return r.absent(r.o.Refused != "" || r.o.Note != "", "lexicographic")
		}
		want, err := r.wired(ad.Along(ad.Coordinates(r.p.f)...))
		switch {
		case err != nil:
			return "", err
		case !agree(want, *v, rounding):
			return "", faulty("lexicographic", "it is %s, not %s", text(want), text(*v))
		}
		return r.alongCurve(*v)
	})
}

// longestCurve bounds the coordinates for which a curve is followed: t^n is long.
const longestCurve = 8

func (r *recheck) alongCurve(v Vector) (string, error) {
	if t, _ := r.step(); t == floatStep || r.p.n > longestCurve {
		return "recomputed", nil
	}
	d, power := make([]*big.Rat, r.p.n), big.NewRat(1, 1)
	for i := range d {
		d[i] = new(big.Rat).Set(power)
		power.Mul(power, tinyStep)
	}
	got, ok, err := r.p.tends(r.p.moved(tinyStep, rational(d)), v, nearbyTiny, r.affine)
	switch {
	case err != nil || !ok && !r.affine: // ties of first order may be settled by curvature
		return "recomputed", nil
	case !ok:
		return "", faulty("lexicographic", "the derivative along x + te₁ + t²e₂ + … tends to %s", text(got))
	}
	return "recomputed, and met along x + te₁ + t²e₂ + …", nil
}

// absent is about null where that is right.
func (r *recheck) absent(right bool, path string) (string, error) {
	if !right {
		return "", faulty(path, "it is null although nothing keeps it from being known")
	}
	return "not given", nil
}

// directional recomputes f′(x; d), and compares it with difference quotients.
func (r *recheck) directional() {
	if r.o.Along == nil {
		return
	}
	r.check("directional", func() (string, error) {
		if r.o.Directional == nil {
			return r.absent(r.o.Refused != "", "directional")
		}
		want, err := r.slope(*r.o.Along)
		switch {
		case err != nil:
			return "", err
		case !agree(want, *r.o.Directional, rounding):
			return "", faulty("directional", "it is %s, not %s", text(want), text(*r.o.Directional))
		}
		return r.quotient(*r.o.Directional, *r.o.Along)
	})
}

// split cuts a direction by inputs.
func (r *recheck) split(d Vector) (out []Vector) {
	at := 0
	for _, v := range r.p.x {
		out = append(out, part(d, at, at+len(v.Float)))
		at += len(v.Float)
	}
	return out
}

// quotient compares a directional derivative with (f(x + td) − f(x))/t.
func (r *recheck) quotient(want, d Vector) (string, error) {
	change, err := r.change(tinyStep, d)
	if err != nil || change.Exact == nil {
		return "recomputed", nil
	}
	got := make([]*big.Rat, len(change.Exact))
	for i, x := range change.Exact {
		got[i] = new(big.Rat).Quo(x, tinyStep)
	}
	if !near(rational(got), want, nearbyTiny) {
		return "", faulty("directional", "difference quotients tend to %s", text(rational(got)))
	}
	return "recomputed, and the limit of difference quotients", nil
}

// change returns f(x + td) − f(x).
func (r *recheck) change(t *big.Rat, d Vector) (Vector, error) {
	here, err := r.p.value.Run(r.p.x...)
	if err != nil {
		return Vector{}, err
	}
	there, err := r.p.value.Run(r.p.moved(t, d)...)
	if err != nil {
		return Vector{}, err
	}
	return minus(there[0], here[0]), nil
}

// descends checks a direction of descent.
func (r *recheck) descends(path string, d Vector) error {
	if isZero(d) {
		return faulty(path, "it is 0")
	}
	for _, t := range []*big.Rat{tinyStep, floatStep, big.NewRat(1, 1<<14), big.NewRat(1, 1<<8)} {
		step := d
		if t != tinyStep {
			step = r.scaled(d)
		}
		change, err := r.change(t, step)
		if err != nil {
			return err
		}
		if change.Float[0] < 0 || change.Exact != nil && change.Exact[0].Sign() < 0 {
			return nil
		}
		if change.Exact != nil {
			return faulty(path, "f does not decrease along %s", text(d))
		}
	}
	slope, err := r.slope(d)
	if err != nil {
		return err
	}
	switch slope = (Vector{Float: []float64{slope.Float[0] / size(d) * r.length()}}); {
	case near(slope, blankLike(slope), rounding):
		return open("%s: f′(x; d) is 0 up to what may be rounding", path)
	case !(slope.Float[0] < 0):
		return faulty(path, "f does not decrease along %s", text(d))
	}
	return open("%s: f′(x; d) is %s for a d as long as the point, and float64 sees no decrease", path, text(slope))
}

// slope recomputes f′(x; d).
func (r *recheck) slope(d Vector) (Vector, error) {
	g, err := ad.Directional(r.p.f)
	if err != nil {
		return Vector{}, err
	}
	run, err := compileFrom(g, 1)
	if err != nil {
		return Vector{}, err
	}
	out, err := run.Run(slices.Concat(r.p.x, r.split(d))...)
	if err != nil {
		return Vector{}, err
	}
	return out[0], nil
}
