package verify

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// roundField is the field of a program with active norms, whose choices are balls: for
// each combination of the other choices a sum of a point and of images of balls.
type roundField struct {
	pieces []roundPiece
}

// roundPiece is {base + Σ uᵢ columnᵢ : ‖u‖ ≤ 1 for each ball}.
type roundPiece struct {
	base    Vector
	columns [][]Vector // by ball
}

// maxBallEntries bounds the entries of all balls together.
const maxBallEntries = 64

// round evaluates the field of a program with active norms. The error is errTooMany,
// or says that norms multiply each other.
func (r *recheck) round() (*roundField, error) {
	p := r.p
	kinks, err := p.rows.kinks(slices.Concat(p.x, p.unit(p.f.Out(), 0)))
	if err != nil {
		return nil, err
	}
	var balls []int
	lists := make([][]choice, len(kinks))
	entries := 1
	for i := range kinks {
		if lists[i] = choicesAt(&kinks[i]); lists[i] == nil && kinks[i].Slot.Kind == expr.DirectionSlot {
			balls = append(balls, i)
			entries += len(kinks[i].Entries)
			lists[i] = []choice{{values: integers(make([]int64, len(kinks[i].Entries))...)}}
		}
	}
	if n := combinations(lists); n > MaxProducts || entries > maxBallEntries || n*entries*entries*p.m*p.entries > maxWork {
		return nil, errTooMany
	}
	f := &roundField{}
	return f, products(lists, func(at []int) error {
		slots := p.rows.blank()
		for i, j := range at {
			p.rows.set(slots, &kinks[i], lists[i][j].values)
		}
		// units evaluates the field with a 1 at entries of balls.
		units := func(ones ...[2]int) (Vector, error) {
			for _, b := range balls {
				p.rows.set(slots, &kinks[b], lists[b][0].values)
			}
			for _, e := range ones {
				v := integers(make([]int64, len(kinks[e[0]].Entries))...)
				v[e[1]].SetInt64(1)
				p.rows.set(slots, &kinks[e[0]], v)
			}
			return p.derivative(p.x, slots)
		}
		piece, err := newRoundPiece(balls, func(b int) int { return len(kinks[b].Entries) }, units)
		f.pieces = append(f.pieces, piece)
		return err
	})
}

func newRoundPiece(balls []int, entries func(b int) int, units func(...[2]int) (Vector, error)) (piece roundPiece, err error) {
	if piece.base, err = units(); err != nil {
		return piece, err
	}
	for _, b := range balls {
		var columns []Vector
		for i := range entries(b) {
			v, err := units([2]int{b, i})
			if err != nil {
				return piece, err
			}
			columns = append(columns, minus(v, piece.base))
		}
		piece.columns = append(piece.columns, columns)
	}
	for k, b := range balls {
		for l, c := range balls[:k] {
			for i, u := range piece.columns[k] {
				for j, v := range piece.columns[l] {
					both, err := units([2]int{b, i}, [2]int{c, j})
					if err != nil {
						return piece, err
					}
					if rest := minus(minus(minus(both, piece.base), u), v); !near(rest, blankLike(rest), rounding) {
						return piece, open("the choices of two norms multiply each other")
					}
				}
			}
		}
	}
	return piece, nil
}

// support returns the largest ⟨v, w⟩ over the field, and where it is attained.
func (f *roundField) support(w Vector) (value float64, at Vector) {
	value = math.Inf(-1)
	for _, p := range f.pieces {
		h, v := dot(p.base, w).Float[0], slices.Clone(p.base.Float)
		for _, columns := range p.columns {
			var c []float64
			norm := 0.0
			for _, u := range columns {
				x := dot(u, w).Float[0]
				c, norm = append(c, x), norm+float64(x*x)
			}
			if norm = math.Sqrt(norm); norm == 0 {
				continue
			}
			h += norm
			for i, u := range columns {
				for j, x := range u.Float {
					v[j] += float64(c[i] / norm * x)
				}
			}
		}
		if h > value {
			value, at = h, Vector{Float: v}
		}
	}
	return value, at
}

// nearestRound checks the point nearest to 0 by the support function.
func (r *recheck) nearestRound(path string, point Vector) (string, error) {
	if isZero(point) {
		if r.o.Field.HasZeroSlots {
			return "0, which is in D", nil
		}
		return "", open("the vertices are not listed")
	}
	f, err := r.round()
	if err != nil {
		return "", err
	}
	back := minus(blankLike(point), point)
	square := dot(point, point).Float[0]
	h, at := f.support(back)
	switch scale := max(square, 1); {
	case h > float64(rounding*scale)-square:
		return "", faulty(path, "%s is nearer to 0 in its direction", text(at))
	case !near(at, point, rounding):
		return "", open("that min_norm is in conv D; its distance is the least that it can be")
	}
	return "in D, and on the nearer side of all of D", nil
}
