// Package sgd trains: stochastic first-order methods on compiled programs of
// loss and gradient.
//
// A [Model] builds the loss of a minibatch, [Data] has the rows, a [Sampler]
// draws them, a [Schedule] gives the step sizes and a [Method] the update rule.
// A [Trainer] wires the open slots of the gradient by an ad.Wiring, compiles it
// and runs the loop. What the gradient is at a kink is thus said in the open,
// and the iterates are those of
//
//	θₖ₊₁ = θₖ − αₖ vₖ,  vₖ ∈ D_J(θₖ; minibatch k),
//
// the recursion of E. Pauwels' CIMI lecture (2021) and of Davis, Drusvyatskiy,
// Kakade and Lee (FoCM 2020) with D a conservative field in place of ∂J.
//
// Methods are [SGD], [HeavyBall], [Nesterov], [Adagrad], [Adadelta], [RMSprop], [Adam], [AdamW],
// [SparseAdam], [Adamax], [NAdam], [RAdam], [Rprop], [ASGD], [Ftrl], [LBFGS] and [INNA]; [Groups] and [Clip]
// combine them. Those that PyTorch
// has too agree with it, up to rounding and rates that vary in ASGD.
//
// A [Flow] solves the limit of a method in continuous time, with events at kinks, and [CompareLimit] measures how
// far iterates are from it.
//
// [RobbinsMonro] tells which conditions on step sizes a schedule fulfils. [Trainer.Run] carries out a [Plan], with
// checkpoints from which it goes on bit for bit.
//
// An epoch is n component gradients, n being the number of rows: one step of
// gradient descent, n steps of SGD, ⌈n/b⌉ steps with minibatches of b rows.
//
// Nothing here is random by itself: sources are passed in. A run is a function
// of the program, the data, the source's state and the hyper-parameters, and is
// bit-identical each time. A training step allocates nothing.
package sgd
