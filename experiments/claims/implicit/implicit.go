// Package implicit has the experiments on functions that are given by an equation or by an
// iteration: their derivatives, and methods that follow from differential equations.
package implicit

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{differentiation(), piggyback(), inertial(), valley()}
}
