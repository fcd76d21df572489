// Package network builds neural networks as programs.
//
// A [Layer] adds nodes to a program; a [Network] is a layer with the shape of
// its input and a [Loss], and gives the program of the loss of a minibatch, that
// of the outputs, and initial parameters. Every tensor has an explicit first
// axis for the rows of the minibatch.
//
// The only kinks of a network are those of its layers: losses are built from
// analytic primitives, so they add none to the conservative field.
package network
