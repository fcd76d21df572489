package kernel

// largest and smallest take the first of several.
func largest[T Real](x []T) (v T, isNaN bool) {
	return farthest(x, func(a, b T) bool { return a > b })
}

func smallest[T Real](x []T) (v T, isNaN bool) {
	return farthest(x, func(a, b T) bool { return a < b })
}

func farthest[T Real](x []T, beyond func(a, b T) bool) (v T, isNaN bool) {
	for i, y := range x {
		if isNaN = isNaN || y != y; i == 0 || beyond(y, v) {
			v = y
		}
	}
	return v, isNaN
}

func equal[T Real](dst, x []T, v T) (count int) {
	for i := range min(len(dst), len(x)) {
		one := T(0)
		if x[i] == v {
			one = 1
			count++
		}
		dst[i] = one
	}
	return count
}
