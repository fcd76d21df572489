package codegen

// runs describe a list of positions: nested loops of so many rounds, the outermost first, that begin at first and
// whose variables move the position by steps. A list that is not regular has a table instead.
type runs struct {
	first         int
	counts, steps []int
	table         []int32
}

// maxDepth is the deepest nest of loops.
const maxDepth = 4

// runsOf finds the shortest nest of loops that gives a list, innermost loop first.
func runsOf(list []int32) runs {
	var r runs
	r.first = int(list[0])
	rest := list
	for len(rest) > 1 || len(r.counts) == 0 {
		count, step := longestRun(rest)
		starts := startsOf(rest, count, step)
		if starts == nil || len(r.counts) == maxDepth {
			return runs{counts: []int{1, len(list)}, table: list}
		}
		r.counts, r.steps = append([]int{count}, r.counts...), append([]int{step}, r.steps...)
		rest = starts
	}
	return r
}

// longestRun returns how many entries at the beginning are evenly spaced.
func longestRun(list []int32) (count, step int) {
	if len(list) == 1 {
		return 1, 1
	}
	step = int(list[1] - list[0])
	count = 2
	for count < len(list) && int(list[count]-list[count-1]) == step {
		count++
	}
	return count, step
}

// startsOf cuts a list into runs of that length and spacing and returns where they begin, nil if it is not made of
// them.
func startsOf(list []int32, count, step int) []int32 {
	if len(list)%count != 0 {
		return nil
	}
	var starts []int32
	for lo := 0; lo < len(list); lo += count {
		for j := range count {
			if int(list[lo+j]-list[lo]) != j*step {
				return nil
			}
		}
		starts = append(starts, list[lo])
	}
	return starts
}
