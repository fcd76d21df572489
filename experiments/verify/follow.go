package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
)

// support compares with the largest products with vertices.
func (r *recheck) support() {
	s := r.o.Support
	if s == nil {
		return
	}
	r.check("support", func() (string, error) {
		if r.o.Field == nil {
			if s.Field.Lower != nil || s.Field.Upper != nil || s.Clarke.Lower != nil || s.Clarke.Upper != nil {
				return "", faulty("support", "there are values although the sets are not given")
			}
			return "not given", nil
		}
		outer, err := r.supportOfField(s)
		if err != nil {
			return "", err
		}
		inner, err := r.supportOfClarke(s)
		return outer + "; " + inner, err
	})
}

func (r *recheck) supportOfField(s *Support) (string, error) {
	const path = "support.conservative"
	value, known := Vector{}, false
	if v := r.o.Field.Vertices; v != nil {
		value, known = highest(*v, s.Direction), true
	} else if f, err := r.round(); err == nil {
		h, _ := f.support(s.Direction)
		value, known = Vector{Float: []float64{h}}, true
	}
	return r.bounded(path, s.Field, value, known)
}

func (r *recheck) supportOfClarke(s *Support) (string, error) {
	const path = "support.clarke"
	c := r.o.Clarke
	switch {
	case c.Vertices != nil && c.Exact:
		return r.bounded(path, s.Clarke, highest(*c.Vertices, s.Direction), true)
	case c.Exact:
		if !s.Clarke.Known || s.Field.Known && !agree(*s.Clarke.Lower, *s.Field.Lower, rounding) {
			return "", faulty(path, "it must be that of conv D")
		}
		return "that of conv D", nil
	case s.Clarke.Upper == nil || s.Field.Upper == nil || !agree(*s.Clarke.Upper, *s.Field.Upper, rounding):
		return "", faulty(path+".upper", "it must be that of conv D")
	case c.Vertices == nil || s.Clarke.Lower == nil:
		return "", open("the lower bound, since the limiting gradients found are not listed")
	case !agree(*s.Clarke.Lower, highest(*c.Vertices, s.Direction), rounding):
		return "", faulty(path+".lower", "it must be the largest product with the vertices")
	}
	return "bounds of ∂f", nil
}

// bounded compares bounds with a value.
func (r *recheck) bounded(path string, b Bounds, value Vector, known bool) (string, error) {
	switch {
	case b.Lower == nil || b.Upper == nil:
		return "", faulty(path, "a bound is null")
	case !known:
		return "", open("%s: the field is too large to enumerate", path)
	case b.Known && !agree(*b.Lower, value, rounding):
		return "", faulty(path, "it is %s, not %s", text(value), text(*b.Lower))
	case below(value, *b.Lower, size(value)):
		return "", faulty(path+".lower", "the value is %s", text(value))
	case below(*b.Upper, value, size(value)):
		return "", faulty(path+".upper", "the value is %s", text(value))
	}
	return text(value), nil
}

// highest is the largest product with a point of a list.
func highest(points []Vector, d Vector) Vector {
	best := dot(points[0], d)
	for _, v := range points[1:] {
		if p := dot(v, d); below(best, p, 0) && lower(best, p) {
			best = p
		}
	}
	return best
}

// spurious compares with the vertices of conv D that are not in ∂f.
func (r *recheck) spurious() {
	r.check("spurious", func() (string, error) {
		const path = "spurious"
		o := r.o
		if o.Clarke == nil {
			return "not given", nil
		}
		switch known := o.Clarke.Exact; {
		case o.Spurious != nil && !known:
			return "", faulty(path, "it must be null where clarke.exact is false")
		case known && o.Clarke.Vertices == nil:
			if o.Spurious == nil || len(*o.Spurious) > 0 {
				return "", faulty(path, "it must be empty: ∂f is conv D")
			}
			return "none, ∂f is conv D", nil
		case !known || o.Field.Vertices == nil:
			return r.absentSpurious()
		}
		var want []Vector
		var undecided error
		for _, v := range *o.Field.Vertices {
			claimed := o.Spurious == nil || !contains(*o.Spurious, v)
			inside, err := isIn(*o.Clarke.Vertices, v, claimed)
			if err != nil { // the others may still be wrong
				undecided, inside = err, claimed
			}
			if !inside {
				want = append(want, v)
			}
		}
		if o.Spurious == nil || !slices.EqualFunc(want, *o.Spurious, func(a, b Vector) bool { return agree(a, b, 0) }) {
			return "", faulty(path, "it must list the %d vertices of conv D that are not in ∂f", len(want))
		}
		if undecided != nil {
			return "", undecided
		}
		return vertices(want) + " of conv D outside ∂f", nil
	})
}

func contains(list []Vector, v Vector) bool {
	return slices.ContainsFunc(list, func(w Vector) bool { return agree(v, w, 0) })
}

func (r *recheck) absentSpurious() (string, error) {
	if s := r.o.Spurious; s != nil && len(*s) > 0 {
		return "", faulty("spurious", "it must be null: the vertices of both sets are not known")
	}
	return "not known", nil
}

// verdicts compares with where the selections lie.
func (r *recheck) verdicts() {
	r.check("verdicts", func() (string, error) {
		left := []string{}
		for _, s := range r.o.Selections {
			path := "verdicts." + s.Preset
			if s.Vector == nil || r.o.Clarke == nil {
				if s.Verdict != unknown {
					return "", faulty(path, "it must be unknown")
				}
				continue
			}
			want, sure, err := r.verdict(s)
			switch {
			case err != nil:
				return "", err
			case sure && s.Verdict != want:
				return "", faulty(path, "it must be %s", want)
			case !sure && s.Verdict != unknown:
				left = append(left, s.Preset)
			}
		}
		if len(left) > 0 {
			return "", open("where what %s returns lies", strings.Join(left, ", "))
		}
		return fmt.Sprintf("%d follow from the sets", len(r.o.Selections)), nil
	})
}

// verdict is where a selection lies; sure is false if that is not seen without a
// search.
func (r *recheck) verdict(s Selection) (want string, sure bool, err error) {
	if !isFinite(*s.Vector) {
		return "neither", true, nil
	}
	c := r.o.Clarke
	if c.Vertices != nil {
		inside, err := inHull(*c.Vertices, *s.Vector)
		if err != nil || inside {
			return "clarke", true, err
		}
	}
	valid := r.isValid(s.Preset)
	inClarke := unknown
	switch {
	case c.Exact && c.Vertices != nil:
		inClarke = no
	case c.Exact && valid: // ∂f is conv D
		return "clarke", true, nil
	}
	outside := false
	if v := r.o.Field.Vertices; v != nil {
		inside, err := inHull(*v, *s.Vector)
		if err != nil {
			return "", false, err
		}
		outside = !inside
	}
	switch {
	case outside:
		return "neither", true, nil
	case inClarke == no && valid:
		return "conservative", true, nil
	}
	return unknown, false, nil
}

// isValid reports whether what a preset chooses at the active kinks is in their
// sets, so that its selection is in D.
func (r *recheck) isValid(name string) bool {
	preset, _ := ad.LookupPreset(name)
	invalid := preset.Invalid(r.p.back)
	kinks, err := r.p.rows.kinks(slices.Concat(r.p.x, r.p.unit(r.p.f.Out(), 0)))
	if err != nil {
		return false
	}
	for _, k := range kinks {
		for _, s := range invalid {
			if s.Node == k.Slot.Node {
				return false
			}
		}
	}
	return true
}
