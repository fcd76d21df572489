package clarke

// ranking branches at a tied block of a Rank, whose entries are ranked from the
// largest: Above of them, then Count that are selected, then the rest. A cell is
// given by the classes above each of these two boundaries and by the class that a
// boundary falls into, if any, of which any entries will do. Classes take their
// sides one by one, so that what no direction allows is not pursued.
type ranking struct {
	s        *search
	i, block int
	rows     []Vector
	class    [][]int
}

// cut divides the classes that are left at the next boundary, below position
// entries. Sum is what is selected so far.
func (r *ranking) cut(position int, rest []int, sum Vector) {
	k := r.s.g.kink(r.block)
	boundary := k.Above
	if position >= boundary {
		boundary += k.Count
	}
	if position >= boundary {
		lo, _ := r.s.g.lin.Throughs(r.block)
		r.s.through[lo] = sum
		r.s.descend(r.i + 1)
		return
	}
	d := division{ranking: r, from: position, boundary: boundary, astride: -1, sum: sum}
	d.divide(position, rest, nil, nil)
	for j, c := range rest {
		if len(r.class[c]) > 1 {
			d.astride = c
			d.divide(position, without(rest, j), nil, nil)
		}
	}
}

// size returns how many entries some classes have.
func (r *ranking) size(classes ...int) (n int) {
	for _, c := range classes {
		n += len(r.class[c])
	}
	return n
}

// apart returns the rows that are positive along directions that rank each of
// some classes above each of others.
func (r *ranking) apart(upper, lower []int) (rows []Vector) {
	for _, hi := range upper {
		for _, lo := range lower {
			rows = append(rows, difference(r.rows[r.class[hi][0]], r.rows[r.class[lo][0]]))
		}
	}
	return rows
}

// division puts classes above or below one boundary, after from entries.
type division struct {
	*ranking
	from, boundary int
	astride        int // the class that the boundary falls into, or −1
	sum            Vector
}

// ends returns between how many entries the classes above the boundary may have.
func (d *division) ends() (least, most int) {
	if d.astride < 0 {
		return d.boundary, d.boundary
	}
	return d.boundary - d.size(d.astride) + 1, d.boundary - 1
}

// divide goes on with the next class. Position counts the entries above the
// boundary, from those before the division on.
func (d *division) divide(position int, rest, upper, lower []int) {
	least, most := d.ends()
	switch all := position + d.size(rest...); {
	case d.s.over() || all < least || position > most:
		return
	case all == least: // everything is above
		d.s.within(d.sided(rest, true, upper, lower), func() { d.end(all, append(upper[:len(upper):len(upper)], rest...), lower) })
		return
	case position == most: // everything is below
		d.s.within(d.sided(rest, false, upper, lower), func() { d.end(position, upper, append(lower[:len(lower):len(lower)], rest...)) })
		return
	case len(rest) == 0:
		d.end(position, upper, lower)
		return
	}
	c, rest := rest[:1], rest[1:]
	d.s.within(d.sided(c, true, upper, lower), func() {
		d.divide(position+d.size(c...), rest, append(upper[:len(upper):len(upper)], c...), lower)
	})
	d.s.within(d.sided(c, false, upper, lower), func() {
		d.divide(position, rest, upper, append(lower[:len(lower):len(lower)], c...))
	})
}

// sided returns the rows that put classes on one side: of the class astride, else
// of all classes on the other side.
func (d *division) sided(classes []int, above bool, upper, lower []int) func() []Vector {
	if d.astride >= 0 {
		upper, lower = []int{d.astride}, []int{d.astride}
	}
	return func() []Vector {
		if above {
			return d.apart(classes, lower)
		}
		return d.apart(upper, classes)
	}
}

// end adds what the division selects and goes on below the boundary.
func (d *division) end(position int, upper, lower []int) {
	sum := d.sum
	for _, c := range upper {
		sum = d.selected(sum, c, d.from, position)
	}
	if d.astride >= 0 {
		end := position + d.size(d.astride)
		sum, position = d.selected(sum, d.astride, position, end), end
	}
	d.cut(position, lower, sum)
}

// selected adds the selected rows of a class in ranks from, …, to − 1: all or
// none of them, unless a boundary falls into the class.
func (r *ranking) selected(sum Vector, c, from, to int) Vector {
	k := r.s.g.kink(r.block)
	n := min(to, k.Above+k.Count) - max(from, k.Above)
	for _, m := range r.class[c][:max(0, min(n, r.size(c)))] {
		sum = plus(sum, r.rows[m])
	}
	return sum
}

func without(list []int, i int) []int {
	return append(append([]int{}, list[:i]...), list[i+1:]...)
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
	if len(rest) == 0 {
		o.s.descend(o.i + 1)
		return
	}
	lo, _ := o.s.g.lin.Throughs(o.block)
	for j, c := range rest {
		others := without(rest, j)
		o.s.within(o.below(c, others), func() {
			for t, m := range o.class[c] {
				o.s.through[lo+position+t] = o.rows[m]
			}
			o.place(position+len(o.class[c]), others)
		})
	}
}

// below returns the rows that put a class below others.
func (o *ordering) below(c int, others []int) func() []Vector {
	return func() (rows []Vector) {
		for _, other := range others {
			rows = append(rows, difference(o.rows[o.class[other][0]], o.rows[o.class[c][0]]))
		}
		return rows
	}
}
