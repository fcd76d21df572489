package sgd

import (
	"fmt"
	"slices"
)

// Groups divides the parameters among methods, as PyTorch's param_groups do.
type Groups []Group

// Group is a method for some of the parameters.
type Group struct {
	Params []string // names; none stands for all that no other group names
	Method Method
	Rate   float64 // factor of the schedule's step size, above 0; 1 leaves it
}

// Start implements [Method]. The error is a *MethodError for a bad factor, and a
// *CombineError for a name that is unknown or given twice, for parameters without
// a group, and for a method that is missing or searches.
func (g Groups) Start(params []Param) (State, error) {
	owner, err := g.owners(params)
	if err != nil {
		return nil, err
	}
	s := &groups{members: make([]member, len(g))}
	for i, group := range g {
		if err := positive("Groups", fmt.Sprintf("[%d].Rate", i), group.Rate); err != nil {
			return nil, err
		}
		m := &s.members[i]
		m.factor = group.Rate
		for j, p := range params {
			if owner[j] == i {
				m.at, m.params = append(m.at, j), append(m.params, p)
			}
		}
		if m.State, err = startInner("Groups", group.Method, m.params); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// owners returns the index of each parameter's group.
func (g Groups) owners(params []Param) ([]int, error) {
	rest := -1
	named := map[string]int{}
	for i, group := range g {
		if len(group.Params) == 0 {
			if rest >= 0 {
				return nil, &CombineError{"Groups", fmt.Sprintf("groups %d and %d both take the rest; name the parameters of one", rest, i)}
			}
			rest = i
		}
		for _, name := range group.Params {
			if _, twice := named[name]; twice {
				return nil, &CombineError{"Groups", fmt.Sprintf("parameter %q is named twice; name it once", name)}
			}
			if !slices.ContainsFunc(params, func(p Param) bool { return p.Name == name }) {
				return nil, &CombineError{"Groups", fmt.Sprintf("there is no parameter %q", name)}
			}
			named[name] = i
		}
	}
	owner := make([]int, len(params))
	for j, p := range params {
		i, ok := named[p.Name]
		if !ok {
			i = rest
		}
		if i < 0 {
			return nil, &CombineError{"Groups", fmt.Sprintf("parameter %q has no group; add a group without names for the rest", p.Name)}
		}
		owner[j] = i
	}
	return owner, nil
}

type groups struct{ members []member }

type member struct {
	State
	factor float64
	at     []int   // where the parameters are among all
	params []Param // of this group
}

// Update implements [State].
func (s *groups) Update(params []Param, rate float64) {
	for i := range s.members {
		m := &s.members[i]
		for k, j := range m.at {
			m.params[k] = params[j]
		}
		m.State.Update(m.params, rate*m.factor)
	}
}

// Buffers implements [State]. Names start with the group, such as "group 0 steps".
func (s *groups) Buffers() (out []Buffer) {
	for i, m := range s.members {
		for _, b := range m.Buffers() {
			b.Name = fmt.Sprintf("group %d %s", i, b.Name)
			out = append(out, b)
		}
	}
	return out
}
