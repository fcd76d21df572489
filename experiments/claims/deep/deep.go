// Package deep has the experiments on what deep learning adds to optimization: layers and data
// that are drawn or normalised, and networks with more weights than data.
package deep

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{dropout(), batchNorm(), augmentation(), directional(), memorise(), linearNets(), overparametrised(), lazy(), meanField(), inertialMomentum(), inertialTraining()}
}
