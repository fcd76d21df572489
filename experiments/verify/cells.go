package verify

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// exact checks that no limiting gradient is missing: by comparison with conv D, by
// brute force over all combinations of choices, or by independence of switches.
func (r *recheck) exact() (string, error) {
	const path = "clarke.exact"
	c := r.o.Clarke
	switch {
	case !c.Exact && r.o.Spurious != nil:
		return "", faulty(path, "it is false, and spurious is not null")
	case !c.Exact:
		return "not claimed", r.samples()
	case r.o.Tol > 0:
		return "", faulty(path, "nothing is exact within a tolerance")
	}
	if err := r.samples(); err != nil {
		return "", err
	}
	if c.Vertices == nil {
		return r.independent()
	}
	if same, err := r.isHull(); err != nil || same {
		return "all of conv D, which contains ∂f", err
	}
	return r.bruteForce(path)
}

// isHull reports whether the vertices span the field under all combinations of
// choices.
func (r *recheck) isHull() (bool, error) {
	if r.products == nil {
		return false, nil
	}
	for _, e := range r.products.vectors() {
		if inside, err := inHull(*r.o.Clarke.Vertices, e); err != nil || !inside {
			return false, err
		}
	}
	return true, nil
}

// samples evaluates the derivative at points around, where it must be in the set
// if that is exact, up to what smooth pieces move it. It proves nothing, and ends where
// its own budget does.
func (r *recheck) samples() error {
	c := r.o.Clarke
	t, _ := r.step()
	if !c.Exact || c.Vertices == nil || t == floatStep {
		return nil
	}
	left := r.p.left
	defer func() { r.p.left = left }()
	r.p.left = min(left, maxSampled)
	for _, d := range r.directions(64) {
		v, ok, err := r.p.gradientAt(r.p.moved(t, d))
		switch {
		case r.p.left < 0:
			return nil
		case !ok || err != nil: // a point on a kink
			continue
		}
		if inside, err := r.isNearHull(v); err != nil || !inside {
			return orFault(err, "clarke.vertices", "%s is a derivative nearby", text(v))
		}
	}
	return nil
}

// isNearHull reports whether a derivative near x is in the hull of the vertices, up to
// what smooth pieces move it.
func (r *recheck) isNearHull(v Vector) (bool, error) {
	list := *r.o.Clarke.Vertices
	if r.affine {
		return inHull(list, v)
	}
	floats := make([]Vector, len(list))
	for i, p := range list {
		floats[i] = Vector{Float: p.Float}
	}
	return inHull(floats, Vector{Float: v.Float})
}

// cell is a combination of choices that some open cone of directions makes, or none.
type cell struct {
	rows       [][]*big.Rat // of which directions of the cone have positive products
	moving     []*expr.Slot // kinks with a row that is not 0
	derivative Vector
}

// cells visits all combinations of choices at the kinks that decide. The error is
// errTooMany where they are too many, and says so if a norm is active.
func (r *recheck) cells(visit func(cell) error) error {
	p := r.p
	if p.keys == nil {
		v, err := p.derivative(p.x, p.rows.blank())
		if err != nil {
			return err
		}
		return visit(cell{derivative: v})
	}
	kinks, err := p.keys.kinks(slices.Concat(p.x, p.unit(p.f.Wrt(), -1)))
	if err != nil {
		return err
	}
	lists := make([][]choice, len(kinks))
	for i := range kinks {
		if lists[i] = choicesAt(&kinks[i]); lists[i] == nil {
			return errTooMany
		}
	}
	if combinations(lists) > MaxProducts {
		return errTooMany
	}
	members := make([][]int, len(kinks))
	for i := range kinks {
		if members[i], err = p.membersOf(&kinks[i]); err != nil {
			return err
		}
	}
	return products(lists, func(at []int) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		keys, rows := p.keys.blank(), p.rows.blank()
		for i, j := range at {
			p.keys.set(keys, &kinks[i], lists[i][j].values)
			p.rows.set(rows, &kinks[i], lists[i][j].values)
		}
		tangents, err := p.tangents(keys)
		if err != nil {
			return err
		}
		var c cell
		for i, j := range at {
			slot := slices.Index(p.keySlots, kinks[i].Slot.Node)
			for _, pair := range lists[i][j].above {
				if row := rowOf(tangents, slot, members[i], pair); !isZero(rational(row)) {
					c.rows, c.moving = append(c.rows, row), append(c.moving, kinks[i].Slot)
				}
			}
		}
		if c.derivative, err = p.derivative(p.x, rows); err != nil {
			return err
		}
		return visit(c)
	})
}

// tangents returns those of all keys along all coordinates, by coordinate and slot.
func (p *program) tangents(slots assignment) (out [][]Vector, err error) {
	for j := range p.n {
		v, err := p.run(p.keys, p.f.Wrt(), p.x, j, slots)
		if err != nil {
			return nil, err
		}
		if !isExact(v) {
			return nil, errFloatSwitches
		}
		out = append(out, v)
	}
	return out, nil
}

// rowOf is the difference of the rows of two members, −1 standing for 0.
func rowOf(tangents [][]Vector, slot int, members []int, pair [2]int) []*big.Rat {
	row := make([]*big.Rat, len(tangents))
	for j := range row {
		row[j] = new(big.Rat)
		if pair[0] >= 0 {
			row[j].Add(row[j], tangents[j][slot].Exact[members[pair[0]]])
		}
		if pair[1] >= 0 {
			row[j].Sub(row[j], tangents[j][slot].Exact[members[pair[1]]])
		}
	}
	return row
}

// membersOf returns the positions of the tied entries in the key. Those of a
// Permutation are found by their common value: its Entries are positions in a
// matrix, which say how many entries of the row are smaller.
func (p *program) membersOf(k *ad.Kink) ([]int, error) {
	if k.Slot.Kind != expr.PermutationSlot {
		return k.Entries, nil
	}
	key := k.Slot.Keys()[0]
	values, err := p.valuesOf(key)
	if err != nil {
		return nil, err
	}
	n := key.Shape().Dim(-1)
	row, lowest := k.Entries[0]/(n*n), k.Entries[0]%n
	row0 := values[row*n : (row+1)*n]
	sorted := slices.SortedFunc(slices.Values(row0), (*big.Rat).Cmp)
	var members []int
	for i, v := range row0 {
		if v.Cmp(sorted[lowest]) == 0 {
			members = append(members, row*n+i)
		}
	}
	if len(members) != k.Tied() {
		return nil, fmt.Errorf("the tied entries of %s are not found", k.Slot)
	}
	return members, nil
}

// bruteForce looks at all combinations of choices: that there is no direction that
// makes them, or that the derivative is in the hull of the vertices.
func (r *recheck) bruteForce(path string) (string, error) {
	inSet, refuted := 0, 0
	moving := map[*expr.Slot]bool{}
	err := r.cells(func(c cell) error {
		for _, s := range c.moving {
			moving[s] = true
		}
		some, err := hasDirection(c.rows)
		if err != nil {
			return err
		}
		if !some {
			refuted++
			return nil
		}
		if inside, err := inHull(*r.o.Clarke.Vertices, c.derivative); err != nil || !inside {
			return orFault(err, "clarke.vertices", "the limiting gradient %s is missing", text(c.derivative))
		}
		inSet++
		return nil
	})
	if err != nil {
		return "", err
	}
	if why, err := r.curved(moving); err != nil || why != "" {
		return "", orFault(err, path, "no proof: %s", why)
	}
	return fmt.Sprintf("%d combinations of choices have no direction, %d others have their derivative in the set", refuted, inSet), nil
}

// noDescent looks for a cell in which f decreases.
func (r *recheck) noDescent() (string, error) {
	n := 0
	err := r.cells(func(c cell) error {
		n++
		down := minus(blankLike(c.derivative), c.derivative)
		if isZero(down) || c.derivative.Exact == nil {
			return nil
		}
		some, err := hasDirection(append(slices.Clip(c.rows), down.Exact))
		if some && err == nil {
			return faulty("clarke.minimality", "f decreases in a cell with derivative %s", text(c.derivative))
		}
		return err
	})
	return fmt.Sprintf("f decreases in none of %d cells", n), err
}
