package expr

import "math/rand/v2"

// A sampler draws one scalar.
type sampler func(r *rand.Rand) float64

// dyadic draws from a coarse dyadic grid, so that kinks are hit and sums and
// products are exact; it is 0 about a fifth of the time.
func dyadic(r *rand.Rand) float64 {
	if r.IntN(6) == 0 {
		return 0
	}
	return float64(r.IntN(17)-8) / 4
}

func positive(r *rand.Rand) float64 { return float64(1+r.IntN(16)) / 4 }

// nonzero draws away from 0.
func nonzero(r *rand.Rand) float64 {
	if r.IntN(2) == 0 {
		return -positive(r)
	}
	return positive(r)
}

// kinked draws one of the kinks half of the time.
func kinked(kinks ...float64) sampler {
	return func(r *rand.Rand) float64 {
		if r.IntN(2) == 0 {
			return kinks[r.IntN(len(kinks))]
		}
		return dyadic(r)
	}
}

// sample draws n operands of a small common shape, entry by entry.
func sample(n int, at Attr, draw sampler) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		s, _ := NewShape([][]int{nil, {1}, {3}, {2, 3}}[r.IntN(4)]...)
		return fill(r, at, draw, repeat(s, n)...)
	}
}

// sampleTied draws operands that agree in about half of their entries.
func sampleTied(n int, at Attr) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		e := sample(n, at, dyadic)(r)
		for i := range e.Values[0] {
			if r.IntN(2) == 0 {
				for _, v := range e.Values[1:] {
					v[i] = e.Values[0][i]
				}
			}
		}
		return e
	}
}

// sampleShaped draws operands of the given extents.
func sampleShaped(at Attr, draw sampler, dims ...[]int) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		return fill(r, at, draw, shapesOf(dims...)...)
	}
}

// sampleRows draws one operand whose rows have many ties.
func sampleRows(at Attr) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		s, _ := NewShape([][]int{{1}, {2}, {3}, {5}, {2, 4}}[r.IntN(5)]...)
		return fill(r, at, func(r *rand.Rand) float64 { return float64(r.IntN(5) - 2) }, s)
	}
}

// sampled fills an example's operands with dyadic numbers.
func sampled(example func() Example) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		e := example()
		return fill(r, e.Attr, dyadic, e.Shapes...)
	}
}

func shapesOf(dims ...[]int) []Shape {
	out := make([]Shape, len(dims))
	for i, d := range dims {
		out[i], _ = NewShape(d...)
	}
	return out
}

func fill(r *rand.Rand, at Attr, draw sampler, shapes ...Shape) Example {
	e := Example{Attr: at, Shapes: shapes}
	for _, s := range shapes {
		v := make([]float64, s.Size())
		for i := range v {
			v[i] = draw(r)
		}
		e.Values = append(e.Values, v)
	}
	return e
}

func repeat(s Shape, n int) []Shape {
	out := make([]Shape, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// smallInt draws from few values, so that entries tie.
func smallInt(r *rand.Rand) float64 { return float64(r.IntN(3) - 1) }
