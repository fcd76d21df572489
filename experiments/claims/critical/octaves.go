package critical

import (
	"math"
	"math/bits"
)

// octaves collects, for each octave of steps and each copy, the mean distance to
// the critical set, the mean value, and the change of the angle. last are the
// parameters one step before.
type octaves struct {
	distance, value, turn [][]float64
	last                  []float64
}

func newOctaves(n, doublings int) *octaves {
	table := func() [][]float64 {
		out := make([][]float64, doublings-firstOctave)
		for i := range out {
			out[i] = make([]float64, n)
		}
		return out
	}
	return &octaves{table(), table(), table(), make([]float64, 2*n)}
}

// see takes the parameters after a step; octave j holds the steps from
// 2^(firstOctave+j) on, and the turns that lead away from them.
func (o *octaves) see(step int, theta []float64) {
	j, j1 := bits.Len(uint(step))-1-firstOctave, bits.Len(uint(step-1))-1-firstOctave
	for i := range len(theta) / 2 {
		x, y := theta[2*i], theta[2*i+1]
		square := float64(x*x) + float64(y*y)
		r := math.Sqrt(square)
		if 0 <= j && j < len(o.distance) {
			first := float64(int(1) << (firstOctave + j))
			o.distance[j][i] += min(math.Abs(r-1), r) / first
			o.value[j][i] += math.Abs(square-1) / first
		}
		if j1 >= 0 {
			before := o.last[2*i : 2*i+2]
			length := math.Sqrt(float64(before[0]*before[0]) + float64(before[1]*before[1]))
			o.turn[j1][i] += arcsine((float64(before[0]*y) - float64(before[1]*x)) / (r * length))
		}
	}
	copy(o.last, theta)
}

// arcsine is that of a small number, by its series: the angle of one step.
func arcsine(s float64) float64 {
	q := s * s
	return s * (1 + float64(q*(1./6+float64(q*(3./40+float64(q*15./336))))))
}
