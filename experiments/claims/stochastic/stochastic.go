// Package stochastic has the experiments on stochastic gradients of smooth sums: epochs and
// sampling, the descent lemma, step sizes and the noise floor.
package stochastic

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{unbiased(), epochCounts(), product(), descentLemma(), noiseFloor(), reshuffleFloor(), reshuffleRate(), stepConditions(), boundedIterates()}
}
