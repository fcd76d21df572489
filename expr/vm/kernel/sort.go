package kernel

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"unsafe"
)

// Sorting is stable, and −0 ties with 0, so that an order is a function of the numbers: every way to find it finds the
// same. Short rows are sorted by counting, for each entry, those that come before it, without a branch that depends on
// the numbers. Long ones are sorted digit by digit (Knuth, The Art of Computer Programming 3, section 5.2.5) by an
// integer that is ordered as the numbers are. Its upper half stands in one word with the position of the entry, and
// the few entries of a float64 row that agree in it are sorted by the rest of the integer afterwards.

// The most entries for which counting, whose work is quadratic, is faster than the tables of digits: in Go, and in
// vectors for the kernel. Measured on a Xeon of 2023.
const (
	longestCounted = 40
	vectorsCounted = 16
)

// longestInserted is the most entries of a run that are sorted by insertion.
const longestInserted = 16

// Order sets order, which has as many entries as x, to the positions of x in ascending order of their entries; ties,
// also of −0 and 0, keep the order of their positions. spare is scratch of that length. It reports false if an entry
// is NaN: then order means nothing.
func Order[T Real](order []int, x []T, spare []int) bool {
	return linearOf[T](chosen).orderRow(order, x, spare)
}

// orderRow is Order along a path.
func (l *linear[T]) orderRow(order []int, x []T, spare []int) bool {
	order, spare = order[:len(x)], spare[:len(x)]
	switch {
	case l.ranks != nil && len(x) <= vectorsCounted*l.lanes && len(x) > 1:
		return l.countVectors(order, x, spare)
	case len(x) <= longestCounted:
		return count(order, x, spare)
	case hasNaN(x):
		return false
	case bits.UintSize < 64: // a position and half of a key do not fit into an int
		compare(order, x)
		return true
	}
	for i, v := range x {
		order[i] = word(uint32(key(v)>>32), i)
	}
	sortWords(order, spare)
	if unsafe.Sizeof(x[0]) > 4 {
		settle(order, x, spare)
	}
	for i, w := range order {
		order[i] = position(w)
	}
	return true
}

// countVectors is count along the kernel, whose ranks are integers of the size of T.
func (l *linear[T]) countVectors(order []int, x []T, spare []int) bool {
	if l.ranks(&spare[0], &x[0], len(x)) {
		return false
	}
	if unsafe.Sizeof(x[0]) == 4 {
		place(order, unsafe.Slice((*int32)(unsafe.Pointer(&spare[0])), len(x)))
	} else {
		place(order, spare)
	}
	return true
}

// place is the order of entries of which the ranks are known.
func place[R int | int32](order []int, rank []R) {
	for i, r := range rank {
		order[r] = i
	}
}

func hasNaN[T Real](x []T) bool {
	_, isNaN := of[T](chosen).Largest(x)
	return isNaN
}

// count lets every entry pass the larger ones before it.
func count[T Real](order []int, x []T, rank []int) bool {
	isNaN := false
	for i, v := range x {
		isNaN = isNaN || v != v
		r := i
		for j, u := range x[:i] {
			passed := 0
			if u > v {
				passed = 1
			}
			rank[j] += passed
			r -= passed
		}
		rank[i] = r
	}
	place(order, rank)
	return !isNaN
}

func compare[T Real](order []int, x []T) {
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
}

// key returns an integer that is ordered as the numbers are, equal for −0 and 0. That of a float32 is in the upper half.
func key[T Real](v T) uint64 {
	v += 0 // −0 becomes 0
	var b uint64
	if unsafe.Sizeof(v) == 4 {
		b = uint64(math.Float32bits(float32(v))) << 32
	} else {
		b = math.Float64bits(float64(v))
	}
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// word is half a key, in the lower half, and a position. Sorting exchanges the halves.
func word(half uint32, i int) int { return int(uint64(i)<<32 | uint64(half)) }

func position(sorted int) int { return int(uint32(sorted)) }
func half(sorted int) uint64  { return uint64(sorted) >> 32 }

// sortWords sorts by the halves of keys, from the last digit to the first. Each pass turns the words by a digit, so
// that the next one is the lowest.
func sortWords(words, spare []int) {
	var start [4][256]uint32 // how often a digit occurs, then where its next word goes
	for _, w := range words {
		start[0][uint8(w)]++
		start[1][uint8(w>>8)]++
		start[2][uint8(w>>16)]++
		start[3][uint8(w>>24)]++
	}
	from, to := words, spare[:len(words)]
	for d := range start {
		s := &start[d]
		if s[uint8(from[0])] == uint32(len(from)) { // nothing to sort
			for i, w := range from {
				from[i] = turn(w)
			}
			continue
		}
		before := uint32(0)
		for digit, n := range s {
			s[digit] = before
			before += n
		}
		for _, w := range from {
			at := s[uint8(w)]
			s[uint8(w)] = at + 1
			to[at] = turn(w)
		}
		from, to = to, from
	}
	if &from[0] != &words[0] {
		copy(words, from)
	}
}

func turn(w int) int { return int(bits.RotateLeft64(uint64(w), -8)) }

// settle sorts the runs of sorted words that have the same half of a key by the other half.
func settle[T Real](words []int, x []T, spare []int) {
	last := half(words[0])
	for lo := 1; lo < len(words); lo++ {
		h := half(words[lo])
		if h != last {
			last = h
			continue
		}
		hi := lo + 1
		for hi < len(words) && half(words[hi]) == h {
			hi++
		}
		settleRun(words[lo-1:hi], x, spare)
		lo = hi - 1
	}
}

func settleRun[T Real](run []int, x []T, spare []int) {
	if len(run) <= longestInserted {
		insert(run, x)
		return
	}
	for i, w := range run {
		run[i] = word(uint32(key(x[position(w)])), position(w))
	}
	sortWords(run, spare)
}

func insert[T Real](run []int, x []T) {
	for i, w := range run {
		v := x[position(w)]
		for ; i > 0 && x[position(run[i-1])] > v; i-- {
			run[i] = run[i-1]
		}
		run[i] = w
	}
}
