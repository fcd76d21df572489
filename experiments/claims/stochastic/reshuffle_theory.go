package stochastic

import "github.com/tamegrad/tamegrad/expr/vm/kernel"

// withFloor is the stationary error with replacement in units of s².
func withFloor(alpha float64) float64 { return alpha / (2 - alpha) }

// endsFloor is the stationary error at the ends of epochs of n rows in units of s².
func endsFloor(alpha float64, n int) float64 {
	rows, q := float64(n), kernel.Pow(1-alpha, float64(n))
	return rows / (rows - 1) * (withFloor(alpha) - (1-q)/(rows*(1+q)))
}

// innerFloor is the mean over the positions j = 1, …, n of an epoch, in units of s².
func innerFloor(alpha float64, n int) float64 {
	rows, ends := float64(n), endsFloor(alpha, n)
	sum := 0.0
	for j := 1; j <= n; j++ {
		q := kernel.Pow(1-alpha, float64(j))
		fresh := float64((1-float64(q*q))*withFloor(alpha)) - (1-q)*(1-q)/rows
		sum += float64(q*q*ends) + float64(rows/(rows-1)*fresh)
	}
	return sum / rows
}

// unequal are losses (hᵢ/2)(x − aᵢ)² with Σhᵢaᵢ = 0 and different hᵢ of mean 1.
type unequal struct{ h, a []float64 }

// newUnequal spreads h evenly over (0, 2) and takes hᵢaᵢ = hᵢ − 1.
func newUnequal(n int) unequal {
	u := unequal{make([]float64, n), make([]float64, n)}
	for i := range n {
		u.h[i] = float64(2*i+1) / float64(n)
		u.a[i] = (u.h[i] - 1) / u.h[i]
	}
	return u
}

func (u unequal) problem() problem {
	return problem{
		text: "mean(h * (theta[0] - a)^2) / 2", dim: 1, rows: len(u.h),
		columns: []column{{"h", 0, u.h}, {"a", 0, u.a}},
	}
}

// epoch describes an epoch without replacement: it is the affine map x ← ax + B with the same a for
// every order, and B has this mean and variance over all n! orders.
func (u unequal) epoch(alpha float64) (a, mean, variance float64) {
	second, count := 0.0, 0.0
	permutations(len(u.h), func(order []int) {
		scale, b := 1.0, 0.0
		for _, i := range order {
			q := 1 - float64(alpha*u.h[i])
			scale, b = scale*q, float64(q*b)+float64(alpha*u.h[i]*u.a[i])
		}
		a, mean, second, count = scale, mean+b, second+float64(b*b), count+1
	})
	mean /= count
	return a, mean, second/count - float64(mean*mean)
}

// endsFloor is the stationary squared error at the ends of epochs.
func (u unequal) endsFloor(alpha float64) float64 {
	a, mean, variance := u.epoch(alpha)
	bias := mean / (1 - a)
	return float64(bias*bias) + variance/(1-float64(a*a))
}

// permutations visits all n! orders of 0, …, n − 1 (Heap's algorithm).
func permutations(n int, visit func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var rest func(k int)
	rest = func(k int) {
		if k <= 1 {
			visit(order)
			return
		}
		for i := range k {
			rest(k - 1)
			j := i * (1 - k%2) // i if k is even, else 0
			if i < k-1 {
				order[j], order[k-1] = order[k-1], order[j]
			}
		}
	}
	rest(n)
}
