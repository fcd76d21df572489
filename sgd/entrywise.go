package sgd

import "slices"

// rule is an update of each entry from its own past: the part in which most
// methods differ.
type rule interface {
	// begin is called once for step t = 1, 2, … with its learning rate.
	begin(t, rate float64)
	// update moves one parameter. Its arrays in past, of the parameter's size and
	// zero at first, are those whose kinds were given to newEntrywise.
	update(p Param, past [][]float64)
}

// entrywise is the State of a method that has a rule.
type entrywise struct {
	rule
	steps   []float64     // one entry: how many are made
	past    [][][]float64 // by parameter, then by kind
	buffers []Buffer
}

// newEntrywise makes the state before the first step. Its buffers are the number
// of steps, then for each kind one array a parameter, such as "square w0", then
// the numbers that the rule keeps from step to step.
func newEntrywise(r rule, params []Param, kinds []string, numbers ...Buffer) *entrywise {
	s := &entrywise{rule: r, steps: make([]float64, 1), past: make([][][]float64, len(params))}
	s.buffers = []Buffer{{"steps", s.steps}}
	for _, kind := range kinds {
		for i, p := range params {
			b := Buffer{kind + " " + p.Name, make([]float64, len(p.Value))}
			s.past[i] = append(s.past[i], b.Values)
			s.buffers = append(s.buffers, b)
		}
	}
	s.buffers = append(s.buffers, numbers...)
	return s
}

// Buffers implements [State].
func (s *entrywise) Buffers() []Buffer { return slices.Clone(s.buffers) }

// Update implements [State].
func (s *entrywise) Update(params []Param, rate float64) {
	s.steps[0]++
	s.begin(s.steps[0], rate)
	for i, p := range params {
		s.update(p, s.past[i])
	}
}

// hasPast reports whether the rule keeps numbers for each entry. Without, it does not matter which entries are a parameter.
func (s *entrywise) hasPast() bool { return len(s.past) > 0 && len(s.past[0]) > 0 }

// blend is one step of a running mean that forgets at the rate β.
func blend(beta, mean, fresh float64) float64 {
	return float64(beta*mean) + float64((1-beta)*fresh)
}

// over returns a/b, and 0 if b is 0: an entry that has had no gradient stays,
// where ε is 0 too.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
