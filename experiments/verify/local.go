package verify

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
)

// numbers checks that floats are the nearest to their exact siblings, and that
// these are there in rational arithmetic.
func (r *recheck) numbers() {
	r.check("numbers", func() (string, error) {
		o := r.o
		if len(o.rounded) > 0 {
			return "", faulty(o.rounded[0], "it is not the float nearest to its exact sibling")
		}
		rational := o.Value.Exact != nil
		for _, list := range o.sets() {
			rational = rational && (list == nil || isExact(*list))
		}
		if rational != (o.Arithmetic == "rational") {
			return "", faulty("arithmetic", "it is %s, and the exact siblings of value and vertices say otherwise", o.Arithmetic)
		}
		return fmt.Sprintf("%d numbers round to their floats", o.pairs), nil
	})
}

// sets are the lists of vertices.
func (o *Object) sets() (out []*[]Vector) {
	if o.Field != nil {
		out = append(out, o.Field.Vertices)
	}
	if o.Clarke != nil {
		out = append(out, o.Clarke.Vertices)
	}
	return out
}

// class checks the class, the certificates of continuity and the refusal.
func (r *recheck) class() {
	r.check("class", func() (string, error) {
		c, err := r.classAt(r.p.f)
		if err != nil {
			return "", err
		}
		r.affine = c.Kind <= expr.PiecewiseAffine
		o := r.o
		switch {
		case c.Kind.String() != o.Class:
			return "", faulty("class", "it is %q, not %q", c.Kind, o.Class)
		case c.Continuous != o.Continuous:
			return "", faulty("continuous", "it is %v", c.Continuous)
		case c.Lipschitz != o.Lipschitz:
			return "", faulty("lipschitz", "it is %v", c.Lipschitz)
		case !c.Certified() && o.Refused == "":
			return "", faulty("refused", "the program must be refused: %s", c.Why())
		case c.Certified() && o.Refused != "":
			return "", r.refusedThough()
		}
		return o.Class, nil
	})
}

// refusedThough is about a program that is certified and refused all the same.
func (r *recheck) refusedThough() error {
	if v, err := r.p.value.Run(r.p.x...); err != nil || !isFinite(v[0]) {
		return nil
	}
	return open("refused: that %q keeps the sets from being computed", r.o.Refused)
}

// classAt judges large programs in float64, as explain does.
func (r *recheck) classAt(f *expr.Func) (expr.Class, error) {
	exactly, floats := make([][]*big.Rat, 0), make([][]float64, 0)
	for _, n := range r.p.f.In() {
		i := slices.IndexFunc(r.o.At, func(c Coordinate) bool { return c.Name == n.String() })
		exactly, floats = append(exactly, r.o.At[i].Exact), append(floats, r.o.At[i].Float)
	}
	if r.p.isLarge() {
		return ad.ClassAt(f, floats)
	}
	return ad.ClassAtExact(f, exactly)
}

// value runs the program.
func (r *recheck) value() {
	r.check("value", func() (string, error) {
		out, err := r.p.value.Run(r.p.x...)
		switch {
		case err != nil && isFinite(r.o.Value):
			return "", faulty("value", "there is none: %v", err)
		case err != nil:
			return "there is none", nil
		case !agree(out[0], r.o.Value, rounding):
			return "", faulty("value", "it is %s, not %s", text(out[0]), text(r.o.Value))
		}
		return text(out[0]), nil
	})
}

// kinks finds the active kinks.
func (r *recheck) kinks() {
	r.check("kinks", func() (string, error) {
		found, err := r.p.rows.kinks(slices.Concat(r.p.x, r.p.unit(r.p.f.Out(), 0)))
		if err != nil {
			if r.o.Refused != "" && len(r.o.Kinks) == 0 {
				return "none, the program has no value", nil
			}
			return "", faulty("kinks", "%v", err)
		}
		slices.SortStableFunc(found, func(a, b ad.Kink) int {
			return cmp.Or(a.Node-b.Node, slices.Compare(a.Index, b.Index), slices.Compare(a.Entries, b.Entries))
		})
		if len(found) != len(r.o.Kinks) {
			return "", faulty("kinks", "%d kinks are active, not %d", len(found), len(r.o.Kinks))
		}
		for i, k := range r.o.Kinks {
			if err := compareKinks(label("kinks", i), k, &found[i]); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("%d active", len(found)), nil
	})
}

func compareKinks(path string, k Kink, want *ad.Kink) error {
	number := func(x float64) Vector { return Vector{Float: []float64{x}} }
	switch {
	case k.Node != want.Node:
		return faulty(path+".node", "it is %d", want.Node)
	case k.Op != want.Op:
		return faulty(path+".op", "it is %s", want.Op)
	case slices.Compare(k.Index, want.Index) != 0:
		return faulty(path+".index", "it is %v", want.Index)
	case !agree(number(k.Switch), number(want.Switch), 0):
		return faulty(path+".switch", "it is %v", want.Switch)
	case !agree(number(k.Distance), number(want.Distance), rounding):
		return faulty(path+".distance", "it is %v", want.Distance)
	case k.Pieces != want.Pieces:
		return faulty(path+".pieces", "it is %d", want.Pieces)
	}
	return nil
}

// selections recomputes what each framework returns.
func (r *recheck) selections() {
	r.check("selections", func() (string, error) {
		for _, s := range r.o.Selections {
			v, err := r.selection(s.Preset)
			path := "selections." + s.Preset
			switch {
			case errors.Is(err, errNoPreset):
				return "", faulty(path, "%v", err)
			case err != nil && s.Vector != nil:
				return "", faulty(path, "it has no answer: %v", err)
			case err == nil && s.Vector == nil:
				return "", faulty(path, "it is %s", text(v))
			case err == nil && !agree(v, *s.Vector, rounding):
				return "", faulty(path, "it is %s, not %s", text(v), text(*s.Vector))
			}
		}
		return fmt.Sprintf("%d presets recomputed", len(r.o.Selections)), nil
	})
}

var errNoPreset = errors.New("there is no such preset")

func (r *recheck) selection(name string) (Vector, error) {
	preset, ok := ad.LookupPreset(name)
	if !ok || strings.ToLower(preset.Name) != name {
		return Vector{}, errNoPreset
	}
	return r.wired(preset.Wiring())
}

// wired runs the derivative with its choices wired.
func (r *recheck) wired(w ad.Wiring) (Vector, error) {
	back, err := ad.Wire(r.p.back, w)
	if err != nil {
		return Vector{}, err
	}
	run, err := compileFrom(back, 1)
	if err != nil {
		return Vector{}, err
	}
	return r.p.jacobian(run)
}

// compileFrom compiles a program without its first outputs, which may be irrational
// where the others are not.
func compileFrom(g *expr.Func, first int) (*mixed.Program, error) {
	part, err := g.Graph().Func(expr.In(g.In()...), expr.Out(g.Out()[first:]...))
	if err != nil {
		return nil, err
	}
	return mixed.Compile(part)
}
