package conservative

import (
	"context"
	"fmt"
	"math/rand/v2"

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

// enumerate evaluates all products of extreme points.
func (d *Field) enumerate(ctx context.Context, n int) error {
	c := d.at.corners()
	all, err := d.at.evaluate(ctx, plan{n, c.at})
	if err != nil {
		return err
	}
	middle, err := d.at.evaluate(ctx, d.at.middle())
	if err != nil {
		return err
	}
	d.Complete, d.inner = true, append(all, middle...)
	if d.Vertices, _, err = clarke.ExtremePoints(all); err != nil {
		return err
	}
	var why string
	d.Affine, why = d.at.affine(c, all)
	if err := d.nearest(d.Vertices); err != nil {
		return err
	}
	d.decide(why)
	d.inner = nil
	return nil
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
	var why string
	d.Affine, why = d.at.affine(nil, nil)
	if err := d.nearest(d.inner); err != nil {
		return err
	}
	d.decide(why)
	return nil
}

func (d *Field) nearest(points []clarke.Vector) error {
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
	return nil
}

// decide answers 0 ∈ D: Yes if an element is 0, or if conv D contains 0 and D is
// convex; No if conv D does not contain 0.
func (d *Field) decide(why string) {
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
		d.ContainsZero, d.ContainsZeroWhy = clarke.Yes, "0 is in conv D and D is convex: "+why
	default:
		d.ContainsZeroWhy = "0 is in conv D, which may be larger than D: " + why
	}
}
