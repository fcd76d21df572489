package expr

import "slices"

// reasons holds what nodes lack, and sets of them; set 0 is empty. Most entries
// of a program lack nothing or the same, and in a chain of n nodes that each
// lack something the sets have 1 to n members. So a set is a node of a DAG, made
// of two others, and its members are listed only in the end.
type reasons struct {
	all    []Reason
	node   Node        // the last that lacks something
	own    []reasonSet // its reasons: one for each entry that lacks something, up to maxReasons
	sets   []reasonParts
	joined map[[2]reasonSet]reasonSet
}

// reasonSet is the number of a set of reasons.
type reasonSet int32

// reasonParts is what a set consists of: two sets, or a single reason if they
// are empty.
type reasonParts struct {
	left, right reasonSet
	reason      int32
}

// maxReasons bounds the reasons of one node, which entries may have of their own.
const maxReasons = 16

// add returns a set with one reason of the node. All reasons of a node are added
// while it is visited.
func (r *reasons) add(n Node, why string) reasonSet {
	if r.joined == nil {
		r.joined = map[[2]reasonSet]reasonSet{}
		r.sets = make([]reasonParts, 1)
	}
	if r.node != n {
		r.node, r.own = n, r.own[:0]
	}
	for _, s := range r.own {
		if r.all[r.sets[s].reason].Why == why {
			return s
		}
	}
	switch {
	case len(r.own) > maxReasons:
		return r.own[maxReasons]
	case len(r.own) == maxReasons:
		why = "it is not certified at one of many entries"
	}
	r.all = append(r.all, Reason{Node: n, Why: why})
	s := r.set(reasonParts{reason: int32(len(r.all) - 1)})
	r.own = append(r.own, s)
	return s
}

func (r *reasons) set(p reasonParts) reasonSet {
	r.sets = append(r.sets, p)
	return reasonSet(len(r.sets) - 1)
}

func (r *reasons) union(s, t reasonSet) reasonSet {
	switch {
	case t == 0 || r.has(s, t):
		return s
	case s == 0 || r.has(t, s):
		return t
	}
	key := [2]reasonSet{min(s, t), max(s, t)}
	u, ok := r.joined[key]
	if !ok {
		u = r.set(reasonParts{left: key[0], right: key[1]})
		r.joined[key] = u
	}
	return u
}

// has reports whether t is s or one of the two sets that s was made of. It need
// not find all subsets: it only keeps sets few.
func (r *reasons) has(s, t reasonSet) bool {
	return s == t || s != 0 && (r.sets[s].left == t || r.sets[s].right == t)
}

// list returns the members of a set in topological order, the first of each
// node, with advice.
func (r *reasons) list(s reasonSet) []Reason {
	var out []Reason
	for _, i := range r.members(s) {
		if len(out) == 0 || out[len(out)-1].Node != r.all[i].Node {
			out = append(out, r.all[i])
			out[len(out)-1].Mend = mend(r.all[i].Node)
		}
	}
	return out
}

// members returns the numbers of the reasons in a set, ascending.
func (r *reasons) members(s reasonSet) []int32 {
	if s == 0 {
		return nil
	}
	var found []int32
	seen := make([]bool, s+1) // parts have smaller numbers
	for open := []reasonSet{s}; len(open) > 0; {
		t := open[len(open)-1]
		open = open[:len(open)-1]
		if seen[t] {
			continue
		}
		seen[t] = true
		if p := r.sets[t]; p.left != 0 {
			open = append(open, p.left, p.right)
		} else {
			found = append(found, p.reason)
		}
	}
	slices.Sort(found)
	return found
}
