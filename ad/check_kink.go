package ad

import (
	"fmt"
	"math"
	"math/big"
)

func (c *checker) report(v Verdict, why string) *CheckReport {
	return &CheckReport{Verdict: v, Kinks: c.kinks, Why: why}
}

func (c *checker) wrong(w *Witness, why string) *CheckReport {
	r := c.report(VerdictWrong, why)
	r.Witness = w
	return r
}

// notFinite reports entry i of the claim.
func (c *checker) notFinite(i int) (*CheckReport, error) {
	d := unit(len(c.claimed), i, 1)
	w := &Witness{Direction: d, Claimed: c.claimed[i]}
	if err := c.bounds(w); err != nil {
		return nil, err
	}
	return c.wrong(w, fmt.Sprintf("entry %d of the claim is not finite", i)), nil
}

// atKink judges a claim where kinks are active.
func (c *checker) atKink() (*CheckReport, error) {
	const starts = 4
	for i := range starts {
		start := middleOf
		if i > 0 {
			start = randomIn
		}
		slots, gap, err := c.fit(c.slots(start))
		if err != nil {
			return nil, err
		}
		if gap <= c.o.Tol {
			r := c.report(VerdictKink, "the claim is an element of the conservative field; it depends on the choice at "+kinkNames(c.kinks))
			r.Slots = slots
			return r, nil
		}
		if i == 0 {
			w, err := c.separate()
			if err != nil {
				return nil, err
			}
			if w != nil {
				return c.wrong(w, "no choice at "+kinkNames(c.kinks)+" gives the claim"), nil
			}
		}
		if c.spent > c.o.Budget {
			break
		}
	}
	return c.report(VerdictUnknown, "no slots were found that give the claim, and no direction that separates it from the conservative field at "+kinkNames(c.kinks)), nil
}

// separate looks for a direction along which the claim exceeds all elements of
// the field: coordinates first, because they are easiest to read, then on the way to
// the point of the field's hull that is nearest to the claim, by Gilbert's algorithm
// (An iterative procedure for computing the minimum of a quadratic form on a convex
// set, SIAM J. Control 4, 1966), each step of which goes to the nearest point of the
// hull of all elements met so far. It returns nil if there is none, or none that is
// proved.
func (c *checker) separate() (*Witness, error) {
	var worst *Witness
	excess := 0.0
	for _, i := range c.suspects() {
		for _, sign := range []float64{1, -1} {
			w, e, _, err := c.excess(unit(len(c.claimed), i, sign))
			if err != nil {
				return nil, err
			}
			if w != nil && e > excess {
				worst, excess = w, e
			}
		}
	}
	if worst != nil {
		return worst, nil
	}
	return c.nearest()
}

// nearest goes to the point of the field's hull that is nearest to the claim, or to
// a direction that separates them before that.
func (c *checker) nearest() (*Witness, error) {
	found := [][]float64{c.middle}
	at := c.middle
	const steps = 100
	for range steps {
		d := make([]float64, len(at))
		longest := 0.0
		for i, v := range at {
			d[i] = c.claimed[i] - v
			longest = max(longest, math.Abs(d[i]))
		}
		if longest == 0 || c.spent > c.o.Budget {
			return nil, nil
		}
		for i := range d {
			d[i] /= longest
		}
		w, _, far, err := c.excess(d)
		if w != nil || err != nil {
			return w, err
		}
		if dot(far, d) <= dot(at, d) { // nothing is nearer
			return nil, nil
		}
		found, at = nearestMix(append(found, far), c.claimed)
	}
	return nil, nil
}

// nearestMix returns the nearest point to v in the hull of p, and those of p that it
// needs.
func nearestMix(p [][]float64, v []float64) (needed [][]float64, at []float64) {
	away := make([][]float64, len(p))
	for i, q := range p {
		away[i] = make([]float64, len(v))
		for k := range v {
			away[i][k] = q[k] - v[k]
		}
	}
	at = make([]float64, len(v))
	for i, w := range shortestMix(away) {
		if w == 0 {
			continue
		}
		needed = append(needed, p[i])
		for k := range at {
			at[k] += float64(w * p[i][k])
		}
	}
	return needed, at
}

// excess returns how far the claim lies beyond the field along d, in units of the
// direction's size, the witness if it does by a proof, and an element of the field
// that is far along d.
func (c *checker) excess(d []float64) (w *Witness, excess float64, far []float64, err error) {
	hi, far, proved, err := c.support(d)
	if err != nil {
		return nil, 0, far, err
	}
	claim, size := dot(c.claimed, d), c.size(d)
	if !proved || claim-hi <= c.tolerance(d) {
		return nil, 0, far, nil
	}
	w = &Witness{Direction: d, Claimed: claim, Hi: hi}
	if err := c.bounds(w); err != nil || claim <= w.Hi {
		return nil, 0, far, err
	}
	return w, (claim - hi) / size, far, nil
}

// bounds sets the bounds of a witness: in rationals if the extreme points are
// few, else in float64.
func (c *checker) bounds(w *Witness) error {
	if c.exactBounds(w) {
		return nil
	}
	hi, _, _, err := c.support(w.Direction)
	if err != nil {
		return err
	}
	back := make([]float64, len(w.Direction))
	for i, v := range w.Direction {
		back[i] = -v
	}
	lo, _, _, err := c.support(back)
	w.Lo, w.Hi = -lo, hi
	return err
}

// exactBounds enumerates all extreme points in rationals. The bounds are rounded
// outwards.
func (c *checker) exactBounds(w *Witness) bool {
	const few = 256
	p, ok := c.exactPairing()
	if !ok || c.combinations() > few {
		return false
	}
	var lo, hi *big.Rat
	in := append(ratsOf(c.x), ratsOf(c.split(w.Direction))...)
	err := c.eachVertex(func(slots [][]float64) error {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		out, err := p.Run(append(in, ratsOf(slots)...)...)
		if err != nil {
			return err
		}
		v := out[0][0]
		if lo == nil || v.Cmp(lo) < 0 {
			lo = v
		}
		if hi == nil || v.Cmp(hi) > 0 {
			hi = v
		}
		return nil
	})
	if err != nil {
		return false
	}
	w.Lo, w.Hi, w.Exact = outwards(lo, -1), outwards(hi, 1), true
	return true
}

// outwards rounds to float64, up for sign 1 and down for −1.
func outwards(r *big.Rat, sign float64) float64 {
	v, exact := r.Float64()
	if exact || !isFinite(v) {
		return v
	}
	if float64(new(big.Rat).SetFloat64(v).Cmp(r))*sign >= 0 {
		return v
	}
	return math.Nextafter(v, math.Inf(int(sign)))
}
