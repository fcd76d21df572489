package conservative

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
)

// sampled is how many elements of D are computed where conv D is not enumerated.
const sampled = 256

// maxNumbers bounds the numbers that the elements of an enumeration have in all:
// half a gigabyte of floats.
const maxNumbers = 1 << 26

// build computes the sets and the answers.
func (d *Field) build(ctx context.Context) error {
	n, finite := d.at.countCorners()
	dim := 0
	for _, x := range d.at.a.f.Wrt() {
		dim += x.Shape().Size()
	}
	switch {
	case !finite:
		d.Why = "an active norm takes any vector of a ball, so conv D is no polytope"
	case n > 1<<d.at.a.o.MaxSlots:
		d.Why = fmt.Sprintf("the active kinks have %s combinations of extreme choices; the budget is 2^%d", atMost(n), d.at.a.o.MaxSlots)
	case n > maxNumbers/dim:
		d.Why = fmt.Sprintf("%d combinations of extreme choices in dimension %d are more than memory is given to", n, dim)
	default:
		return d.enumerate(ctx, n)
	}
	return d.sample(ctx)
}

func atMost(n int) string {
	const many = 1_000_000_000
	if n > many {
		return "more than 10^9"
	}
	return fmt.Sprint(n)
}

// enumerate finds the vertices of conv D among the n products of extreme points.
func (d *Field) enumerate(ctx context.Context, n int) (err error) {
	if d.inner, err = d.at.evaluate(ctx, d.at.middle()); err != nil {
		return err
	}
	c := d.at.corners()
	var reason string
	if d.Affine, reason = d.at.affine(); d.Affine {
		single, err := d.at.evaluate(ctx, c.singles())
		if err != nil {
			return err
		}
		return d.ofSum(ctx, c, c.byBlock(single), reason)
	}
	all, err := d.at.evaluate(ctx, plan{n, c.at})
	if err != nil {
		return err
	}
	if d.at.x.IsExact() {
		if d.Affine, reason = c.separable(all); d.Affine {
			return d.ofSum(ctx, c, c.ofAll(all), reason)
		}
	}
	d.inner = append(d.inner, all...)
	index, err := hullOf(ctx, all)
	if err != nil {
		return d.giveUp(err, reason)
	}
	d.Complete, d.Vertices = true, pick(all, index)
	return d.conclude(d.Vertices, reason)
}

// giveUp concludes with what has been evaluated if there are too many vertices.
func (d *Field) giveUp(err error, reason string) error {
	var many *tooMany
	if !errors.As(err, &many) {
		return err
	}
	d.Why = many.Error()
	return d.conclude(d.inner, reason)
}

// ofSum finds the vertices if g is affine: only they are evaluated.
func (d *Field) ofSum(ctx context.Context, c *corners, single [][]clarke.Vector, reason string) error {
	found, err := extremeOfSum(ctx, single)
	if err != nil {
		for _, v := range single {
			d.inner = append(d.inner, v...)
		}
		return d.giveUp(err, reason)
	}
	extreme := plan{len(found), func(i int) assignment { return c.chosen(found[i]) }}
	if d.Vertices, err = d.at.evaluate(ctx, extreme); err != nil {
		return err
	}
	slices.SortFunc(d.Vertices, compare)
	d.Complete = true
	d.inner = append(d.inner, d.Vertices...)
	return d.conclude(d.Vertices, reason)
}

// sample evaluates some products of extreme points.
func (d *Field) sample(ctx context.Context) (err error) {
	rng := rand.New(rand.NewPCG(d.at.a.o.Seed, 0x66696564))
	if d.inner, err = d.at.evaluate(ctx, d.at.samples(rng, sampled)); err != nil {
		return err
	}
	middle, err := d.at.evaluate(ctx, d.at.middle())
	if err != nil {
		return err
	}
	d.inner = append(d.inner, middle...)
	var reason string
	d.Affine, reason = d.at.affine()
	return d.conclude(d.inner, reason)
}

// conclude answers the questions, given the vertices or what is known of D, and
// the reason why D is convex or may not be.
func (d *Field) conclude(points []clarke.Vector, reason string) error {
	m, err := clarke.MinNorm(points)
	if err != nil {
		return err
	}
	d.MinNorm, d.Distance = m.Point, m.Distance
	switch {
	case m.IsZero():
		d.HullContainsZero = clarke.Yes
	case d.Complete:
		d.HullContainsZero = clarke.No
	default:
		d.HullContainsZero = clarke.Unknown
	}
	d.decide(reason)
	return nil
}

// decide answers 0 ∈ D: Yes if an element is 0, or if conv D contains 0 and D is
// convex; No if conv D does not contain 0.
func (d *Field) decide(reason string) {
	d.ContainsZero, d.ContainsZeroWhy = clarke.Unknown, ""
	for _, v := range d.inner {
		if v.IsZero() {
			d.ContainsZero, d.ContainsZeroWhy = clarke.Yes, "one choice at the kinks gives 0"
			return
		}
	}
	switch {
	case d.HullContainsZero == clarke.No:
		d.ContainsZero, d.ContainsZeroWhy = clarke.No, "0 is not in conv D"
	case d.HullContainsZero == clarke.Unknown:
		d.ContainsZeroWhy = "conv D is not known: " + d.Why
	case d.Affine:
		d.ContainsZero, d.ContainsZeroWhy = clarke.Yes, "0 is in conv D and D is convex: "+reason
	default:
		d.ContainsZeroWhy = "0 is in conv D, which may be larger than D: " + reason
	}
}
