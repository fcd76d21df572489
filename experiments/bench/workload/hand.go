package workload

import "math"

// Gradients of the chains as one would write them by hand, without a care for the order of sums.

func handMaxQ(dst, x []float64) float64 {
	at, m := 0, x[0]*x[0]
	for i, v := range x {
		if q := v * v; q > m {
			at, m = i, q
		}
	}
	clear(dst)
	dst[at] = 2 * x[at]
	return m
}

func handChainedLQ(dst, x []float64) float64 {
	s := 0.0
	clear(dst)
	for i := range len(x) - 1 {
		u, v := x[i], x[i+1]
		a := -u - v
		b := a + (float64(u*u) + float64(v*v) - 1)
		if a >= b {
			s += a
			dst[i]--
			dst[i+1]--
		} else {
			s += b
			dst[i] += 2*u - 1
			dst[i+1] += 2*v - 1
		}
	}
	return s
}

func handChainedCB3II(dst, x []float64) float64 {
	s1, s2, s3 := 0.0, 0.0, 0.0
	for i := range len(x) - 1 {
		u, v := x[i], x[i+1]
		q := u * u
		s1 += float64(q*q) + float64(v*v)
		s, t := 2-u, 2-v
		s2 += float64(s*s) + float64(t*t)
		s3 += 2 * math.Exp(v-u)
	}
	clear(dst)
	switch {
	case s1 >= s2 && s1 >= s3:
		for i := range len(x) - 1 {
			u := x[i]
			dst[i] += 4 * u * u * u
			dst[i+1] += 2 * x[i+1]
		}
		return s1
	case s2 >= s3:
		for i := range len(x) - 1 {
			dst[i] -= 2 * (2 - x[i])
			dst[i+1] -= 2 * (2 - x[i+1])
		}
		return s2
	}
	for i := range len(x) - 1 {
		e := 2 * math.Exp(x[i+1]-x[i])
		dst[i] -= e
		dst[i+1] += e
	}
	return s3
}

func handActiveFaces(dst, x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	at, m := -1, math.Log(math.Abs(-s)+1)
	for i, v := range x {
		if y := math.Log(math.Abs(v) + 1); y > m {
			at, m = i, y
		}
	}
	if at >= 0 {
		clear(dst)
		dst[at] = math.Copysign(1/(math.Abs(x[at])+1), x[at])
		return m
	}
	d := math.Copysign(1/(math.Abs(s)+1), s)
	for i := range dst {
		dst[i] = d
	}
	return m
}

func handCrescentI(dst, x []float64) float64 {
	s1, s2 := 0.0, 0.0
	for i := range len(x) - 1 {
		u, w := x[i], x[i+1]-1
		q := float64(u*u) + float64(w*w)
		s1 += q + w
		s2 += x[i+1] + 1 - q
	}
	clear(dst)
	if s1 >= s2 {
		for i := range len(x) - 1 {
			dst[i] += 2 * x[i]
			dst[i+1] += 2*(x[i+1]-1) + 1
		}
		return s1
	}
	for i := range len(x) - 1 {
		dst[i] -= 2 * x[i]
		dst[i+1] += 1 - 2*(x[i+1]-1)
	}
	return s2
}
