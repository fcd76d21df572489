package verify

import (
	"cmp"
	"errors"
	"math"
	"math/big"
	"slices"
)

// clarke checks what is said about ∂f.
func (r *recheck) clarke() {
	c := r.o.Clarke
	if c == nil {
		return
	}
	r.check("clarke.certificates", r.certificates)
	r.check("clarke.vertices", r.clarkeVertices)
	r.check("clarke.exact", r.exact)
	r.check("clarke.min_norm", func() (string, error) {
		return r.nearest("clarke", c.Vertices, c.MinNorm, c.Distance)
	})
	r.check("clarke.contains_zero", r.clarkeZero)
	r.check("clarke.minimality", r.minimality)
}

// certificates evaluates the derivative near the point along each direction.
func (r *recheck) certificates() (string, error) {
	c := r.o.Clarke
	if c.Vertices == nil {
		if len(c.Certificates) > 0 {
			return "", faulty("clarke.certificates", "there are some although no vertices are listed")
		}
		return "none, the set is no polytope", nil
	}
	if len(c.Certificates) != len(*c.Vertices) {
		return "", faulty("clarke.certificates", "there are %d for %d vertices", len(c.Certificates), len(*c.Vertices))
	}
	var left error // open
	for i, k := range c.Certificates {
		path := label("clarke.certificates", i)
		if !agree(k.Vertex, (*c.Vertices)[i], 0) {
			return "", faulty(path+".vertex", "it is not vertex %d, %s", i, text((*c.Vertices)[i]))
		}
		if r.o.Tol > 0 || r.p.left < 0 {
			continue
		}
		err := r.reaches(path, k.Vertex, k.Direction)
		if bad := new(fault); errors.As(err, &bad) {
			return "", err
		}
		left = cmp.Or(left, err)
	}
	switch {
	case r.o.Tol > 0:
		return "", open("kinks are active within a tolerance: vertices are no limits of gradients")
	case left != nil:
		return "", left
	}
	return vertices(*c.Vertices) + " met as limits of derivatives along their directions", nil
}

// clarkeVertices checks that vertices are extreme, and in conv D.
func (r *recheck) clarkeVertices() (string, error) {
	const path = "clarke.vertices"
	c := r.o.Clarke
	if c.Vertices == nil {
		if f, err := r.round(); err == nil && len(f.pieces) > 0 && !r.hasBalls() {
			return "", faulty(path, "it is null although no norm is active")
		}
		return "not listed", nil
	}
	rounded, err := extreme(path, *c.Vertices)
	if err != nil {
		return "", err
	}
	outer := r.o.Field.Vertices
	if outer == nil {
		return openIf(rounded, vertices(*c.Vertices)+", extreme")
	}
	for i, v := range *c.Vertices {
		if inside, err := inHull(*outer, v); err != nil || !inside {
			return "", orFault(err, label(path, i), "it is not in conv D")
		}
	}
	return openIf(rounded, vertices(*c.Vertices)+", extreme, in conv D")
}

// hasBalls reports whether an active kink has no finite number of extreme choices.
func (r *recheck) hasBalls() bool {
	return slices.ContainsFunc(r.o.Kinks, func(k Kink) bool { return k.Pieces == 0 })
}

// clarkeZero checks 0 ∈ ∂f.
func (r *recheck) clarkeZero() (string, error) {
	const path = "clarke.contains_zero"
	c, f := r.o.Clarke, r.o.Field
	if c.Vertices != nil {
		inside, err := zeroIn(*c.Vertices, c.Zero)
		switch {
		case err != nil:
			return "", err
		case inside && c.Zero != yes:
			return "", faulty(path, "it must be yes, by the vertices")
		case inside:
			return "yes, by the vertices", nil
		case c.Exact && c.Zero != no:
			return "", faulty(path, "it must be no, by the vertices")
		case c.Exact:
			return "no, by the vertices", nil
		}
	}
	switch {
	case f.HullZero == no && c.Zero != no:
		return "", faulty(path, "it must be no, since 0 is not in conv D")
	case f.HullZero == no:
		return "no, 0 is not in conv D", nil
	case c.Exact && c.Zero != f.HullZero: // a set that is no polytope is conv D
		return "", faulty(path, "it must be %s, as for conv D", f.HullZero)
	case c.Exact:
		return c.Zero + ", as for conv D", nil
	case c.Vertices != nil && c.Zero == yes:
		return "", faulty(path, "0 is not in the hull of the vertices")
	case c.Zero == no:
		return "", faulty(path, "nothing proves it")
	case c.Zero == unknown:
		return unknown, nil
	}
	return "", open("the limiting gradients that give 0 are not listed")
}

// minimality checks a direction of descent, or that no cell has one.
func (r *recheck) minimality() (string, error) {
	const path = "clarke.minimality"
	c := r.o.Clarke
	if (c.Minimality == notLocalMinimum) != (c.Descent != nil) {
		return "", faulty("clarke.descent", "it goes with %q, and with nothing else", notLocalMinimum)
	}
	if r.p.m > 1 && c.Minimality != unknown {
		return "", faulty(path, "a vector-valued program has no minimum")
	}
	switch c.Minimality {
	case notLocalMinimum:
		if err := r.descends("clarke.descent", *c.Descent); err != nil {
			return "", err
		}
		return "f decreases along descent", nil
	case localMinimum:
		if err := r.lowestNearby(path); err != nil {
			return "", err
		}
		if !r.affine {
			return "", faulty(path, "the program is not piecewise affine, so nothing proves it")
		}
		return r.noDescent()
	}
	if c.Zero == no && r.p.m == 1 {
		return "", faulty(path, "it must be %q: 0 is not in the set", notLocalMinimum)
	}
	return unknown, nil
}

// lowestNearby compares with values around the point.
func (r *recheck) lowestNearby(path string) error {
	for _, d := range r.directions(64) {
		change, err := r.change(tinyStep, d)
		if err == nil && change.Exact != nil && change.Exact[0].Sign() < 0 {
			return faulty(path, "f decreases along %s", text(d))
		}
	}
	return nil
}

// directions lists integer vectors spread over all directions by a fixed rule.
func (r *recheck) directions(count int) (out []Vector) {
	state := uint64(1)
	for range count {
		d := make([]*big.Rat, r.p.n)
		for j := range d {
			state = state*6364136223846793005 + 1442695040888963407 // Knuth's MMIX
			d[j] = new(big.Rat).SetInt64(int64(state>>33)%2001 - 1000)
		}
		out = append(out, rational(d))
	}
	return out
}

// root returns the square root of a number.
func root(square Vector) Vector {
	if square.Exact == nil {
		return Vector{Float: []float64{math.Sqrt(square.Float[0])}}
	}
	x, _ := new(big.Float).Sqrt(new(big.Float).SetPrec(64).SetRat(square.Exact[0])).Float64()
	return Vector{Float: []float64{x}}
}
