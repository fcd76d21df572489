// Package generated holds gradients of the chains as package codegen writes them, so that the verb bench can measure
// generated code on a machine without a compiler. Its test fails when they are not what codegen writes today, and with
// UPDATE_GENERATED=1 writes them anew.
package generated
