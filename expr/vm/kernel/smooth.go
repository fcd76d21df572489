package kernel

// rounded applies a function of float64.
func rounded[T Real](f func(x float64) float64) func(dst, x []T) {
	return unary(func(x T) T { return T(f(float64(x))) })
}

func rounded2[T Real](f func(x, y float64) float64) func(dst, x, y []T) {
	return binary(func(x, y T) T { return T(f(float64(x), float64(y))) })
}

// group is the number of entries that f does when a kernel has stopped: those of the longest vector of float64.
const group = 8

// finished1 completes a kernel that goes straight on, and where f does not, stops: it returns how many entries it has
// done, all of them or those before the vector in which f takes another path.
func finished1[T Real](straight func(dst, x []T) (done int), f func(x float64) float64) func(dst, x []T) {
	rest := rounded[T](f)
	return func(dst, x []T) {
		n := min(len(dst), len(x))
		for dst, x = dst[:n], x[:n]; len(dst) > 0; {
			done := straight(dst, x)
			next := min(done+group, len(dst))
			rest(dst[done:next], x[done:next])
			dst, x = dst[next:], x[next:]
		}
	}
}

// finished2 is finished1 for functions of two numbers.
func finished2[T Real](straight func(dst, x, y []T) (done int), f func(x, y float64) float64) func(dst, x, y []T) {
	rest := rounded2[T](f)
	return func(dst, x, y []T) {
		n := min(len(dst), len(x), len(y))
		for dst, x, y = dst[:n], x[:n], y[:n]; len(dst) > 0; {
			done := straight(dst, x, y)
			next := min(done+group, len(dst))
			rest(dst[done:next], x[done:next], y[done:next])
			dst, x, y = dst[next:], x[next:], y[next:]
		}
	}
}
