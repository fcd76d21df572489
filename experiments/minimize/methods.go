package minimize

import "github.com/tamegrad/tamegrad/clarke/descent"

// methods lists the methods, with their published defaults and a seed for those that draw. To offer
// one more, add it here.
func methods(seed uint64) []descent.Method {
	return []descent.Method{
		descent.Auto{Seed: seed},
		descent.GradientSampling{Seed: seed},
		descent.BFGS{Seed: seed},
		descent.Bundle{Seed: seed},
		descent.INGD{Seed: seed},
		descent.Goldstein{Seed: seed},
		descent.Subgradient{Seed: seed},
	}
}

// Methods returns the names of the methods.
func Methods() []string {
	var names []string
	for _, m := range methods(0) {
		names = append(names, m.Name())
	}
	return names
}
