// Package tame has the experiments on tameness: what a typical Lipschitz function looks like, and
// why the losses of deep learning are no typical ones.
package tame

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim { return []claim.Claim{typicalLipschitz(), tameLosses(), tameClosure()} }
