// Package optest is the test kit of the language: random programs whose points
// land on kinks, oracles that share no code with the executors' planning, and
// the laws that every primitive obeys.
//
// Run holds one primitive, which may be a user's own, against the laws:
//
//	func TestMyOp(t *testing.T) { optest.Run(t, myOp) }
//
// Programs draws whole programs for laws about differentiation and execution:
//
//	rapid.Check(t, func(t *rapid.T) {
//		p := optest.Programs(optest.Config{Class: expr.PiecewiseAffine}).Draw(t, "p")
//		…
//	})
package optest
