package clarke

// ranking branches at a tied block of a Rank, whose entries are ranked from the
// largest: Above of them, then Count that are selected, then the rest. A cell is
// given by groups of classes, each above the next, that end at these two
// boundaries; where a boundary falls inside a class, the class is a group by
// itself, and any of its entries will do.
type ranking struct {
	s        *search
	i, block int
	rows     []Vector
	class    [][]int
}

func (r *ranking) size(classes []int) (n int) {
	for _, c := range classes {
		n += len(r.class[c])
	}
	return n
}

// choose extends the groups, which have position entries so far, up to the next
// boundary.
func (r *ranking) choose(position, boundary int, groups [][]int, rest []int) {
	k := r.s.g.kink(r.block)
	for position >= boundary && boundary < k.Above+k.Count {
		boundary = k.Above + k.Count
	}
	if position >= boundary || boundary == len(r.rows) {
		r.take(append(groups[:len(groups):len(groups)], rest))
		return
	}
	r.subsets(rest, nil, nil, boundary-position, func(chosen, others []int) {
		upper := groups[:len(groups):len(groups)]
		if len(chosen) > 0 {
			upper = append(upper, chosen)
		}
		n := position + r.size(chosen)
		if n == boundary {
			r.choose(n, boundary, upper, others)
			return
		}
		for j, c := range others {
			if n+len(r.class[c]) > boundary {
				r.choose(n+len(r.class[c]), boundary, append(upper[:len(upper):len(upper)], []int{c}), without(others, j))
			}
		}
	})
}

// subsets calls f with every way to choose classes of at most room entries.
func (r *ranking) subsets(rest, chosen, others []int, room int, f func(chosen, others []int)) {
	if r.s.over() {
		return
	}
	if len(rest) == 0 {
		f(chosen, others)
		return
	}
	c, rest := rest[0], rest[1:]
	if n := len(r.class[c]); n <= room {
		r.subsets(rest, append(chosen[:len(chosen):len(chosen)], c), others, room-n, f)
	}
	r.subsets(rest, chosen, append(others[:len(others):len(others)], c), room, f)
}

func without(list []int, i int) []int {
	return append(append([]int{}, list[:i]...), list[i+1:]...)
}

// take goes on with the cell of the groups.
func (r *ranking) take(groups [][]int) {
	var constraints []Vector
	for g := range len(groups) - 1 {
		for _, hi := range groups[g] {
			for _, lo := range groups[g+1] {
				constraints = append(constraints, difference(r.rows[r.class[hi][0]], r.rows[r.class[lo][0]]))
			}
		}
	}
	lo, _ := r.s.g.lin.Throughs(r.block)
	r.s.within(constraints, func() {
		r.s.through[lo] = r.selected(groups)
		r.s.descend(r.i + 1)
	})
}

// selected is the sum of the rows of the entries selected.
func (r *ranking) selected(groups [][]int) Vector {
	k := r.s.g.kink(r.block)
	var sum Vector
	position := 0
	for _, group := range groups {
		for _, c := range group {
			for _, m := range r.class[c] {
				if position >= k.Above && position < k.Above+k.Count {
					sum = plus(sum, r.rows[m])
				}
				position++
			}
		}
	}
	return sum
}

// plus returns a + b, where the zero Vector stands for 0.
func plus(a, b Vector) Vector {
	if a.Float == nil {
		return b
	}
	return difference(a, negated(b))
}

// ordering branches at a tied block of a Permutation, which ascends: classes are
// placed from the lowest, each below all that are left.
type ordering struct {
	s        *search
	i, block int
	rows     []Vector
	class    [][]int
}

func (o *ordering) place(position int, rest []int) {
	if o.s.over() {
		return
	}
	if len(rest) == 0 {
		o.s.descend(o.i + 1)
		return
	}
	lo, _ := o.s.g.lin.Throughs(o.block)
	for j, c := range rest {
		others := without(rest, j)
		var above []Vector
		for _, other := range others {
			above = append(above, difference(o.rows[o.class[other][0]], o.rows[o.class[c][0]]))
		}
		o.s.within(above, func() {
			for t, m := range o.class[c] {
				o.s.through[lo+position+t] = o.rows[m]
			}
			o.place(position+len(o.class[c]), others)
		})
	}
}
