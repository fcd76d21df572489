package expr

import (
	"math"
	"slices"
)

// Selectors are constant off their kinks. Their first key decides; where it
// ties, further keys do not make a selector continuous.

// slotDegree is the degree of selectors: that of the slot, the last operand.
func slotDegree(deg []int, _ Attr) int { return deg[len(deg)-1] }

func regularStep(c *Call[float64]) string {
	if slices.Contains(c.In[0], 0) {
		return "a step jumps where its key is 0"
	}
	return ""
}

// regularTied is that of Tied, which is 0 near a point where any key is not 0.
func regularTied(c *Call[float64]) string {
	for i := range c.In[0] {
		if !slices.ContainsFunc(c.In, func(key []float64) bool { return key[i] != 0 }) {
			return "a tie of all keys"
		}
	}
	return ""
}

// regularRank certifies weights of ranks [from, to) if no tie straddles one of
// the two ends.
func regularRank(c *Call[float64]) string {
	row := make([]float64, c.Shapes[0].Dim(-1))
	for b := range c.Shapes[0].Size() / len(row) {
		copy(row, c.row(0, b, len(row)))
		slices.Sort(row)
		slices.Reverse(row)
		for _, end := range [2]int{c.Attr.Int(0), c.Attr.Int(1)} {
			if 0 < end && end < len(row) && row[end-1] == row[end] {
				return "ranks jump where entries tie"
			}
		}
	}
	return ""
}

func regularOrder(c *Call[float64]) string {
	row := make([]float64, c.Shapes[0].Dim(-1))
	for b := range c.Shapes[0].Size() / len(row) {
		copy(row, c.row(0, b, len(row)))
		slices.Sort(row)
		if len(slices.Compact(row)) < len(row) {
			return "an order jumps where entries tie"
		}
	}
	return ""
}

// regularSnap certifies single entries that are not at the tolerance.
func regularSnap(c *Call[float64]) string {
	tol := c.Attr[0].Float()
	far := func(v float64) bool { return math.Abs(v) != tol }
	if tol == 0 || SnapMode(c.Attr.Int(1)) == SnapEntries && !slices.ContainsFunc(c.In[0], func(v float64) bool { return !far(v) }) {
		return ""
	}
	return "a snapped switch jumps"
}

// signRange, floorRange and betweenIntegers belong to the ops that jump.

func signRange(k *Known) Interval {
	if s, known := k.In[0].sign(); known {
		return between(float64(s), float64(s))
	}
	i := between(-1, 1)
	i.Zero = k.In[0].Zero
	return i
}

func floorRange(k *Known) Interval { return between(math.Floor(k.In[0].Lo), math.Floor(k.In[0].Hi)) }

func betweenIntegers(i Interval) bool {
	return math.Floor(i.Lo) < i.Lo && i.Hi < math.Floor(i.Lo)+1
}
