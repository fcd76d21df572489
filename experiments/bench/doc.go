// Package bench measures workloads by this toolkit and by other libraries side by side, checks that all compute the same
// numbers, and holds the times against bars.
//
// Every runner is a process of its own that speaks the protocol of package peer, this toolkit included: so all are
// measured from outside in the same way, have their number of threads from their first instruction on, and none finds
// memory, caches or a collector of garbage in a state that another left. In each round every process is started anew and
// measures its workloads one after the other, those that start fast even for each of them; on a workload all runners follow each other, in an order that is rotated
// from workload to workload and round to round, so that they meet the same disturbances. What counts is the median over
// rounds; a ratio is the median of the ratios within rounds, which a machine that slows down for a while disturbs less
// than the times themselves.
//
// The numbers of runners agree if their checksums do, see [Tolerance]. A runner that computes something else
// is not a rival: its row says so and the run has failed. A bar that is missed is not a failure: it is a result, printed
// where those that are held are, with the number; whether a machine is quiet enough to judge it is not for a program to say.
//
// The folders: peer has the protocol, workload the programs and inputs, own the runners of this toolkit; the others
// are in experiments/peers.
package bench
