// Package ad differentiates programs: graph in, graph out, in the same
// language.
//
// Backward and Forward return programs whose kinks are open: every nonsmooth
// node has slots, and the set of values over all slots is the conservative
// field D of the program. Wire closes slots, and what it wires them to decides
// what the derivative means:
//
//	a Preset          the selection that a framework returns
//	AtKink, AtSlot    one value for all kinks
//	Random            a random vertex of every slot's set: a sample of D
//	Along             the branch taken in a direction: exact one-sided
//	                  directional derivatives, lexicographic derivatives and
//	                  elements of Clarke's subdifferential
package ad
