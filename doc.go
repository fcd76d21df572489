// Package tamegrad documents the module; the code is in its subdirectories. Read them in this order,
// which is also the order in which they may import one another:
//
//   - [github.com/tamegrad/tamegrad/expr]: programs as graphs of operations, and the one executor for them
//   - [github.com/tamegrad/tamegrad/ad]: differentiation of graphs, the free choices at kinks left open as slots
//   - [github.com/tamegrad/tamegrad/clarke]: the Clarke subdifferential of a function, with certificates
//   - [github.com/tamegrad/tamegrad/conservative]: the conservative field of a program, all that backpropagation can return
//   - [github.com/tamegrad/tamegrad/sgd]: stochastic subgradient methods and training
//
// The command in experiments runs reproducible experiments on top of them: go run ./experiments run.
package tamegrad
