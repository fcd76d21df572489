package expr

import (
	"fmt"
	"slices"
)

// reasons holds what nodes lack, and sets of them; set 0 is empty. Sets are
// shared, because most entries of a program lack nothing or the same.
type reasons struct {
	all    []Reason
	ofNode map[Node][]reasonSet // one for each entry that lacks something, up to maxReasons
	sets   [][]int
	known  map[string]reasonSet
	joined map[[2]reasonSet]reasonSet
}

// reasonSet is the number of a set of reasons.
type reasonSet int32

// maxReasons bounds the reasons of one node, which entries may have of their own.
const maxReasons = 16

// add returns a set with one reason of the node.
func (r *reasons) add(n Node, why string) reasonSet {
	if r.ofNode == nil {
		r.ofNode, r.known, r.joined = map[Node][]reasonSet{}, map[string]reasonSet{}, map[[2]reasonSet]reasonSet{}
		r.sets = [][]int{nil}
	}
	own := r.ofNode[n]
	for _, s := range own {
		if r.all[r.sets[s][0]].Why == why {
			return s
		}
	}
	switch {
	case len(own) > maxReasons:
		return own[maxReasons]
	case len(own) == maxReasons:
		why = "it is not certified at one of many entries"
	}
	r.all = append(r.all, Reason{n, why})
	s := r.set([]int{len(r.all) - 1})
	r.ofNode[n] = append(own, s)
	return s
}

func (r *reasons) set(members []int) reasonSet {
	key := fmt.Sprint(members)
	s, ok := r.known[key]
	if !ok {
		s = reasonSet(len(r.sets))
		r.sets = append(r.sets, members)
		r.known[key] = s
	}
	return s
}

func (r *reasons) union(s, t reasonSet) reasonSet {
	switch {
	case s == t || t == 0:
		return s
	case s == 0:
		return t
	}
	key := [2]reasonSet{min(s, t), max(s, t)}
	u, ok := r.joined[key]
	if !ok {
		members := slices.Concat(r.sets[s], r.sets[t])
		slices.Sort(members)
		u = r.set(slices.Compact(members))
		r.joined[key] = u
	}
	return u
}

// list returns the members of a set in topological order, the first of each
// node.
func (r *reasons) list(s reasonSet) []Reason {
	if s == 0 {
		return nil
	}
	out := make([]Reason, 0, len(r.sets[s]))
	for _, i := range r.sets[s] {
		if len(out) == 0 || out[len(out)-1].Node != r.all[i].Node {
			out = append(out, r.all[i])
		}
	}
	return out
}
