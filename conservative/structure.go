package conservative

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// structure says which blocks matter and which share a path.
type structure struct {
	// live blocks have switches that move and an adjoint that is not identically
	// 0; the slots of the others multiply 0.
	live []bool
	// free blocks are the live ones where the choice makes a difference: not all
	// tied entries have one row.
	free []bool
	// groups are the free blocks, ascending, those that paths join together in one
	// list with the live blocks between them.
	groups [][]int
	depth  []int // of each group: most free blocks on one path
	// alike has for every member the first one of its block with an equal row.
	alike []int
	home  []int // of every member: its block
}

// affine reports whether no two free blocks are on one path.
func (r *structure) affine() bool {
	return !slices.ContainsFunc(r.depth, func(d int) bool { return d > 1 })
}

// newStructure follows the terms of the rows.
func newStructure[T any](s *system[T]) *structure {
	n := len(s.blocks)
	r := &structure{live: make([]bool, n), free: make([]bool, n), alike: make([]int, len(s.z)), home: make([]int, len(s.z))}
	home := r.home
	owner := make([]int, len(s.back))
	moves := make([]bool, n)
	for b := range s.blocks {
		e := &s.blocks[b]
		for t := e.from; t < e.to; t++ {
			owner[t] = b
		}
		for k := e.lo; k < e.hi; k++ {
			home[k] = b
			r.alike[k] = s.firstAlike(e.lo, k)
			r.free[b] = r.free[b] || r.alike[k] > e.lo || e.kind == expr.StepSlot || e.kind == expr.DirectionSlot
			moves[b] = moves[b] || slices.ContainsFunc(s.z[k], s.isNonzero) ||
				slices.ContainsFunc(s.terms[k], func(t term[T]) bool { return moves[owner[t.at]] })
		}
	}
	for b := n - 1; b >= 0; b-- {
		r.live[b] = moves[b] && s.arrives(b, func(k int) bool { return r.live[home[k]] })
		r.free[b] = r.free[b] && r.live[b]
	}
	r.join(s.edges(home, r.live))
	return r
}

func (s *system[T]) isNonzero(c T) bool { return s.sign(c) != 0 }

// firstAlike returns the first member, from lo, whose row equals that of k.
func (s *system[T]) firstAlike(lo, k int) int {
	same := func(a, b T) bool { return s.compare(a, b) == 0 }
	for j := lo; j < k; j++ {
		if slices.EqualFunc(s.z[j], s.z[k], same) &&
			slices.EqualFunc(s.terms[j], s.terms[k], func(a, b term[T]) bool { return a.at == b.at && same(a.c, b.c) }) {
			return j
		}
	}
	return k
}

// arrives reports whether an adjoint of block b is not identically 0.
func (s *system[T]) arrives(b int, live func(k int) bool) bool {
	for t := s.blocks[b].from; t < s.blocks[b].to; t++ {
		for o := range s.m {
			if s.sign(s.jacobi[o][t]) != 0 {
				return true
			}
		}
		if slices.ContainsFunc(s.back[t], func(e term[T]) bool { return live(e.at) }) {
			return true
		}
	}
	return false
}

// edges lists, for every live block, the later live blocks that it feeds.
func (s *system[T]) edges(home []int, live []bool) [][]int {
	out := make([][]int, len(s.blocks))
	for b := range s.blocks {
		for t := s.blocks[b].from; live[b] && t < s.blocks[b].to; t++ {
			for _, e := range s.back[t] {
				if c := home[e.at]; live[c] && !slices.Contains(out[b], c) {
					out[b] = append(out[b], c)
				}
			}
		}
	}
	return out
}

// join makes the groups from the edges between live blocks.
func (r *structure) join(edges [][]int) {
	group := make([]int, len(edges))
	longest := make([]int, len(edges)) // path of free blocks from here on
	for b := len(edges) - 1; b >= 0; b-- {
		group[b] = b
		for _, c := range edges[b] {
			longest[b] = max(longest[b], longest[c])
			for from, to := group[c], group[b]; from != to; {
				for i := range group {
					if group[i] == from {
						group[i] = to
					}
				}
				from = to
			}
		}
		if r.free[b] {
			longest[b]++
		}
	}
	for root := range edges {
		var list []int
		depth := 0
		for b := range edges {
			if group[b] == root && r.live[b] {
				list, depth = append(list, b), max(depth, longest[b])
			}
		}
		if depth > 0 {
			r.groups, r.depth = append(r.groups, list), append(r.depth, depth)
		}
	}
}
