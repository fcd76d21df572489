package conservative

// parts splits conv D into a Minkowski sum: a point, one set for each block that
// shares no path with another, and one tangle for each group that does. Vectors
// are flat [output][input].
type parts[T any] struct {
	*system[T]
	base     []T
	summands []summand[T]
	tangles  []tangle[T]
}

// summand is {Σ λₜₖ gₜₖ : λ in the slot set of the block}.
type summand[T any] struct {
	block      int
	generators [][]T // at t·members + k
}

// tangle is {Σ uₖ(λ) Zₖ over the blocks of a group}, with the bounds of the adjoints
// over regions that have been seen.
type tangle[T any] struct {
	list []int
	seen *regions[T]
}

func newParts[T any](s *system[T]) *parts[T] {
	p := &parts[T]{system: s}
	whole := s.wholeRegion()
	still := make(slots[T], len(s.blocks)) // free slots 0, which need not be in their sets
	tangled := make([]bool, len(s.blocks))
	for b := range s.blocks {
		if still[b] = whole.held[b]; still[b] == nil {
			e := &s.blocks[b]
			still[b] = s.zeroes(e.members() * (e.to - e.from))
		}
	}
	for g, list := range s.shape.groups {
		if s.shape.depth[g] > 1 {
			p.tangles = append(p.tangles, tangle[T]{list, &regions[T]{system: s, list: list, all: whole}})
			for _, b := range list {
				tangled[b] = true
			}
		}
	}
	rows := p.passing(still, tangled)
	for o := range s.m {
		alpha, u := s.adjoints(o, still)
		for b := range s.blocks {
			for k := s.blocks[b].lo; tangled[b] && k < s.blocks[b].hi; k++ {
				u[k] = s.of(0, 1)
			}
		}
		p.base = append(p.base, s.gather(o, u)...)
		p.generate(o, alpha, rows, tangled)
	}
	return p
}

// passing returns the rows of the members with what passes the blocks without a
// choice put in, outside tangles.
func (p *parts[T]) passing(still slots[T], tangled []bool) (rows [][]T) {
	through := make([][]T, len(p.back))
	for b := range p.blocks {
		e := &p.blocks[b]
		for k := e.lo; k < e.hi; k++ {
			row := p.z[k]
			for _, t := range p.terms[k] {
				if through[t.at] != nil {
					row = p.plus(row, t.c, through[t.at])
				}
			}
			rows = append(rows, row)
		}
		if !p.shape.live[b] || p.shape.free[b] || tangled[b] {
			continue
		}
		for t := e.from; t < e.to; t++ {
			through[t] = p.zeroes(p.n)
			for k := range e.members() {
				p.axpy(through[t], still[b][(t-e.from)*e.members()+k], rows[e.lo+k])
			}
		}
	}
	return rows
}

// plus returns row + c·x in a new buffer.
func (s *system[T]) plus(row []T, c T, x []T) []T {
	out := s.zeroes(len(row))
	s.axpy(out, s.of(1, 1), row)
	s.axpy(out, c, x)
	return out
}

// generate fills one output's part of the generators α Zₖ.
func (p *parts[T]) generate(o int, alpha []T, rows [][]T, tangled []bool) {
	next := 0
	for b := range p.blocks {
		if !p.shape.free[b] || tangled[b] {
			continue
		}
		e := &p.blocks[b]
		if o == 0 {
			s := summand[T]{block: b}
			for range e.members() * (e.to - e.from) {
				s.generators = append(s.generators, p.zeroes(p.m*p.n))
			}
			p.summands = append(p.summands, s)
		}
		for i, g := range p.summands[next].generators {
			p.axpy(g[o*p.n:(o+1)*p.n], alpha[e.from+i/e.members()], rows[e.lo+i%e.members()])
		}
		next++
	}
}
