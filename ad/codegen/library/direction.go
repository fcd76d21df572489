package library

import "github.com/tamegrad/tamegrad/expr/vm/kernel"

// IsZero reports whether all entries are 0.
func IsZero(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// Direction sets dst to the first key that is not the zero vector, divided by its norm, and to the slot if all are.
func Direction(dst, slot []float64, keys ...[]float64) {
	for _, x := range keys {
		if IsZero(x) {
			continue
		}
		norm := kernel.Norm(x)
		for i, v := range x {
			dst[i] = v / norm
		}
		return
	}
	copy(dst, slot)
}

// TiedDirection sets dst to 1 if all keys are the zero vector, else to 0.
func TiedDirection(dst []float64, keys ...[]float64) {
	w := 1.0
	for _, x := range keys {
		if !IsZero(x) {
			w = 0
		}
	}
	for i := range dst {
		dst[i] = w
	}
}
