package clarke

// selection branches at a tied block of a Rank of which the entries above and below do
// not matter to the gradient: at the last block, where nothing hangs on them. For each set
// of entries that may be selected it looks for one cell, in which some of the others are
// above and the rest is below, and for one in which the program decreases, if such a cell
// is sought: a median of twelve entries has 16,632 cells, of 66 gradients.
type selection struct {
	*ranking
	selected []int
	done     func() bool // whether the cells of what is selected tell nothing new
}

// mostSelected bounds the sets that are looked at one by one. Where there are more of
// them, most may have no cell.
const mostSelected = 1 << 10

// selection returns the branching by what is selected, if it is one: each entry is a class
// of its own, and there are some on both sides.
func (r *ranking) selection() (q selection, ok bool) {
	k, n := r.s.g.kink(r.block), len(r.rows)
	ok = r.s.sought != nil && r.i == len(r.s.g.live)-1 && len(r.class) == n &&
		0 < k.Above && k.Above+k.Count < n && subsets(n, k.Count) <= mostSelected
	return selection{ranking: r}, ok
}

// subsets is the number of subsets of k among n, or one above mostSelected.
func subsets(n, k int) int {
	c := 1
	for i := range min(k, n-k) {
		if c = c * (n - i) / (i + 1); c > mostSelected {
			return c
		}
	}
	return c
}

// choose selects entries from number from on; those so far add up to sum.
func (q selection) choose(from int, sum Vector) {
	if len(q.selected) == q.s.g.kink(q.block).Count {
		q.look(sum)
		return
	}
	selected := q.selected
	for c := from; c < len(q.rows) && !q.s.over(); c++ {
		q.selected = append(selected[:len(selected):len(selected)], c)
		q.choose(c+1, plus(sum, q.rows[c]))
	}
}

// look looks for the cells of what is selected.
func (q selection) look(sum Vector) {
	if q.s.tired() {
		return
	}
	lo, _ := q.s.g.lin.Throughs(q.block)
	q.s.through[lo] = sum
	v, above := q.s.g.derivative(q.s.through), q.s.g.kink(q.block).Above
	rest := except(q.selected, len(q.rows))
	q.done = func() bool { isNew, _ := q.s.sought(v); return !isNew }
	q.place(rest, above)
	q.done = func() bool { _, falls := q.s.sought(v); return !falls }
	if !q.done() {
		q.s.within(func() []Vector { return []Vector{negated(v)} }, func() { q.place(rest, above) })
	}
}

// except lists the numbers below n that a list lacks.
func except(list []int, n int) (out []int) {
	at := 0
	for i := range n {
		if at < len(list) && list[at] == i {
			at++
			continue
		}
		out = append(out, i)
	}
	return out
}

// place puts the first of the entries that are left on one side of the selected ones, and
// then on the other; above says how many have to go above.
func (q selection) place(rest []int, above int) {
	switch {
	case q.done() || q.s.tired():
		return
	case len(rest) == 0:
		q.s.arrive()
		return
	}
	n := 1
	if above == 0 || above == len(rest) { // all of them go there
		n = len(rest)
	}
	if above > 0 {
		q.s.within(func() []Vector { return q.apart(rest[:n], q.selected) }, func() { q.place(rest[n:], above-n) })
	}
	if above < len(rest) {
		q.s.within(func() []Vector { return q.apart(q.selected, rest[:n]) }, func() { q.place(rest[n:], above) })
	}
}
