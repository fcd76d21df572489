// Package critical has the experiments on where stochastic gradient methods accumulate: points
// critical for the conservative field or for Clarke's subdifferential, artificial critical points
// and how seldom they are met.
package critical

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{artificial(), avoidance(), biases(), constantStep(), digits(), digitsCritical(), reluAtZero(), tameSGD()}
}
